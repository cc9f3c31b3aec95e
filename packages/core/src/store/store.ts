/** The interface of a store of encoded entries outside the process's heap (Redis, disk). */

import type { Authority } from '../protocol/authority.ts'
import type { MaybePromise } from '../runtime/maybe-promise.ts'

/** The name of an entry in a store: `<namespace>:q:<first table>:<digest>`. */
export type EntryKey = string & { readonly __larder: 'entry-key' }

/**
 * Holds encoded entries. It decides nothing about freshness: it may lose an entry at any time, and whatever it
 * returns is checked against the authority and decoded with suspicion. Calls made in one tick, together with the
 * authority's, may travel together.
 */
export interface Store {
  /** `'redis'`, `'disk'` ... for `health()`. */
  readonly kind: string
  /** The authority that comes with this store; without one the process's own is used. */
  readonly authority?: Authority
  /** Called once, before anything else, by the cache that uses it: names the application, for the authority's keys too. */
  open?(context: { readonly namespace: string }): void
  get(key: EntryKey): MaybePromise<Uint8Array | undefined>
  /** `ttl` in whole milliseconds, at least 1. */
  set(key: EntryKey, entry: Uint8Array, ttl: number): MaybePromise<void>
  delete(key: EntryKey): MaybePromise<void>
  /** Closes its authority too. */
  close?(): MaybePromise<void>
}
