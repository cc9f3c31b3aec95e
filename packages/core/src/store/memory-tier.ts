/** The entries in this process's memory, bounded by number and by bytes. */

import { LRUCache } from 'lru-cache'
import { stringHeapSize } from '../value/heap-size.ts'
import { LfuCache } from './lfu-cache.ts'

/** Which entry makes room: the least recently used, the oldest, or the least often used (with ageing). */
export type Eviction = 'lru' | 'fifo' | 'lfu'

export interface MemoryTierOptions {
  /** At least 1. Memory for its bookkeeping, 24 bytes each, is taken at once by `lru` and `fifo`. */
  readonly maxEntries: number
  /** Of estimated heap, keys and bookkeeping included; at least 1. */
  readonly maxBytes: number
  readonly eviction: Eviction
  /** Called for each entry that made room for another. Must not throw. */
  readonly onEvict?: () => void
}

export class MemoryTier<E extends object> {
  readonly #options: MemoryTierOptions
  readonly #entries: LruEntries<E> | LfuCache<E>
  #evictions = 0

  constructor(options: MemoryTierOptions) {
    this.#options = options
    const onEvict = () => {
      this.#evictions++
      options.onEvict?.()
    }
    this.#entries =
      options.eviction === 'lfu' ? new LfuCache<E>({ ...options, onEvict }) : new LruEntries<E>(options, onEvict)
  }

  /** How many entries are held. */
  get size(): number {
    return this.#entries.size
  }

  /** Estimated heap in bytes of all entries, keys and bookkeeping included. */
  get bytes(): number {
    return this.#entries.bytes
  }

  /** How many entries have made room for others so far. */
  get evictions(): number {
    return this.#evictions
  }

  /** Counts as a use of the entry, but for `fifo`. */
  get(key: string): E | undefined {
    return this.#entries.get(key)
  }

  /**
   * `bytes` is the estimated heap of the entry without its key. False when that is more than all of `maxBytes`:
   * nothing is then stored under this key, an earlier entry included.
   */
  set(key: string, entry: E, bytes: number): boolean {
    return this.#entries.set(key, entry, Math.ceil(bytes) + entryOverhead(key))
  }

  delete(key: string): boolean {
    return this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }

  /** Throws when a bound or a count is wrong. For tests. */
  checkInvariants(): void {
    const { size, bytes } = this
    const { maxEntries, maxBytes } = this.#options
    if (size > maxEntries || bytes > maxBytes) throw new Error(`${size} entries of ${bytes} bytes are too many`)
    if ((size === 0) !== (bytes === 0)) throw new Error(`${size} entries of ${bytes} bytes cannot be`)
    if (this.#entries instanceof LfuCache) this.#entries.checkInvariants()
  }
}

/** Estimated heap in bytes that an entry takes beside itself: its key and its place in maps and lists. */
export function entryOverhead(key: string): number {
  return stringHeapSize(key) + 112
}

/** lru-cache, and fifo by never telling it of a use. */
class LruEntries<E extends object> {
  readonly #cache: LRUCache<string, E>
  readonly #fifo: boolean
  readonly #maxBytes: number

  constructor(options: MemoryTierOptions, onEvict: () => void) {
    this.#fifo = options.eviction === 'fifo'
    this.#maxBytes = options.maxBytes
    this.#cache = new LRUCache({
      max: options.maxEntries,
      maxSize: options.maxBytes,
      dispose: (_entry, _key, reason) => {
        if (reason === 'evict') onEvict()
      },
    })
  }

  get size(): number {
    return this.#cache.size
  }

  get bytes(): number {
    return this.#cache.calculatedSize
  }

  get(key: string): E | undefined {
    return this.#fifo ? this.#cache.peek(key) : this.#cache.get(key)
  }

  set(key: string, entry: E, bytes: number): boolean {
    // lru-cache keeps the size of an object that it is given once more.
    if (this.#cache.peek(key) === entry) this.#cache.delete(key)
    this.#cache.set(key, entry, { size: bytes })
    return bytes <= this.#maxBytes
  }

  delete(key: string): boolean {
    return this.#cache.delete(key)
  }

  clear(): void {
    this.#cache.clear()
  }
}
