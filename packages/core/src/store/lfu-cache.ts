/**
 * A cache that evicts what was used least, in constant time: the frequency list of K. Shah, A. Mitra and D. Matani,
 * "An O(1) algorithm for implementing the LFU cache eviction scheme" (2010), with the dynamic ageing of LFU-DA
 * (M. Arlitt et al., "Evaluating content management techniques for web proxy caches", 2000).
 *
 * Plain LFU keeps yesterday's favourites for ever. Here an entry's rank is its number of uses plus the age of the
 * cache when it came in, and the age is the rank of what was evicted last. Each round of newcomers raises the age, so
 * that an entry which is no longer used leaves after as many rounds as it was ahead, at most `MAX_LEAD`.
 */

/**
 * How far ahead of the age uses can carry an entry; further ones count for recency only. Measured on the traces of
 * an ORM and of a web site: against larger leads 15 loses at most 0.1 points of hit rate, and wins up to 1.4.
 */
const MAX_LEAD = 15

interface Node<E> {
  readonly key: string
  entry: E
  bytes: number
  bucket: Bucket<E>
  older: Node<E> | undefined
  newer: Node<E> | undefined
}

/** Entries of one rank, from the least to the most recently used. */
interface Bucket<E> {
  readonly rank: number
  oldest: Node<E> | undefined
  newest: Node<E> | undefined
  lower: Bucket<E> | undefined
  higher: Bucket<E> | undefined
}

export interface LfuCacheOptions {
  readonly maxEntries: number
  readonly maxBytes: number
  /** Called for each entry that made room for another; not for `delete`, `clear` and replaced entries. */
  readonly onEvict: () => void
}

export class LfuCache<E> {
  readonly #maxEntries: number
  readonly #maxBytes: number
  readonly #onEvict: () => void
  readonly #nodes = new Map<string, Node<E>>()
  #lowest: Bucket<E> | undefined
  #age = 0
  #bytes = 0

  constructor(options: LfuCacheOptions) {
    this.#maxEntries = options.maxEntries
    this.#maxBytes = options.maxBytes
    this.#onEvict = options.onEvict
  }

  get size(): number {
    return this.#nodes.size
  }

  get bytes(): number {
    return this.#bytes
  }

  get(key: string): E | undefined {
    const node = this.#nodes.get(key)
    if (node === undefined) return undefined
    this.#promote(node)
    return node.entry
  }

  /** False, and nothing under this key, when `bytes` is more than fits. */
  set(key: string, entry: E, bytes: number): boolean {
    if (bytes > this.#maxBytes) {
      this.delete(key)
      return false
    }
    const known = this.#nodes.get(key)
    if (known === undefined) this.#insert(key, entry, bytes)
    else this.#replace(known, entry, bytes)
    return true
  }

  delete(key: string): boolean {
    const node = this.#nodes.get(key)
    if (node === undefined) return false
    this.#remove(node)
    return true
  }

  clear(): void {
    this.#nodes.clear()
    this.#lowest = undefined
    this.#bytes = 0
  }

