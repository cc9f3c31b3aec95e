/** Events of a cache and the listeners of them. No listener, or one that throws, changes nothing. */

import type { Tag } from '../protocol/tag.ts'
import { silence } from '../runtime/maybe-promise.ts'
import type { Reason } from './reasons.ts'

/** What a read was about: enough to find it in a log. */
export interface QueryInfo {
  /** `prisma`, `drizzle` ... */
  readonly adapter: string
  /** Canonical text, without scope. */
  readonly text: string
}

export interface CacheEvents {
  hit: QueryInfo & { readonly tier: 'memory' | 'store' }
  miss: QueryInfo & { readonly tags: readonly Tag[]; readonly shared: boolean }
  bypass: QueryInfo & { readonly reason: Reason; readonly detail?: string | undefined }
  /** A result was stored. `bytes` is the estimate of its heap size. */
  fill: QueryInfo & { readonly bytes: number }
  /** A result was not stored. */
  unstored: QueryInfo & { readonly reason: Reason; readonly detail?: string | undefined }
  /** New stamps for these tags. */
  invalidate: { readonly tags: readonly Tag[] }
  /** A write went through without a confirmed mark; its invalidation is retried until it is delivered. */
  owed: { readonly tags: readonly Tag[]; readonly settled: boolean }
  /** The outcome of a write is unknown; its tags stay marked for at most `unknownFor`. */
  unknown: { readonly tags: readonly Tag[]; readonly error: unknown }
  /** Something of the cache failed; the query did not. */
  fault: { readonly step: FaultStep; readonly error: unknown }
  /** Something that the operator should change. Also printed once through `process.emitWarning`. */
  warning: { readonly code: string; readonly message: string }
}

/** Where a fault happened. */
export type FaultStep =
  | 'lookup'
  | 'create'
  | 'unsettle'
  | 'renew'
  | 'settle'
  | 'cancel'
  | 'fill'
  | 'store'
  | 'encode'
  | 'decode'
  | 'scope'
  | 'copy'
  | 'tables'
  | 'mark-lost'
  | 'introspection'

export type EventName = keyof CacheEvents
export type Listener<K extends EventName> = (event: CacheEvents[K]) => void

/** Listeners by event name. */
export class Emitter {
  readonly #listeners = new Map<EventName, readonly { readonly listener: (event: never) => void }[]>()

  on<K extends EventName>(name: K, listener: Listener<K>): () => void {
    // An object of its own: a function that listens twice must stop once at a time.
    const added = { listener }
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), added])
    return () => {
      const rest = (this.#listeners.get(name) ?? []).filter((other) => other !== added)
      if (rest.length === 0) this.#listeners.delete(name)
      else this.#listeners.set(name, rest)
    }
  }

  /** True when an event of this name has a listener: ask before building the event. */
  has(name: EventName): boolean {
    return this.#listeners.size > 0 && this.#listeners.has(name)
  }

  emit<K extends EventName>(name: K, event: CacheEvents[K]): void {
    for (const { listener } of this.#listeners.get(name) ?? []) {
      try {
        silence((listener as (event: CacheEvents[K]) => unknown)(event))
      } catch {
        // A listener is the user's code on the cache's path: its failure is not the query's.
      }
    }
  }

  clear(): void {
    this.#listeners.clear()
  }
}
