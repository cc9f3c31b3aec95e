/** What `withCache` adds to the arguments of every read. */

import type { CacheStrategy } from '@larder/core'

export interface CacheStrategyArgs {
  /** How this read is cached. `false`: it goes to the database and nothing is stored. */
  readonly cacheStrategy?: false | CacheStrategy
}
