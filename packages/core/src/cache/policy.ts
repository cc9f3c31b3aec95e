/** How long and whether results are kept: per call, over the defaults of the client, over those of the cache. */

import { InvalidOptionError } from '../errors.ts'
import { cachingMilliseconds, type Duration } from '../runtime/duration.ts'

/** What one call may say about its caching. */
export interface CacheStrategy {
  /** How long the result may be served at most; default: the cache's. 0 does not use the cache. */
  readonly ttl?: Duration
  /** Extra tags of this query, for `invalidate({ tags })`. */
  readonly tags?: readonly string[]
}

/** A validated strategy. */
export interface ReadStrategy {
  /** Milliseconds. */
  readonly ttl: number | undefined
  readonly tags: readonly string[]
}

const KEYS: ReadonlySet<string> = new Set(['ttl', 'tags'])

/** Validates a strategy. Throws {@link InvalidOptionError}. */
export function readStrategy(strategy: unknown): ReadStrategy {
  if (typeof strategy !== 'object' || strategy === null || Array.isArray(strategy)) {
    throw new InvalidOptionError('cacheStrategy', `must be false or an object such as { ttl: '30s', tags: ['home'] }.`)
  }
  for (const key of Object.keys(strategy)) {
    if (!KEYS.has(key))
      throw new InvalidOptionError(`cacheStrategy.${key}`, `is not known. Known: ${[...KEYS].join(', ')}.`)
  }
  const { ttl, tags = [] } = strategy as { ttl?: unknown; tags?: unknown }
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === 'string' && tag !== '')) {
    throw new InvalidOptionError('cacheStrategy.tags', 'must be an array of non-empty strings.')
  }
  return { ttl: ttl === undefined ? undefined : cachingMilliseconds('cacheStrategy.ttl', ttl), tags }
}
