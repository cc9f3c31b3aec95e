/** The driver adapter of a client, wrapped in place: every statement and COMMIT of every connection passes here. */

import { randomUUID } from 'node:crypto'
import {
  type Cache,
  EVERYTHING,
  type ForeignKey,
  type InvalidationTarget,
  type Origin,
  type OriginOptions,
  SchemaGraph,
  type Transaction,
  tableKey,
  tagsOfTarget,
} from '@larder/core'
import type {
  Transaction as DriverTransaction,
  IsolationLevel,
  SqlDriverAdapter,
  SqlDriverAdapterFactory,
  SqlQuery,
} from '@prisma/driver-adapter-utils'
import { driverVerdict } from './database-error.ts'

/** Where a factory keeps its binding, so that a second extension finds it, from whichever copy of this package. */
const BINDING = Symbol.for('larder.prisma.driver.v1')

/** A statement that never reaches the database: it carries an invalidation to the transaction that it runs in. */
const INVALIDATION = '/* larder:invalidate '

type Bound = SqlDriverAdapterFactory & { [BINDING]?: DriverBinding }
type Transactions = Map<Origin, Transaction>

export class DriverBinding {
  readonly #origins = new Map<Cache, Origin>()
  readonly #foreignKeys = new Map<string, ForeignKey>()
  readonly #invalidations = new Map<string, InvalidationTarget>()
  #adapter: SqlDriverAdapter | undefined
  #waiting: ((adapter: SqlDriverAdapter) => void)[] = []

  /** The binding of this factory; undefined when it cannot be wrapped any more because its client has connected. */
  static of(factory: SqlDriverAdapterFactory, connected: boolean): DriverBinding | undefined {
    const bound = factory as Bound
    const existing = bound[BINDING]
    if (existing !== undefined) return existing
    if (connected) return undefined
    const binding = new DriverBinding()
    const connect = factory.connect.bind(factory)
    Object.defineProperty(factory, 'connect', {
      configurable: true,
      writable: true,
      value: async () => binding.#wrap(await connect()),
    })
    Object.defineProperty(factory, BINDING, { value: binding })
    return binding
  }

  /** The origin of this database in a cache: one, however many extensions and clients use both. */
  origin(cache: Cache, options: OriginOptions): Origin {
    let origin = this.#origins.get(cache)
    if (origin === undefined) {
      origin = cache.origin(options)
      this.#origins.set(cache, origin)
      this.#applySchema(origin)
    }
    return origin
  }

  /** Foreign keys that a client's schema declares; keys of several clients add up. */
  addForeignKeys(foreignKeys: readonly ForeignKey[]): void {
    const before = this.#foreignKeys.size
    for (const key of foreignKeys) this.#foreignKeys.set(JSON.stringify(key), key)
    if (this.#foreignKeys.size > before) for (const origin of this.#origins.values()) this.#applySchema(origin)
  }

  /** True once a connection has gone through here. */
  get connected(): boolean {
    return this.#adapter !== undefined
  }

  /** The raw adapter of the first connection, once there is one: what it is asked, Larder does not see. */
  connection(): Promise<SqlDriverAdapter> {
    if (this.#adapter !== undefined) return Promise.resolve(this.#adapter)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** The SQL with which a transaction client tells its transaction what to invalidate at COMMIT. */
  carryInvalidation(target: InvalidationTarget): { readonly sql: string; readonly forget: () => void } {
    const token = randomUUID()
    this.#invalidations.set(token, target)
    return { sql: `${INVALIDATION}${token} */`, forget: () => void this.#invalidations.delete(token) }
  }

  #applySchema(origin: Origin): void {
    const name = (table: string): string => tableKey(table, origin.dialect)
    const foreignKeys = [...this.#foreignKeys.values()].map((key) => ({
      ...key,
      table: name(key.table),
      references: name(key.references),
    }))
    origin.schema = new SchemaGraph({ foreignKeys })
  }

  #wrap(adapter: SqlDriverAdapter): SqlDriverAdapter {
    this.#adapter = adapter
    for (const resolve of this.#waiting.splice(0)) resolve(adapter)
    return over(adapter, {
      ...this.#queries(adapter, undefined),
      executeScript: (script: string) => this.#execute(script, undefined, () => adapter.executeScript(script)),
      startTransaction: async (isolationLevel?: IsolationLevel): Promise<DriverTransaction> =>
        this.#wrapTransaction(await adapter.startTransaction(isolationLevel)),
    })
  }

  #wrapTransaction(driver: DriverTransaction): DriverTransaction {
    const transactions = new Map([...this.#origins.values()].map((origin) => [origin, origin.transaction()] as const))
    return over(driver, {
      ...this.#queries(driver, transactions),
      commit: () => this.#commit(transactions, () => driver.commit()),
      rollback: async () => {
        await driver.rollback()
        for (const origin of this.#origins.values()) await origin.rolledBack(transactionOf(origin, transactions))
      },
    })
  }

  #queries(driver: Pick<SqlDriverAdapter, 'queryRaw' | 'executeRaw'>, transactions: Transactions | undefined) {
    return {
      queryRaw: (query: SqlQuery) => this.#execute(query.sql, transactions, () => driver.queryRaw(query)),
      executeRaw: (query: SqlQuery) =>
        query.sql.startsWith(INVALIDATION)
          ? this.#invalidate(query.sql, transactions)
          : this.#execute(query.sql, transactions, () => driver.executeRaw(query)),
    }
  }

  #execute<R>(sql: string, transactions: Transactions | undefined, send: () => Promise<R>): Promise<R> {
    let next = send
    for (const origin of this.#origins.values()) {
      const inner = next
      const transaction = transactions && transactionOf(origin, transactions)
      next = () => origin.execute({ sql, transaction, send: inner, verdict: driverVerdict })
    }
    return next()
  }

  #commit(transactions: Transactions, send: () => Promise<void>): Promise<void> {
    let next = send
    for (const origin of this.#origins.values()) {
      const inner = next
      next = () => origin.commit(transactionOf(origin, transactions), inner, driverVerdict)
    }
    return next()
  }

  async #invalidate(sql: string, transactions: Transactions | undefined): Promise<number> {
    // Prisma may append comments of its user.
    const token = sql.slice(INVALIDATION.length, sql.indexOf(' */'))
    const target = this.#invalidations.get(token)
    this.#invalidations.delete(token)
    if (target === undefined) return 0
    for (const [cache, origin] of this.#origins) {
      const transaction = transactions && transactionOf(origin, transactions)
      if (transaction === undefined) await cache.invalidate(target)
      else transaction.touch(tagsOfTarget(target))
    }
    return 0
  }
}

/** An origin that came while the transaction was open does not know what was written before. */
function transactionOf(origin: Origin, transactions: Transactions): Transaction {
  let transaction = transactions.get(origin)
  if (transaction === undefined) {
    transaction = origin.transaction()
    transaction.touch([EVERYTHING])
    transactions.set(origin, transaction)
  }
  return transaction
}

/** The object with some members replaced; the others run on the object itself, whose private fields they may need. */
function over<T extends object>(object: T, members: Partial<Record<keyof T, unknown>>): T {
  return new Proxy(object, {
    get(target, key) {
      if (Object.hasOwn(members, key)) return members[key as keyof T]
      const member: unknown = Reflect.get(target, key, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