  /** Throws when the lists, the map and the counts contradict each other. For tests. */
  checkInvariants(): void {
    let nodes = 0
    let bytes = 0
    let rank = this.#age - 1
    let lower: Bucket<E> | undefined
    for (let bucket = this.#lowest; bucket !== undefined; bucket = bucket.higher) {
      if (bucket.rank <= rank) throw new Error(`Rank ${bucket.rank} follows ${rank} at age ${this.#age}`)
      if (bucket.lower !== lower || bucket.oldest === undefined) throw new Error(`Bucket ${bucket.rank} is broken`)
      let older: Node<E> | undefined
      for (let node: Node<E> | undefined = bucket.oldest; node !== undefined; node = node.newer) {
        const sound = node.bucket === bucket && node.older === older && this.#nodes.get(node.key) === node
        if (!sound) throw new Error(`The node of '${node.key}' is broken`)
        nodes++
        bytes += node.bytes
        older = node
      }
      if (bucket.newest !== older) throw new Error(`Bucket ${bucket.rank} ends elsewhere`)
      rank = bucket.rank
      lower = bucket
    }
    if (rank > this.#age + MAX_LEAD) throw new Error(`Rank ${rank} is too far ahead of age ${this.#age}`)
    if (nodes !== this.#nodes.size || bytes !== this.#bytes) throw new Error('The counts are wrong')
  }

  #insert(key: string, entry: E, bytes: number): void {
    while (this.#nodes.size >= this.#maxEntries || this.#bytes + bytes > this.#maxBytes) this.#evict(undefined)
    const bucket = this.#newcomers()
    const node: Node<E> = { key, entry, bytes, bucket, older: undefined, newer: undefined }
    append(bucket, node)
    this.#nodes.set(key, node)
    this.#bytes += bytes
  }

  /** A refilled entry keeps its rank: it is the same query that is wanted. */
  #replace(node: Node<E>, entry: E, bytes: number): void {
    this.#promote(node)
    this.#bytes += bytes - node.bytes
    node.entry = entry
    node.bytes = bytes
    while (this.#bytes > this.#maxBytes) this.#evict(node)
  }

  /** The bucket one above the age. No rank is below the age, so that it is among the first two. */
  #newcomers(): Bucket<E> {
    const rank = this.#age + 1
    const lowest = this.#lowest
    if (lowest === undefined || lowest.rank > rank) return this.#addBucket(rank, undefined, lowest)
    return lowest.rank === rank ? lowest : this.#bucketAbove(lowest, rank)
  }

  #promote(node: Node<E>): void {
    const bucket = node.bucket
    const rank = Math.min(bucket.rank + 1, this.#age + MAX_LEAD)
    const target = rank > bucket.rank ? this.#bucketAbove(bucket, rank) : bucket
    unlink(node)
    append(target, node)
    if (bucket.oldest === undefined) this.#removeBucket(bucket)
  }

  #bucketAbove(bucket: Bucket<E>, rank: number): Bucket<E> {
    const higher = bucket.higher
    return higher !== undefined && higher.rank === rank ? higher : this.#addBucket(rank, bucket, higher)
  }

  #evict(spared: Node<E> | undefined): void {
    const lowest = this.#lowest as Bucket<E>
    const oldest = lowest.oldest as Node<E>
    const victim = oldest === spared ? (oldest.newer ?? (lowest.higher as Bucket<E>).oldest) : oldest
    this.#age = lowest.rank
    this.#remove(victim as Node<E>)
    this.#onEvict()
  }

  #remove(node: Node<E>): void {
    this.#nodes.delete(node.key)
    this.#bytes -= node.bytes
    unlink(node)
    if (node.bucket.oldest === undefined) this.#removeBucket(node.bucket)
  }

  #addBucket(rank: number, lower: Bucket<E> | undefined, higher: Bucket<E> | undefined): Bucket<E> {
    const bucket: Bucket<E> = { rank, oldest: undefined, newest: undefined, lower, higher }
    if (lower === undefined) this.#lowest = bucket
    else lower.higher = bucket
    if (higher !== undefined) higher.lower = bucket
    return bucket
  }

  #removeBucket(bucket: Bucket<E>): void {
    if (bucket.lower === undefined) this.#lowest = bucket.higher
    else bucket.lower.higher = bucket.higher
    if (bucket.higher !== undefined) bucket.higher.lower = bucket.lower
  }
}

function append<E>(bucket: Bucket<E>, node: Node<E>): void {
  node.bucket = bucket
  node.older = bucket.newest
  node.newer = undefined
  if (bucket.newest === undefined) bucket.oldest = node
  else bucket.newest.newer = node
  bucket.newest = node
}

function unlink<E>(node: Node<E>): void {
  const { bucket, older, newer } = node
  if (older === undefined) bucket.oldest = newer
  else older.newer = newer
  if (newer === undefined) bucket.newest = older
  else newer.older = older
}
