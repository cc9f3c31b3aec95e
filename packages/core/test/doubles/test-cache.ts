// biome-ignore-all lint/suspicious/noExplicitAny: tests look into results and errors of any shape

/** A cache on manual time, one client of it, and what happened to both. */

import { Cache, type CacheParts } from '../../src/cache/cache.ts'
import { type CacheOptions, resolveOptions } from '../../src/cache/options.ts'
import type { Origin, OriginOptions } from '../../src/cache/origin.ts'
import type { CacheEvents, EventName } from '../../src/events/events.ts'
import type { Authority } from '../../src/protocol/authority.ts'
import { ProcessAuthority } from '../../src/protocol/process-authority.ts'
import type { ReadRequest } from '../../src/read/read-request.ts'
import type { Statement } from '../../src/write/statements.ts'
import { ManualRuntime } from './manual-runtime.ts'

const EVENT_NAMES: Record<EventName, true> = {
  hit: true,
  miss: true,
  bypass: true,
  fill: true,
  unstored: true,
  invalidate: true,
  owed: true,
  unknown: true,
  fault: true,
  warning: true,
}

export const EVENTS = Object.keys(EVENT_NAMES) as EventName[]

type ReadOverrides = Partial<ReadRequest<any>> & { readonly table?: string }
type WriteOverrides = Partial<Statement<any>>

export class TestCache<A extends Authority = Authority> {
  readonly runtime: ManualRuntime
  readonly authority: A
  readonly cache: Cache
  readonly origin: Origin
  readonly #events: { readonly name: EventName; readonly event: any }[] = []
  /** Times that a query was sent, by {@link read} without a `run` of its own. */
  queries = 0

  constructor({
    options = {},
    parts = {},
    client = {},
    runtime = new ManualRuntime(),
    authority = new ProcessAuthority(runtime) as Authority as A,
  }: {
    readonly options?: CacheOptions
    readonly parts?: Partial<CacheParts>
    readonly client?: Partial<OriginOptions>
    readonly runtime?: ManualRuntime
    readonly authority?: A
  } = {}) {
    this.runtime = runtime
    this.authority = authority
    this.cache = new Cache(resolveOptions({ jitter: 0, ...options }), { runtime, authority, ...parts })
    for (const name of EVENTS) this.cache.on(name, (event) => void this.#events.push({ name, event }))
    this.origin = this.newOrigin(client)
  }

  newOrigin(client: Partial<OriginOptions> = {}): Origin {
    return this.cache.origin({ adapter: 'test', dialect: 'postgres', database: 'shop', ...client })
  }

  /** A read of one table; its result counts the queries sent. */
  async read({ table = 'users', ...request }: ReadOverrides = {}): Promise<any> {
    return await this.origin.read({
      text: `select from ${table}`,
      tables: () => ({ tables: [table] }),
      run: async () => ({ query: ++this.queries }),
      ...request,
    })
  }

  /** A statement, by default one that the database accepts. */
  write(sql = `update users set name = 'x'`, statement: WriteOverrides = {}): Promise<any> {
    return this.origin.execute({ sql, send: async () => 'written', verdict: () => undefined, ...statement })
  }

  /** The events of one name since the last time. */
  take<K extends EventName>(name: K): CacheEvents[K][] {
    const taken = this.#events.filter((one) => one.name === name)
    for (const one of taken) this.#events.splice(this.#events.indexOf(one), 1)
    return taken.map(({ event }) => event)
  }

  /** What became of the reads since the last time: `hit memory`, `miss`, `bypass owed` ... */
  takeOutcomes(): string[] {
    const reads = this.#events.splice(0).filter(({ name }) => name === 'hit' || name === 'miss' || name === 'bypass')
    return reads.map(({ name, event }) =>
      [name, event.tier ?? event.reason].filter((part) => part !== undefined).join(' '),
    )
  }
}

/** What a promise has come to so far. */
export interface Tracked<T> {
  readonly promise: Promise<T>
  state: 'pending' | 'resolved' | 'rejected'
  value?: T
  error?: any
}

export function track<T>(promise: Promise<T>): Tracked<T> {
  const tracked: Tracked<T> = { promise, state: 'pending' }
  promise.then(
    (value) => Object.assign(tracked, { state: 'resolved', value }),
    (error: unknown) => Object.assign(tracked, { state: 'rejected', error }),
  )
  return tracked
}

/** A promise that a test ends. */
export function deferred<T = void>() {
  let resolve: (value: T) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
