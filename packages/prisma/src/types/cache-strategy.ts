/** The option that a read carries, in one place until `@larder/core` exports its own. */

/** Seconds as a number, or a number with its unit. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

/** How one read is cached. */
export interface CacheStrategy {
  /** How long a result may be served. */
  readonly ttl?: Duration
  /** How long after `ttl` an unchanged result may still be served while a fresh one is fetched. */
  readonly swr?: Duration
  /** Further names under which the result can be invalidated. */
  readonly tags?: readonly string[]
}

/** What `withCache` adds to the arguments of every read. `false` reads from the database and stores nothing. */
export interface CacheStrategyArgs {
  readonly cacheStrategy?: false | CacheStrategy
}
