/** A cache without one of its defences, to see that the demo notices. */

import { Cache, ProcessAuthority, systemRuntime } from '@larder/core'
import { resolveOptions } from '../../packages/core/src/cache/options.ts'
import type { Authority, TagStates } from '../../packages/core/src/protocol/authority.ts'
import type { Stamp } from '../../packages/core/src/protocol/tag.ts'
import type { Seen } from '../../packages/core/src/read/executions.ts'
import { type Fill, Filler, type FillerOptions } from '../../packages/core/src/read/filler.ts'

/** How often it looks whether storing may go on, in milliseconds. */
const pause = 10

/**
 * Stores at the worst moment: right after the next write to one of the query's tables, if one comes soon. This alone
 * is harmless, because an entry is vouched for by the stamps from before its query.
 */
export class LateFiller extends Filler {
  readonly #authority: Authority
  readonly #patience: number

  /** `patience`: how long storing is held up at most, in milliseconds. */
  constructor(options: FillerOptions, authority: Authority, patience = 1_000) {
    super(options)
    this.#authority = authority
    this.#patience = patience
  }

  override fill(fill: Fill): void {
    this.#wait(fill, performance.now() + this.#patience)
  }

  /** The fill as it is stored, and the stamps of that moment. */
  protected vouched(fill: Fill, _now: Seen): Fill {
    return fill
  }

  #wait(fill: Fill, deadline: number): void {
    setTimeout(() => {
      const { epoch, stamps, marked } = this.#authority.lookup(fill.tags) as TagStates
      const written = !marked && stamps.some((stamp, index) => stamp !== fill.seen.stamps[index])
      if (!written && performance.now() < deadline) return this.#wait(fill, deadline)
      super.fill(this.vouched(fill, { epoch, stamps: stamps as readonly Stamp[] }))
    }, pause).unref()
  }
}

/** Takes the stamps when it stores: after a write they are new, and the old rows pass for fresh. */
class LateStamps extends LateFiller {
  protected override vouched(fill: Fill, now: Seen): Fill {
    return { ...fill, seen: now }
  }
}

/** What `--break=stamps-late` runs with: the shipped cache, but for one class. */
export function cacheWithLateStamps(): Cache {
  return cacheWith((options, authority) => new LateStamps(options, authority))
}

/** The shipped cache with another filler. */
export function cacheWith(filler: (options: FillerOptions, authority: Authority) => Filler): Cache {
  const runtime = systemRuntime()
  const authority = new ProcessAuthority(runtime)
  return new Cache(resolveOptions(), { runtime, authority, filler: (options) => filler(options, authority) })
}
