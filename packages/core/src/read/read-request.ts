/** One read as an adapter hands it over. */

import type { Scope } from '../cache/options.ts'
import type { CacheStrategy } from '../cache/policy.ts'
import type { Reason } from '../events/reasons.ts'
import type { EntryCodec } from '../store/entry-codec.ts'
import type { Executions } from './executions.ts'
import type { MarkedReads } from './marked-reads.ts'

/** The tables of a query, or why they, or the query, forbid caching. */
export type QueryTables =
  | { readonly tables: readonly string[]; readonly reason?: undefined }
  | { readonly reason: Reason; readonly detail?: string | undefined }

/** What one ORM client sets for all its reads, over the defaults of the cache. */
export interface ClientDefaults {
  /** Milliseconds. */
  readonly ttl?: number | undefined
  readonly enabled?: boolean | undefined
  readonly scope?: Scope | undefined
}

export interface ReadRequest<T> {
  /** Canonical text: equal only for queries that must have the same result (arguments, parameters, options of the client included). */
  readonly text: string
  /** The tables read, as stored in the database. Called on a miss only; memoise what is expensive. */
  readonly tables: () => QueryTables
  /** Sends the query to the database. */
  readonly run: (signal?: AbortSignal) => Promise<T>
  /** The caller's own strategy, not yet validated; false does not use the cache. */
  readonly strategy?: CacheStrategy | false | undefined
  /** The read runs on a connection inside a transaction. */
  readonly inTransaction?: boolean
  /** Another reason known to the adapter why this read must go to the database. */
  readonly bypass?: Reason | undefined
  readonly signal?: AbortSignal | undefined
  readonly defaults?: ClientDefaults | undefined
}

/** A read on its way through the {@link Reader}: the request, and what the origin added to it. */
export interface Read {
  readonly adapter: string
  /** Name of the entry in memory: everything that is part of the query's identity. */
  readonly key: string
  readonly text: string
  readonly scope: string | null
  readonly database: string
  readonly version: string
  readonly tables: () => QueryTables
  readonly run: (signal?: AbortSignal) => Promise<unknown>
  readonly signal: AbortSignal | undefined
  /** Milliseconds, before jitter. */
  readonly ttl: number
  /** The client's value classes, and entries as bytes. */
  readonly entryCodec: EntryCodec
  /** Of the client: its connections are not another's, which may all be taken. */
  readonly executions: Executions
  readonly markedReads: MarkedReads
  /** The state of the client's connections, and what it was when the read came. */
  readonly connections: { readonly generation: number }
  readonly generation: number
  /** Tags that the call added. */
  readonly extraTags: readonly string[]
}
