import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Eviction, entryOverhead, MemoryTier } from './memory-tier.ts'

const evictions: Eviction[] = ['lru', 'fifo', 'lfu']
const OVERHEAD = entryOverhead('k0')
/** Of lfu-cache.ts. */
const MAX_LEAD = 15

interface Entry {
  readonly value: number
}

interface Held {
  readonly key: string
  entry: Entry
  bytes: number
  /** Order of the last use (of arrival, for fifo). */
  at: number
  rank: number
}

/** What the tier should hold, by searching all of it for each victim. */
class NaiveTier {
  held: Held[] = []
  evictions = 0
  #age = 0
  #time = 0
  readonly #maxEntries: number
  readonly #maxBytes: number
  readonly #eviction: Eviction

  constructor(maxEntries: number, maxBytes: number, eviction: Eviction) {
    this.#maxEntries = maxEntries
    this.#maxBytes = maxBytes
    this.#eviction = eviction
  }

  get bytes(): number {
    return this.held.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  get(key: string): Entry | undefined {
    const held = this.held.find((one) => one.key === key)
    if (held !== undefined && this.#eviction !== 'fifo') this.#use(held)
    return held?.entry
  }

  set(key: string, entry: Entry, bytes: number): boolean {
    if (bytes > this.#maxBytes) {
      this.delete(key)
      return false
    }
    let held = this.held.find((one) => one.key === key)
    if (held === undefined) {
      while (this.held.length >= this.#maxEntries || this.bytes + bytes > this.#maxBytes) this.#evict(undefined)
      held = { key, entry, bytes, at: this.#time++, rank: this.#age + 1 }
      this.held.push(held)
    } else {
      this.#use(held)
      held.entry = entry
      held.bytes = bytes
      while (this.bytes > this.#maxBytes) this.#evict(held)
    }
    return true
  }

  delete(key: string): boolean {
    const before = this.held.length
    this.held = this.held.filter((one) => one.key !== key)
    return this.held.length < before
  }

  clear(): void {
    this.held = []
    this.#age = 0
  }

  #use(held: Held): void {
    held.at = this.#time++
    held.rank = Math.max(held.rank, Math.min(held.rank + 1, this.#age + MAX_LEAD))
  }

  #evict(spared: Held | undefined): void {
    const byRank = this.#eviction === 'lfu'
    const order = (a: Held, b: Held) => (byRank ? a.rank - b.rank : 0) || a.at - b.at
    const sorted = [...this.held].sort(order)
    this.#age = (sorted[0] as Held).rank
    const victim = sorted.find((one) => one !== spared) as Held
    this.delete(victim.key)
    this.evictions++
  }
}

const key = fc.nat(12).map((n) => `k${n}`)
const step = fc.oneof(
  { weight: 10, arbitrary: fc.record({ do: fc.constant('get' as const), key }) },
  { weight: 10, arbitrary: fc.record({ do: fc.constant('set' as const), key, bytes: fc.nat(60) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('set' as const), key, bytes: fc.integer({ min: 400, max: 2000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('again' as const), key, bytes: fc.nat(200) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
  { weight: 1, arbitrary: fc.constant({ do: 'clear' as const }) },
)

describe.each(evictions)('memory tier, %s', (eviction) => {
  const make = (maxEntries: number, maxBytes: number) => new MemoryTier<Entry>({ maxEntries, maxBytes, eviction })

  it('holds what a naive model holds after any steps', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 250, size: 'max' }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: OVERHEAD, max: 1200 }),
        (steps, maxEntries, maxBytes) => {
          const tier = make(maxEntries, maxBytes)
          const model = new NaiveTier(maxEntries, maxBytes, eviction)
          let value = 0
          for (const one of steps) {
            if (one.do === 'get') expect(tier.get(one.key)).toBe(model.get(one.key))
            else if (one.do === 'delete') expect(tier.delete(one.key)).toBe(model.delete(one.key))
            else if (one.do === 'clear') {
              tier.clear()
              model.clear()
            } else {
              const again = one.do === 'again' ? model.held.find((held) => held.key === one.key)?.entry : undefined
              const entry = again ?? { value: value++ }
              // The same object once more counts as a new entry for lru and fifo, where only its place matters.
              const expected = model.set(one.key, entry, one.bytes + entryOverhead(one.key))
              expect(tier.set(one.key, entry, one.bytes)).toBe(expected)
            }
            tier.checkInvariants()
            expect([tier.size, tier.bytes, tier.evictions]).toEqual([model.held.length, model.bytes, model.evictions])
          }
          for (const held of model.held) expect(tier.get(held.key)).toBe(held.entry)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('refuses an entry larger than all of the memory, and drops what it would have replaced', () => {
    const tier = make(10, OVERHEAD + 100)
    expect(tier.set('k0', { value: 1 }, 100)).toBe(true)
    expect(tier.set('k0', { value: 2 }, 101)).toBe(false)
    expect(tier.get('k0')).toBeUndefined()
    expect([tier.size, tier.bytes, tier.evictions]).toEqual([0, 0, 0])
    tier.checkInvariants()
  })

  it('counts the bytes of keys', () => {
    const tier = make(10, 10_000)
    tier.set('k'.repeat(1000), { value: 1 }, 100)
    expect(tier.bytes).toBeGreaterThan(1100)
    const wide = make(10, 10_000)
    wide.set('→'.repeat(1000), { value: 1 }, 100)
    expect(wide.bytes).toBeGreaterThan(2100)
  })

  it('tells of each eviction, and of nothing else', () => {
    let evicted = 0
    const tier = new MemoryTier<Entry>({ maxEntries: 2, maxBytes: 10_000, eviction, onEvict: () => evicted++ })
    for (const name of ['a', 'b', 'c', 'c']) tier.set(name, { value: 1 }, 1)
    tier.delete('c')
    tier.clear()
    expect([evicted, tier.evictions]).toEqual([1, 1])
    tier.checkInvariants()
  })

  it('H53 stays within its bounds under a stream of unique keys', () => {
    const tier = make(1000, 200_000)
    let evicted = 0
    for (let i = 0; i < 100_000; i++) {
      tier.set(`query number ${i}`, { value: i }, i % 300)
      if (i % 7 === 0) tier.get(`query number ${i - 5}`)
      if (i % 1000 === 0) tier.checkInvariants()
      evicted = tier.evictions
    }
    tier.checkInvariants()
    expect(evicted).toBe(100_000 - tier.size)
    expect(tier.bytes).toBeGreaterThan(190_000)
  })
})

describe('lfu', () => {
  it('keeps what is used often through a scan that lru forgets it in', () => {
    const left = (eviction: Eviction) => {
      const tier = new MemoryTier<Entry>({ maxEntries: 100, maxBytes: 1e6, eviction })
      for (let round = 0; round < 10; round++) {
        for (let i = 0; i < 50; i++) if (!tier.get(`hot ${i}`)) tier.set(`hot ${i}`, { value: i }, 1)
      }
      for (let i = 0; i < 300; i++) tier.set(`scanned ${i}`, { value: i }, 1)
      return Array.from({ length: 50 }, (_, i) => tier.get(`hot ${i}`)).filter((entry) => entry !== undefined).length
    }
    expect(left('lfu')).toBe(50)
    expect(left('lru')).toBe(0)
  })

  it('lets an old favourite go once it is no longer used', () => {
    const tier = new MemoryTier<Entry>({ maxEntries: 10, maxBytes: 1e6, eviction: 'lfu' })
    tier.set('favourite', { value: 0 }, 1)
    for (let i = 0; i < 1_000_000; i++) tier.get('favourite')
    for (let i = 0; i < 10 * (MAX_LEAD + 2); i++) tier.set(`newcomer ${i}`, { value: i }, 1)
    expect(tier.get('favourite')).toBeUndefined()
    tier.checkInvariants()
  })
})
