/** H53: whatever happens, nothing grows for ever. H54: a write costs the same however much is cached. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ProcessAuthority } from '../src/protocol/process-authority.ts'
import { Executions } from '../src/read/executions.ts'
import { MarkedReads } from '../src/read/marked-reads.ts'
import { MemoryTier } from '../src/store/memory-tier.ts'
import { FaultyAuthority } from './doubles/faulty-authority.ts'
import { ManualRuntime, settled } from './doubles/manual-runtime.ts'
import { MapStore } from './doubles/map-store.ts'
import { deferred, TestCache } from './doubles/test-cache.ts'

const LEASE = 30_000
const UNKNOWN_FOR = 300_000
const OPERATIONS = 100_000
const BATCH = 500
const MAX_ENTRIES = 200
const MAX_TAGS = 1_000

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

afterEach(() => {
  vi.restoreAllMocks()
})

/** Numbers that look random and are the same in each run (mulberry32). */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * sides)
  }
}

/** A cache with small bounds, and everything that can happen to it. */
class Soak {
  readonly runtime = new ManualRuntime()
  readonly executions = new Executions()
  readonly authority: FaultyAuthority
  readonly test: TestCache<FaultyAuthority>
  readonly #roll = dice(1)
  #operations = 0

  constructor(remote: boolean) {
    const { runtime, executions } = this
    const inner = new ProcessAuthority(runtime, { maxTags: MAX_TAGS })
    this.authority = Object.assign(new FaultyAuthority(runtime, { remote }), { inner })
    this.authority.calls.push = () => 0
    this.test = new TestCache({
      runtime,
      authority: this.authority,
      parts: { executions: () => executions },
      options: { memory: { maxEntries: MAX_ENTRIES } },
    })
  }

