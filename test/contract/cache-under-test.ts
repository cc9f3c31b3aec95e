// A cache with an authority of its own, so that tests in one process do not see each other's marks.

import { Cache, type CacheParts, ProcessAuthority, systemRuntime } from '@larder/core'
import { resolveOptions } from '../../packages/core/src/cache/options.ts'
import type { ContractOptions } from './contract-orm.ts'
import { ReadRecorder } from './read-recorder.ts'

export interface CacheUnderTest {
  readonly cache: Cache
  readonly authority: ProcessAuthority
  readonly recorder: ReadRecorder
}

export function cacheUnderTest({
  parts,
  runtime,
  faulty: _,
  broken: __,
  ...options
}: ContractOptions = {}): CacheUnderTest {
  const time = runtime ?? systemRuntime()
  const authority = new ProcessAuthority(time)
  const shipped: CacheParts = { runtime: time, authority }
  const cache = new Cache(resolveOptions(options), parts?.(shipped) ?? shipped)
  return { cache, authority, recorder: new ReadRecorder(cache) }
}
