/** A store in a Map, for tests of what core does with stores. */

import type { Clock } from '../../src/runtime/runtime.ts'
import type { EntryKey, Store } from '../../src/store/store.ts'

export class MapStore implements Store {
  readonly kind = 'map'
  readonly entries = new Map<EntryKey, { bytes: Uint8Array; until: number }>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async get(key: EntryKey): Promise<Uint8Array | undefined> {
    const entry = this.entries.get(key)
    return entry === undefined || entry.until <= this.#clock.monotonic() ? undefined : Uint8Array.from(entry.bytes)
  }

  async set(key: EntryKey, entry: Uint8Array, ttl: number): Promise<void> {
    this.entries.set(key, { bytes: Uint8Array.from(entry), until: this.#clock.monotonic() + ttl })
  }

  async delete(key: EntryKey): Promise<void> {
    this.entries.delete(key)
  }
}
