/** A cached result and what it takes to decide whether it may still be served. */

import type { TagStates } from '../protocol/authority.ts'
import type { Stamp, Tag } from '../protocol/tag.ts'
import type { Clock } from '../runtime/runtime.ts'

/** An entry in process memory. `value` is a master copy that nobody else holds. */
export interface Entry {
  readonly value: unknown
  readonly copy: (value: unknown) => unknown
  readonly tags: readonly Tag[]
  /** The stamps that the tags had before the query was sent. */
  readonly stamps: readonly Stamp[]
  readonly epoch: string
  /** Age at which it ends, in ms. */
  readonly ttl: number
  /** Both clocks just before the query was sent. */
  readonly monotonicAt: number
  readonly wallAt: number
}

/**
 * True while the entry is younger than its own ttl, and than what the reader takes at most: another call may have stored
 * it for longer. Its age is the larger advance of the two clocks: the monotonic one stops in suspend, the wall clock may
 * be set back.
 */
export function isAlive(entry: Entry, clock: Clock, readersTtl: number): boolean {
  const ttl = Math.min(entry.ttl, readersTtl)
  return clock.monotonic() - entry.monotonicAt < ttl && clock.wall() - entry.wallAt < ttl
}

/** Decides whether an entry agrees with what the authority says now. A class, so that tests can take it away. */
export class Freshness {
  /** True when no tag is marked, every stamp is the entry's, and the authority is in the entry's epoch. `states` are those of `entry.tags`. */
  isFresh(entry: Entry, states: TagStates): boolean {
    if (states.marked !== false || states.epoch !== entry.epoch) return false
    const { stamps } = entry
    const now = states.stamps
    if (now.length !== stamps.length) return false
    for (let i = 0; i < stamps.length; i++) if (now[i] !== stamps[i]) return false
    return true
  }
}
