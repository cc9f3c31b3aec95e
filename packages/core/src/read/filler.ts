/** Stores results: in memory at once, in the store without anybody waiting. */

import type { FaultStep } from '../events/events.ts'
import { entryDigest } from '../identity/entry-digest.ts'
import type { Tag } from '../protocol/tag.ts'
import { attempt } from '../runtime/maybe-promise.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { MemoryTier } from '../store/memory-tier.ts'
import type { EntryKey, Store } from '../store/store.ts'
import type { Entry } from './entry.ts'
import type { Seen } from './executions.ts'
import type { ReadLog } from './read-log.ts'
import type { Read } from './read-request.ts'

/** A result that may be stored, as a master copy, and what was seen before its query was sent. */
export interface Fill {
  readonly read: Read
  readonly tags: readonly Tag[]
  readonly seen: Seen
  readonly value: unknown
  readonly copy: (value: unknown) => unknown
  /** Estimated heap size of the value. */
  readonly bytes: number
  readonly monotonicAt: number
  readonly wallAt: number
}

export interface FillerOptions {
  readonly memory: MemoryTier<Entry> | undefined
  readonly store: Store | undefined
  /** Separates applications on one store. */
  readonly namespace: string
  readonly runtime: Runtime
  readonly log: ReadLog
  /** Share of the ttl by which it is shortened at random, so that entries filled together do not end together. */
  readonly jitter: number
  readonly onFault: (step: FaultStep, error: unknown) => void
}

/** The name of a read's entry in a store. */
export function entryKey(namespace: string, read: Read, tags: readonly Tag[]): EntryKey {
  // The first tag is `*`, on every query; the second is its first table.
  return `${namespace}:q:${tags[1] ?? tags[0]}:${entryDigest(read)}` as EntryKey
}

export class Filler {
  protected readonly options: FillerOptions

  constructor(options: FillerOptions) {
    this.options = options
  }

  /** Stores under the stamps seen before the query: no compare-and-set is needed, an entry of old data carries old stamps. */
  fill(fill: Fill): void {
    const { memory, store, runtime, log, jitter } = this.options
    const { read, tags, seen, value, copy, bytes, monotonicAt, wallAt } = fill
    if (read.ttl === 0) return
    const ttl = jitter === 0 ? read.ttl : read.ttl * (1 - jitter * runtime.random.fraction())
    const entry: Entry = { value, copy, tags, stamps: seen.stamps, epoch: seen.epoch, ttl, monotonicAt, wallAt }
    memory?.set(read.key, entry, bytes)
    if (store !== undefined) this.#intoStore(store, read, entry)
    log.fill(read, bytes)
  }

  #intoStore(store: Store, read: Read, entry: Entry): void {
    const { namespace, onFault } = this.options
    let encoded: Uint8Array
    try {
      encoded = read.entryCodec.encode(entry)
    } catch (error) {
      return onFault('encode', error)
    }
    void attempt(
      // Redis takes whole milliseconds only, and none below 1.
      () => store.set(entryKey(namespace, read, entry.tags), encoded, Math.max(1, Math.ceil(entry.ttl))),
      (error) => onFault('fill', error),
    )
  }
}
