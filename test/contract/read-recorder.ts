// Remembers what was read through a cache, so that after a test each of it can be compared with the database.

import type { Cache, Origin, ReadRequest } from '@larder/core'
import { expect } from 'vitest'
import { sameValue } from '../../packages/core/src/value/same-value.ts'

interface RecordedRead {
  readonly origin: Origin
  readonly request: ReadRequest<unknown>
}

/** Sees every read that adapters hand to the cache. Make it before the first client uses the cache. */
export class ReadRecorder {
  readonly #reads = new Map<string, RecordedRead>()

  constructor(cache: Cache) {
    const newOrigin = cache.origin.bind(cache)
    cache.origin = (options) => {
      const origin = newOrigin(options)
      const read = origin.read.bind(origin)
      origin.read = (request) => {
        if (request.inTransaction !== true && request.bypass === undefined && request.strategy !== false) {
          this.#reads.set(request.text, { origin, request: request as ReadRequest<unknown> })
        }
        return read(request)
      }
      return origin
    }
  }

  /** Each read once more, as the cache answers it now and as the database does. */
  async verify(): Promise<void> {
    for (const [text, { origin, request }] of [...this.#reads]) {
      // Never cached, and some of these answer differently each time.
      if (request.tables().reason !== undefined) continue
      const served = await outcome(() => origin.read(request))
      const stored = await outcome(() => request.run())
      expect(sameValue(served, stored), `the cached result of ${text} and the database`).toBeUndefined()
    }
    this.#reads.clear()
  }
}

/** A result, or the message of the error instead of one. */
async function outcome(read: () => unknown): Promise<unknown> {
  try {
    return { value: await read() }
  } catch (error) {
    return { error: (error as Error).message }
  }
}
