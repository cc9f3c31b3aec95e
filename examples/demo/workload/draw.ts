/** Random choices of a plan: the same for the same seed. */

export class Draw {
  #state: number
  readonly #ranks = new Map<string, Float64Array>()

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** Uniform in [0, 1): Tommy Ettinger's Mulberry32. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let value = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296
  }

  /** A whole number from 0 to `limit` - 1, all equally likely. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit)
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T
  }

  /** One of `count` ranks from 1, by Zipf's law: rank k is drawn in proportion to 1 / k^skew. */
  zipf(count: number, skew = 1): number {
    const sums = this.#sums(count, skew)
    const wanted = this.fraction() * (sums[count - 1] as number)
    let low = 0
    let high = count - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((sums[middle] as number) <= wanted) low = middle + 1
      else high = middle
    }
    return low + 1
  }

  /** Several different ranks, or all when there are fewer. */
  distinctZipf(size: number, count: number, skew = 1): number[] {
    const ranks = new Set<number>()
    while (ranks.size < Math.min(size, count)) ranks.add(this.zipf(count, skew))
    return [...ranks]
  }

  /** One of the items, in proportion to their weights. */
  weighted<T extends { readonly weight: number }>(items: readonly T[]): T {
    let left = this.fraction() * items.reduce((sum, { weight }) => sum + weight, 0)
    for (const item of items) {
      left -= item.weight
      if (left < 0) return item
    }
    return items.at(-1) as T
  }

  #sums(count: number, skew: number): Float64Array {
    const name = `${count} ${skew}`
    let sums = this.#ranks.get(name)
    if (sums === undefined) {
      sums = new Float64Array(count)
      let sum = 0
      for (let i = 0; i < count; i++) {
        sum += 1 / (i + 1) ** skew
        sums[i] = sum
      }
      this.#ranks.set(name, sums)
    }
    return sums
  }
}
