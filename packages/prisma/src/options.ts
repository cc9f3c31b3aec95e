/** Options of `cacheExtension()`: validated once, when it is called. */

import {
  booleanOption,
  type Cache,
  type CacheOptions,
  type ClientDefaults,
  cachingMilliseconds,
  checkKnown,
  type Duration,
  defaultCache,
  InvalidOptionError,
  type Scope,
  scopeOption,
  textOption,
} from '@larder/core'

export interface CacheExtensionOptions {
  /** Default: the one cache that all adapters of this process share. */
  readonly cache?: Cache
  /** Names the database where it cannot be asked; by default the database says what it is. */
  readonly database?: string
  /** Over the cache's own: see `createCache`. */
  readonly ttl?: Duration
  readonly enabled?: boolean
  readonly scope?: Scope
}

export interface ResolvedExtensionOptions {
  readonly cache: Cache
  readonly database: string | undefined
  readonly defaults: ClientDefaults
}

const KNOWN: ReadonlySet<string> = new Set<keyof CacheExtensionOptions>([
  'cache',
  'database',
  'ttl',
  'enabled',
  'scope',
])

/** Throws `InvalidOptionError`. */
export function resolveExtensionOptions(options: CacheExtensionOptions = {}): ResolvedExtensionOptions {
  checkKnown('', options, KNOWN)
  const { cache, database, ttl, enabled, scope } = options
  if (cache !== undefined && !isCache(cache)) {
    throw new InvalidOptionError('cache', 'must be a cache made by createCache() of @larder/core.')
  }
  return {
    cache: cache ?? defaultCache(),
    database: database === undefined ? undefined : textOption('database', database),
    defaults: {
      ttl: ttl === undefined ? undefined : cachingMilliseconds('ttl', ttl),
      enabled: enabled === undefined ? undefined : booleanOption('enabled', enabled),
      scope: scopeOption('scope', scope),
    },
  }
}

/** By shape: another copy of the package makes caches of another class. */
function isCache(value: unknown): value is Cache {
  const { origin, invalidate, stats } = (value ?? {}) as Partial<Record<keyof Cache | keyof CacheOptions, unknown>>
  return [origin, invalidate, stats].every((method) => typeof method === 'function')
}
