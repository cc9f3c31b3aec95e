// Cached Prisma clients on a test database, and the check that follows every test.

import type { Cache, ProcessAuthority } from '@larder/core'
import { type CacheExtensionOptions, cacheExtension, withCache } from '@larder/prisma'
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest'
import { sameValue } from '../../packages/core/src/value/same-value.ts'
import type { Dialect } from '../../prisma/shop-sql.ts'
import { cacheUnderTest } from '../contract/cache-under-test.ts'
import type { ContractOptions } from '../contract/contract-orm.ts'
import { ReadRecorder } from '../contract/read-recorder.ts'
import { StatementTap } from '../contract/statement-tap.ts'
import { type DatabaseSource, databaseKinds, describeDatabases } from '../servers/databases.ts'
import type { ShopClient, ShopClientOptions } from '../servers/shop-client.ts'
import type { DatabaseKind, TestDatabase } from '../servers/test-database.ts'
import { tappedAdapter } from './tapped-adapter.ts'

/** The sample client after the one line that makes it cached, typed with `cacheStrategy`. */
export type CachedShopClient = ReturnType<typeof cachedClient>

/** What `$transaction` hands to its callback. */
export type TransactionClient = Parameters<Parameters<CachedShopClient['$transaction']>[0]>[0]

export interface CachedShop {
  readonly prisma: CachedShopClient
  readonly cache: Cache
  readonly tap: StatementTap
  /** The adapter that the client was given. */
  readonly adapter: SqlDriverAdapterFactory
}

export interface CachedShopOptions extends ContractOptions {
  /** Default: a new cache made of the other options. */
  readonly cache?: Cache
  readonly extension?: Omit<CacheExtensionOptions, 'cache'>
  readonly client?: Omit<ShopClientOptions, 'relationJoins'>
  /** See `tappedAdapter`. */
  readonly maxBindValues?: number
  /** Default true: connect and probe, so that the first read can be cached. */
  readonly ready?: boolean
}

export function cachedClient(client: ShopClient, options: CacheExtensionOptions) {
  return withCache(client.$extends(cacheExtension(options)))
}

let users = 0

/** A database with clients for the tests of one `describe`. */
export class PrismaShop {
  readonly kind: DatabaseKind
  readonly dialect: Dialect
  readonly relationJoins: boolean
  readonly #source: DatabaseSource
  #database: TestDatabase | undefined
  #plain: ShopClient | undefined
  readonly #others: TestDatabase[] = []
  readonly #open: {
    readonly cache: Cache
    readonly recorder: ReadRecorder
    readonly options: ContractOptions
    readonly tap: StatementTap
    readonly client: ShopClient
  }[] = []

  constructor(source: DatabaseSource, relationJoins: boolean) {
    this.kind = source.kind
    this.dialect = source.dialect
    this.relationJoins = relationJoins
    this.#source = source
  }

  async open(): Promise<void> {
    this.#database = await this.#source.open()
    this.#plain = this.client()
  }

  async close(): Promise<void> {
    await this.#database?.close()
  }

  /** Another database of this kind, with the same tables, for this test. */
  async another(): Promise<TestDatabase> {
    const database = await this.#source.open()
    this.#others.push(database)
    return database
  }

  get db(): TestDatabase {
    if (this.#database === undefined) throw new Error('the database of a shop is there only while tests run')
    return this.#database
  }

  /** Not cached: what the database really says. */
  get plain(): ShopClient {
    if (this.#plain === undefined) throw new Error('the clients of a shop are there only while tests run')
    return this.#plain
  }

  /** An uncached client. */
  client(options: ShopClientOptions = {}): ShopClient {
    return this.db.client({ relationJoins: this.relationJoins, ...options })
  }

  /** A client with a cache, checked and closed after the test. */
  async cached(options: CachedShopOptions = {}): Promise<CachedShop & { readonly authority: ProcessAuthority }> {
    const { extension, client: clientOptions, ready = true, cache: given, maxBindValues, ...rest } = options
    const own = cacheUnderTest(rest)
    const cache = given ?? own.cache
    const recorder = given === undefined ? own.recorder : new ReadRecorder(given)
    const tap = new StatementTap()
    const adapter = tappedAdapter(clientOptions?.adapter ?? this.db.connect(), tap, { maxBindValues })
    const client = this.client({ ...clientOptions, adapter })
    const prisma = cachedClient(client, { cache, ...extension })
    this.#open.push({ cache, recorder, options, tap, client })
    if (ready) {
      await prisma.$cache.ready()
      tap.clear()
    }
    return { prisma, cache, tap, adapter, authority: own.authority }
  }

  /** A new user with orders if asked for; rows of other tests are never touched. */
  async user(name = 'Ada', orders: readonly string[] = []): Promise<number> {
    const { id } = await this.plain.user.create({
      data: { email: this.email(), name, orders: { create: orders.map((note) => ({ note })) } },
    })
    return id
  }

  /** An address that no other user has. */
  email(): string {
    return `user${++users}@shop.example`
  }

  /** Every read of the test: is what the cache says now what the database says? And did anything fail unseen? */
  async check(): Promise<void> {
    for (const { tap } of this.#open) tap.open()
    try {
      for (const { recorder, cache, options } of this.#open) {
        if (options.broken !== true) await recorder.verify()
        if (options.faulty !== true) expect(cache.stats().faults, 'faults of the cache').toBe(0)
      }
    } finally {
      await Promise.all(this.#open.splice(0).map(({ client }) => client.$disconnect()))
      await Promise.all(this.#others.splice(0).map((database) => database.close()))
    }
  }
}

export interface DescribeShopOptions {
  readonly kinds?: readonly DatabaseKind[]
  /** Also with the preview feature relationJoins, where the database has it: not on MariaDB, not on SQLite. */
  readonly joins?: boolean
}

/** A `describe` per kind of database, each with a shop of its own. Await it at the top level. */
export async function describeShop(
  name: string,
  body: (shop: PrismaShop) => void,
  { kinds = databaseKinds, joins = false }: DescribeShopOptions = {},
): Promise<void> {
  await describeDatabases(
    name,
    (source) => {
      const flavours = joins && source.dialect === 'postgres' ? [false, true] : [false]
      describe.each(flavours)('relationJoins %s', (relationJoins) => {
        const shop = new PrismaShop(source, relationJoins)
        beforeAll(() => shop.open())
        afterEach(() => shop.check())
        afterAll(() => shop.close())
        body(shop)
      })
    },
    kinds,
  )
}

/**
 * Runs a query twice on the cached client and once on the uncached one: the three results are the same, prototypes
 * included, and the second came from the cache.
 */
export async function expectHit<T>(
  shop: PrismaShop,
  { prisma }: CachedShop,
  query: (client: ShopClient) => PromiseLike<T>,
): Promise<T> {
  const client = prisma as unknown as ShopClient
  const first = await query(client)
  const { value, trace } = await prisma.$cache.explain(() => query(client))
  const stored = await query(shop.plain)
  expect(trace.map(({ outcome, reason }) => reason ?? outcome)).toEqual(trace.map(() => 'hit'))
  expect(trace.length).toBeGreaterThan(0)
  expect(sameValue(first, stored), 'the first result and the database').toBeUndefined()
  expect(sameValue(value, stored), 'the hit and the database').toBeUndefined()
  return value
}
