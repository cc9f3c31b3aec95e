/** `$cache`: what a client offers besides caching its reads by itself. */

import {
  type Cache,
  type CacheHealth,
  type CacheStats,
  type CacheStrategy,
  type ClientDefaults,
  type InvalidationTarget,
  type Origin,
  type Reason,
  sqlText,
  type TraceStep,
  tagsOfTarget,
} from '@larder/core'
import type { Sql, TypedSql } from '@prisma/client/runtime/client'
import type { ClientWatch } from './client-watch.ts'
import type { DriverBinding } from './driver-binding.ts'
import { prismaArgument } from './prisma-values.ts'

/** On every client as `$cache`, also on the `tx` of an interactive transaction. */
export interface PrismaCache {
  /** The cache behind it. */
  readonly cache: Cache
  /**
   * Invalidates everything that depends on these tables or tags; for changes that Larder cannot see. Inside an
   * interactive transaction it happens at COMMIT, or not at all. Throws `INVALID_TARGET`.
   */
  invalidate(target: InvalidationTarget): Promise<void>
  /**
   * A raw query through the cache: `Prisma.sql` or a TypedSQL query. Its tables are read from the SQL text; when they
   * cannot be known, or the query is not deterministic, it runs uncached.
   */
  queryRaw<Row>(query: TypedSql<never[] | unknown[], Row>, strategy?: CacheStrategy | false): Promise<Row[]>
  queryRaw<Result = unknown>(query: Sql, strategy?: CacheStrategy | false): Promise<Result>
  /** Runs the queries in `fn` and tells for each whether it was a hit, a miss or a bypass, and why. */
  explain<T>(fn: () => T | PromiseLike<T>): Promise<{ value: Awaited<T>; trace: readonly TraceStep[] }>
  stats(): CacheStats
  health(): Promise<CacheHealth>
  /** Connects, and resolves when the database was asked about its settings: from then on reads are cached, or `health()` says why not. */
  ready(): Promise<void>
}

/** The raw methods of a client or transaction client. */
export interface RawClient {
  $queryRaw(query: unknown): Promise<unknown>
  $queryRawTyped(query: unknown): Promise<unknown>
  $executeRawUnsafe(sql: string): Promise<number>
}

export interface PrismaCacheOptions {
  readonly cache: Cache
  /** Undefined when caching is off for this client. */
  readonly origin: Origin | undefined
  readonly binding: DriverBinding | undefined
  readonly watch: ClientWatch | undefined
  readonly client: RawClient
  readonly inTransaction: boolean
  readonly identity: string
  readonly defaults: ClientDefaults
}

export function createPrismaCache(options: PrismaCacheOptions): PrismaCache {
  const { cache, origin, binding, watch, client, inTransaction, identity, defaults } = options

  async function invalidate(target: InvalidationTarget): Promise<void> {
    if (!inTransaction || binding === undefined) return cache.invalidate(target)
    tagsOfTarget(target)
    const carried = binding.carryInvalidation(target)
    try {
      await client.$executeRawUnsafe(carried.sql)
    } finally {
      // A transaction that has ended does not pick it up.
      carried.forget()
    }
  }

  async function queryRaw(
    query: Sql | TypedSql<unknown[], unknown>,
    strategy?: CacheStrategy | false,
  ): Promise<unknown> {
    const typed = !('strings' in query)
    const run = (): Promise<unknown> => (typed ? client.$queryRawTyped(query) : client.$queryRaw(query))
    if (origin === undefined) return run()
    const sql = typed ? query.sql : origin.dialect === 'postgres' ? query.text : query.sql
    let text: string
    let bypass: Reason | undefined = watch?.reason
    try {
      text = `${identity}raw ${sqlText(sql, query.values, { special: prismaArgument })}`
    } catch {
      text = sql
      bypass = 'uncanonical-arguments'
    }
    return origin.read({
      text,
      tables: () => origin.tablesOf(sql, query.values),
      run,
      strategy,
      inTransaction,
      bypass,
      defaults,
    })
  }

  return {
    cache,
    invalidate,
    queryRaw: queryRaw as PrismaCache['queryRaw'],
    explain: (fn) => cache.explain(fn),
    stats: () => cache.stats(),
    health: () => cache.health(),
    async ready() {
      await watch?.check().catch(() => {})
      if (watch?.reason !== 'origin-off') await origin?.ready()
    },
  }
}
