/** Counters of a cache, as `stats()` shows them. */

import type { Reason } from './reasons.ts'

/** A snapshot of what a cache did since it was created. */
export interface CacheStats {
  readonly hits: number
  readonly misses: number
  /** Reads that joined an execution already running. */
  readonly shared: number
  readonly bypasses: number
  readonly bypassReasons: Readonly<Partial<Record<Reason, number>>>
  readonly fills: number
  readonly unstored: Readonly<Partial<Record<Reason, number>>>
  /** Writes and explicit invalidations. */
  readonly invalidations: number
  readonly faults: number
  /** hits / (hits + misses + bypasses), 0 without reads. */
  readonly hitRate: number
  readonly memory: { readonly entries: number; readonly bytes: number; readonly evictions: number }
}

export class Counters {
  hits = 0
  misses = 0
  shared = 0
  bypasses = 0
  fills = 0
  invalidations = 0
  faults = 0
  readonly bypassReasons: Partial<Record<Reason, number>> = {}
  readonly unstored: Partial<Record<Reason, number>> = {}

  bypass(reason: Reason): void {
    this.bypasses++
    this.bypassReasons[reason] = (this.bypassReasons[reason] ?? 0) + 1
  }

  notStored(reason: Reason): void {
    this.unstored[reason] = (this.unstored[reason] ?? 0) + 1
  }

  snapshot(memory: CacheStats['memory']): CacheStats {
    const reads = this.hits + this.misses + this.bypasses
    return {
      hits: this.hits,
      misses: this.misses,
      shared: this.shared,
      bypasses: this.bypasses,
      bypassReasons: { ...this.bypassReasons },
      fills: this.fills,
      unstored: { ...this.unstored },
      invalidations: this.invalidations,
      faults: this.faults,
      hitRate: reads === 0 ? 0 : this.hits / reads,
      memory,
    }
  }
}