  async run(operations: number): Promise<void> {
    for (let i = 0; i < operations; i += BATCH) {
      const isDown = this.#roll(10) === 0
      if (isDown) this.authority.all(() => Promise.reject(new Error('down')))
      await Promise.all(Array.from({ length: BATCH }, () => this.#operation().catch(() => {})))
      this.authority.recover()
      await this.runtime.pass(this.#roll(2) === 0 ? 20 : 5_000)
      this.test.takeOutcomes()
    }
  }

  /** Waits until nothing is left that could still change. */
  async rest(): Promise<void> {
    await this.runtime.pass(UNKNOWN_FOR + 3 * LEASE)
    this.test.takeOutcomes()
    this.test.queries = 0
  }

  #operation(): Promise<unknown> {
    const { test } = this
    const number = ++this.#operations
    const roll = this.#roll
    const table = `table_${roll(OPERATIONS)}`
    const text = `select ${number}`
    const controller = new AbortController()
    switch (roll(10)) {
      case 0:
        return test.write(`update ${table} set x = 1`)
      case 1:
        return test.write(`update ${table} set x = 1`, { send: fail, verdict: () => ({ serverCode: '23505' }) })
      case 2:
        return number % 10 === 0 ? test.write(`update ${table} set x = 1`, { send: fail }) : test.read({ table, text })
      case 3:
        return test.cache.invalidate({ tags: [`tag ${number}`], tables: [table] })
      case 4:
        return Promise.all([test.read({ table, text, run: fail }), test.read({ table, text })])
      case 5: {
        const { signal } = controller
        const run = (signal?: AbortSignal) =>
          new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
        const read = test.read({ table, text, run, signal })
        queueMicrotask(() => controller.abort())
        return read
      }
      case 6: {
        const transaction = test.origin.transaction()
        return test
          .write(`update ${table} set x = 1`, { transaction })
          .then(() => test.write(roll(2) === 0 ? 'COMMIT' : 'ROLLBACK', { transaction }))
      }
      case 7:
        return test.cache.explain(() => test.read({ table, text, strategy: { tags: [`tag ${number}`], ttl: 1 } }))
      default:
        return test.read({ table, text, run: async () => ({ text, row: 'x'.repeat(100) }) })
    }
  }
}

const fail = (): Promise<never> => Promise.reject(new Error('failed'))

describe.each([false, true])('H53 after 100,000 operations with a remote authority: %s', (remote) => {
  it('everything is empty or bounded', async () => {
    const soak = new Soak(remote)
    await soak.run(OPERATIONS)
    const busy = soak.test.cache.stats()
    expect(busy.hits + busy.misses + busy.bypasses).toBeGreaterThan(OPERATIONS / 3)
    expect(busy.faults).toBeGreaterThan(0)
    expect(busy.memory.entries).toBeLessThanOrEqual(MAX_ENTRIES)
    await soak.rest()
    expect(soak.executions.size).toBe(0)
    expect(soak.runtime.pendingTimers).toBe(0)
    expect(soak.authority.inner.size).toBeLessThanOrEqual(MAX_TAGS)
    expect(await soak.test.cache.health()).toMatchObject({ owed: { writes: 0, tags: [] }, marks: 0 })
    // No tag is owed or marked any more: a read of any table is cached.
    for (const table of ['table_1', 'table_2', 'other']) {
      await soak.test.read({ table, text: table })
      const { hits } = soak.test.cache.stats()
      await soak.test.read({ table, text: table })
      expect(soak.test.cache.stats().hits).toBe(hits + 1)
    }
  })

  it('the heap is as large as after the first ones', async () => {
    const soak = new Soak(remote)
    const heap = async (operations: number): Promise<number> => {
      await soak.run(operations)
      await soak.rest()
      await settled()
      collectGarbage()
      return process.memoryUsage().heapUsed
    }
    const before = await heap(20_000)
    const after = await heap(60_000)
    // One small object per operation would be ten times this.
    expect((after - before) / 60_000).toBeLessThan(10)
  })
})

describe('H53', () => {
  it('reads of marked tags leave no lane behind, however they end', async () => {
    const marked = new MarkedReads(new ManualRuntime().timers)
    const gates = []
    for (let i = 0; i < OPERATIONS; i += 4) {
      const gate = deferred<number>()
      const controller = new AbortController()
      gates.push(gate, controller)
      const run = () => gate.promise
      for (const signal of [undefined, controller.signal, controller.signal, undefined]) {
        marked.run(`key ${i}`, run, () => undefined, signal).catch(() => {})
      }
    }
    expect(marked.size).toBe(OPERATIONS / 4)
    for (const [i, gate] of gates.entries()) {
      if (gate instanceof AbortController) gate.abort()
      else if (i % 3 === 0) gate.reject(new Error('failed'))
      else gate.resolve(1)
    }
    await settled()
    expect(marked.size).toBe(0)
  })

  it('executions that failed, were aborted or were never joined leave nothing behind', async () => {
    const executions = new Executions()
    const seen = { epoch: 'e', stamps: [] }
    for (let i = 0; i < OPERATIONS; i++) {
      const signal = i % 3 === 0 ? AbortSignal.abort() : undefined
      const run = i % 2 === 0 ? fail : async () => 1
      executions.run(`key ${i}`, seen, run, () => undefined, signal, 0).result.catch(() => {})
    }
    await settled()
    expect(executions.size).toBe(0)
  })

  it('clients that are no longer used are forgotten', async () => {
    const test = new TestCache()
    for (let i = 0; i < 5_000; i++) test.newOrigin({ database: `database ${i}` })
    await settled()
    collectGarbage()
    await settled()
    test.newOrigin()
    expect((await test.cache.health()).origins.length).toBeLessThan(100)
  })

  it('warnings are one for each code, whatever they are about', async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const test = new TestCache()
    for (let i = 0; i < 1_000; i++) await test.read({ strategy: { [`option${i}`]: i } as never })
    expect((await test.cache.health()).warnings).toHaveLength(1)
  })
})

describe('H54 a write', () => {
  it.each(['process', 'remote'])('costs the same with 10 entries as with 10,000 (%s)', async (kind) => {
    const costs = []
    for (const entries of [10, 10_000]) {
      const runtime = new ManualRuntime()
      const store = new MapStore(runtime.clock)
      const authority = new FaultyAuthority(runtime, { remote: kind === 'remote' })
      const test = new TestCache({ runtime, authority, options: { store, namespace: 'shop' } })
      for (let i = 0; i < entries; i++) await test.read({ text: `select ${i}` })
      expect(test.cache.stats().memory.entries).toBe(entries)
      authority.calls.splice(0)
      const touched = [
        ...(['get', 'set', 'delete', 'clear'] as const).map((name) => vi.spyOn(MemoryTier.prototype, name)),
        ...(['get', 'set', 'delete'] as const).map((name) => vi.spyOn(store, name)),
      ]
      await test.write()
      await test.cache.invalidate({ all: true })
      costs.push({ steps: authority.takeSteps(), touched: touched.map(({ mock }) => mock.calls.length) })
      vi.restoreAllMocks()
      // The write did its work all the same.
      await test.read({ text: 'select 1' })
      expect(test.takeOutcomes().at(-1)).toBe('miss')
    }
    expect(costs[1]).toEqual(costs[0])
    expect(costs[0]).toEqual({ steps: ['unsettle', 'settle', 'settle'], touched: Array(7).fill(0) })
  })
})
