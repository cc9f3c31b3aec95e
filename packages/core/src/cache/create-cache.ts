/** How caches are made: on the options' store, or on this process's one authority. */

import { ProcessAuthority } from '../protocol/process-authority.ts'
import { systemRuntime } from '../runtime/runtime.ts'
import { Cache } from './cache.ts'
import { type CacheOptions, resolveOptions } from './options.ts'

/** What all copies of this package in one process share: two authorities for one database would be wrong. */
interface ProcessState {
  authority?: ProcessAuthority
  cache?: Cache
}

const PROCESS_STATE = Symbol.for('larder.default.v1')

/** A cache. Throws `InvalidOptionError` for any option that cannot be used. */
export function createCache(options: CacheOptions = {}): Cache {
  const resolved = resolveOptions(options)
  const runtime = systemRuntime()
  return new Cache(resolved, { runtime, authority: resolved.store?.authority ?? processAuthority() })
}

/** The cache that adapters use when they are given none: memory only, one per process. */
export function defaultCache(): Cache {
  const state = processState()
  if (state.cache === undefined || state.cache.closed) state.cache = createCache()
  return state.cache
}

function processAuthority(): ProcessAuthority {
  const state = processState()
  state.authority ??= new ProcessAuthority(systemRuntime())
  return state.authority
}

function processState(): ProcessState {
  const holder = globalThis as { [PROCESS_STATE]?: ProcessState }
  holder[PROCESS_STATE] ??= {}
  return holder[PROCESS_STATE]
}
