/** A cache without one of its defences, to see that the demo notices. */

import { Cache, ProcessAuthority, systemRuntime } from '@larder/core'
import { resolveOptions } from '../../packages/core/src/cache/options.ts'
import type { Authority } from '../../packages/core/src/protocol/authority.ts'
import type { Stamp } from '../../packages/core/src/protocol/tag.ts'
import { type Fill, Filler, type FillerOptions } from '../../packages/core/src/read/filler.ts'

/** Milliseconds between a query's answer and its storing, as with a cache on another machine that is busy. */
const storingTakes = 50

/** Stores a little later, which is harmless: an entry is vouched for by the stamps from before its query. */
export class LateFiller extends Filler {
  override fill(fill: Fill): void {
    setTimeout(() => super.fill(this.vouched(fill)), storingTakes).unref()
  }

  protected vouched(fill: Fill): Fill {
    return fill
  }
}

/** Takes the stamps when it stores. A write in between makes them new, and the old rows pass for fresh. */
class LateStamps extends LateFiller {
  readonly #authority: Authority

  constructor(options: FillerOptions, authority: Authority) {
    super(options)
    this.#authority = authority
  }

  protected override vouched(fill: Fill): Fill {
    const states = this.#authority.lookup(fill.tags)
    if (states instanceof Promise) throw new Error('the authority of this process answers at once')
    const { epoch, stamps } = states as Awaited<typeof states>
    return { ...fill, seen: { epoch, stamps: stamps as readonly Stamp[] } }
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
