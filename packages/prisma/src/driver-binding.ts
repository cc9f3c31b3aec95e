/** The driver adapter of a client, wrapped in place: every statement and COMMIT of every connection passes here. */

import { randomUUID } from 'node:crypto'
import {
  type Cache,
  EVERYTHING,
  type InvalidationTarget,
  type Origin,
  type OriginOptions,
  type Transaction,
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

/** Statements that never reach the database: one carries an invalidation to the transaction that it runs in ... */
const INVALIDATION = '/* larder:invalidate '
/** ... the other shows that a client's connections pass here. On one whose do not, it must be a statement. */
const GREETING = '/* larder:hello '

type Bound = SqlDriverAdapterFactory & { [BINDING]?: DriverBinding }
type Transactions = Map<Origin, Transaction>

export class DriverBinding {
  readonly #origins = new Map<Cache, Origin>()
  readonly #invalidations = new Map<string, InvalidationTarget>()
  readonly #greetings = new Map<string, { arrived: boolean }>()
  #adapter: SqlDriverAdapter | undefined
  readonly #waiting: ((adapter: SqlDriverAdapter) => void)[] = []

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
    }
    return origin
  }

  /** True once a connection has passed here. */
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

  /** The SQL with which a client shows whether its statements pass here. */
  greet(): { readonly sql: string; readonly arrived: () => boolean; readonly forget: () => void } {
    const token = randomUUID()
    const greeting = { arrived: false }
    this.#greetings.set(token, greeting)
    return {
      sql: `${GREETING}${token} */ SELECT 1`,
      arrived: () => greeting.arrived,
      forget: () => void this.#greetings.delete(token),
    }
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
    const { usePhantomQuery } = driver.options
    let abandoned = false
    /** A COMMIT that was refused before it was sent leaves the transaction open, and Prisma takes it for over. */
    const rollBackRefused = async <R>(committing: Promise<R>): Promise<R> => {
      try {
        return await committing
      } catch (error) {
        if (driverVerdict(error).refused) {
          if (usePhantomQuery) {
            abandoned = true
            await driver.rollback().catch(() => {})
          } else await driver.executeRaw({ sql: 'ROLLBACK', args: [], argTypes: [] }).catch(() => {})
        }
        throw error
      }
    }
    const { queryRaw, executeRaw } = this.#queries(driver, transactions)
    return over(driver, {
      queryRaw,
      executeRaw: (query: SqlQuery) => {
        const executing = executeRaw(query)
        return COMMIT.test(query.sql) ? rollBackRefused(executing) : executing
      },
      commit: () => rollBackRefused(this.#commit(transactions, () => driver.commit())),
      rollback: () => (abandoned ? Promise.resolve() : this.#rollback(transactions, () => driver.rollback())),
    })
  }

  #queries(driver: Pick<SqlDriverAdapter, 'queryRaw' | 'executeRaw'>, transactions: Transactions | undefined) {
    return {
      queryRaw: (query: SqlQuery) => this.#execute(query.sql, transactions, () => driver.queryRaw(query)),
      executeRaw: (query: SqlQuery) =>
        this.#answer(query.sql, transactions) ?? this.#execute(query.sql, transactions, () => driver.executeRaw(query)),
    }
  }

  /** The answer to statements of Larder's own. */
  #answer(sql: string, transactions: Transactions | undefined): Promise<number> | undefined {
    if (sql.startsWith(INVALIDATION)) return this.#invalidate(tokenOf(sql, INVALIDATION), transactions)
    if (!sql.startsWith(GREETING)) return undefined
    const greeting = this.#greetings.get(tokenOf(sql, GREETING))
    if (greeting !== undefined) greeting.arrived = true
    return Promise.resolve(0)
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

  #rollback(transactions: Transactions, send: () => Promise<void>): Promise<void> {
    let next = send
    for (const origin of this.#origins.values()) {
      const inner = next
      next = () => origin.rollback(transactionOf(origin, transactions), inner)
    }
    return next()
  }

  async #invalidate(token: string, transactions: Transactions | undefined): Promise<number> {
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

const COMMIT = /^\s*commit\b/i

/** Prisma may append comments of its user. */
function tokenOf(sql: string, prefix: string): string {
  return sql.slice(prefix.length, sql.indexOf(' */'))
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
