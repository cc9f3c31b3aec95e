// Crowds, limits and clocks (H46 H50 H53 H54 H56).

import type { CacheParts } from '@larder/core'
import { expect, it } from 'vitest'
import { Executions } from '../../packages/core/src/read/executions.ts'
import { ManualRuntime } from '../../packages/core/test/doubles/manual-runtime.ts'
import type { ContractSuite } from './contract-orm.ts'

const MINUTE = 60_000

export function loadContract(suite: ContractSuite): void {
  it('H46 an error is not cached', async () => {
    const { client, tap } = await suite.open()
    const id = await client.add('Ada')
    tap.refuse(/^select/i, new Error('the network is down'))
    await expect(client.nameOf(id)).rejects.toThrow()
    expect(await client.nameOf(id)).toBe('Ada')
  })

  it('H46 a cached "not found" ends when the row is inserted', async () => {
    const { client, cache } = await suite.open()
    const next = (await client.add('Ada')) + 1
    expect(await client.nameOf(next)).toBeUndefined()
    expect(await client.nameOf(next)).toBeUndefined()
    expect(cache.stats().hits).toBe(1)
    expect(await client.add('Bea')).toBe(next)
    expect(await client.nameOf(next)).toBe('Bea')
  })

  it('H50 a thousand concurrent misses of one query are one query', async () => {
    const { client, cache, tap } = await suite.open()
    const id = await client.add('Ada')
    tap.clear()
    const names = await Promise.all(Array.from({ length: 1_000 }, () => client.nameOf(id)))
    expect(new Set(names)).toEqual(new Set(['Ada']))
    expect(tap.reads).toHaveLength(1)
    expect(cache.stats()).toMatchObject({ misses: 1_000, shared: 999, fills: 1 })
  })

  it('H50 while a write is in flight, at most two executions of a query run at a time', async () => {
    const { client, tap } = await suite.open()
    const id = await client.add('Ada')
    const update = tap.holdBefore(/^update/i)
    const write = client.rename(id, 'Bea')
    await update.reached
    tap.clear()
    const names = await Promise.all(Array.from({ length: 1_000 }, () => client.nameOf(id)))
    expect(new Set(names)).toEqual(new Set(['Ada']))
    expect(tap.mostReadsAtOnce).toBe(2)
    // Two that run, and one more for everybody who came after they had begun.
    expect(tap.reads).toHaveLength(3)
    update.release()
    await write
    expect(await client.nameOf(id)).toBe('Bea')
  })

  it('H53 entries, stamps and running executions are bounded', async () => {
    const executions = new Executions()
    const parts = (shipped: CacheParts): CacheParts => ({ ...shipped, executions: () => executions })
    const { client, cache } = await suite.open({ memory: { maxEntries: 20 }, parts })
    for (let id = 1_000_000; id < 1_000_200; id++) await client.nameOf(id)
    const { memory, fills } = cache.stats()
    expect(fills).toBe(200)
    expect(memory.entries).toBe(20)
    expect(memory.evictions).toBe(180)
    expect(executions.size).toBe(0)
    expect((await cache.health()).marks).toBe(0)
  })

  it('H53 a result larger than maxEntryBytes is not stored', async () => {
    const { client, cache } = await suite.open({ maxEntryBytes: '2kb' })
    const [small, large] = [await client.add('Ada'), await client.add('A'.repeat(150))]
    const { maxEntryBytes } = { maxEntryBytes: 2_048 }
    await client.nameOf(small)
    await client.nameOf(large)
    expect(cache.stats().memory.bytes).toBeLessThan(2 * maxEntryBytes)
  })

  it('H54 the cost of a write does not grow with the number of entries', async () => {
    const { client } = await suite.open({ memory: { maxEntries: 100_000 } })
    const id = await client.add('Ada')
    await client.nameOf(id)
    await client.rename(id, 'Bea')
    const few = await mapOperations(() => client.rename(id, 'Cy'))
    for (let missing = 2_000_000; missing < 2_000_300; missing++) await client.nameOf(missing)
    const many = await mapOperations(() => client.rename(id, 'Dot'))
    // A few more or less are the driver's own; going through the 300 entries would be 300 more.
    expect(many).toBeLessThan(few + 50)
  })

  it('H56 an entry does not live on when the clock is set back', async () => {
    const runtime = new ManualRuntime()
    const { client, cache } = await suite.open({ runtime, ttl: '10m', jitter: 0 })
    const id = await client.add('Ada')
    await client.nameOf(id)
    runtime.wall -= 60 * MINUTE
    await runtime.pass(9 * MINUTE)
    await client.nameOf(id)
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 1 })
    await runtime.pass(MINUTE)
    await client.nameOf(id)
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 2 })
  })

  it('H56 an entry ages while the machine sleeps, and does not end early otherwise', async () => {
    const runtime = new ManualRuntime()
    const { client, cache } = await suite.open({ runtime, ttl: '10m', jitter: 0 })
    const id = await client.add('Ada')
    await client.nameOf(id)
    runtime.wall += 9 * MINUTE
    await client.nameOf(id)
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 1 })
    runtime.wall += MINUTE
    await client.nameOf(id)
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 2 })
  })
}

/** How often maps are asked or changed, or gone through step by step, while `work` runs. */
async function mapOperations(work: () => Promise<unknown>): Promise<number> {
  let count = 0
  const { get, set, has, delete: remove } = Map.prototype
  const iterator = Object.getPrototypeOf(new Map().values())
  const { next } = iterator
  const counted = <A extends unknown[], R>(method: (...args: A) => R) =>
    function (this: unknown, ...args: A): R {
      count++
      return Reflect.apply(method, this, args)
    }
  try {
    Object.assign(Map.prototype, { get: counted(get), set: counted(set), has: counted(has), delete: counted(remove) })
    iterator.next = counted(next)
    await work()
    return count
  } finally {
    Object.assign(Map.prototype, { get, set, has, delete: remove })
    iterator.next = next
  }
}
