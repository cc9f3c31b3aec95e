// Writes whose end is not known (H09 H15): their tags stay marked, so whatever the database does is seen.

import type { CacheParts } from '@larder/core'
import { ProcessAuthority } from '@larder/core'
import { expect, it } from 'vitest'
import { ManualRuntime } from '../../packages/core/test/doubles/manual-runtime.ts'
import type { ContractSuite } from './contract-orm.ts'

const LEASE = 30_000
const UNKNOWN_FOR = 300_000

/** As drivers report a broken connection: no code of the server. */
const LOST = new Error('Connection terminated unexpectedly')

export function unknownOutcomeContract(suite: ContractSuite): void {
  it('H09 the mark of a writer that vanished after its statement ends at its lease, and with it every older entry', async () => {
    const runtime = new ManualRuntime()
    const authority = new ProcessAuthority(runtime)
    const parts = (shipped: CacheParts): CacheParts => ({ ...shipped, authority })
    // In a process whose time stands still no timer renews a mark.
    const dying = await suite.open({ runtime: new ManualRuntime(), parts })
    const reader = await suite.open({ runtime, parts })
    const id = await dying.client.add('old')
    await reader.client.nameOf(id)

    const update = dying.tap.holdAfter(/^update/i)
    const write = dying.client.rename(id, 'new')
    await update.reached
    expect(await reader.client.nameOf(id)).toBe('new')
    await runtime.pass(LEASE - 1)
    expect(await reader.client.nameOf(id)).toBe('new')
    expect(reader.cache.stats()).toMatchObject({ fills: 1, bypassReasons: { 'write-in-flight': 2 } })
    await runtime.pass(1)
    expect(await reader.client.nameOf(id)).toBe('new')
    expect(await reader.client.nameOf(id)).toBe('new')
    expect(reader.cache.stats()).toMatchObject({ fills: 2, hits: 1 })
    update.release()
    await write
  })

  it('H09 the mark of a living writer outlives its lease', async () => {
    const runtime = new ManualRuntime()
    const { client, cache, tap } = await suite.open({ runtime })
    const id = await client.add('old')
    await client.nameOf(id)
    const update = tap.holdBefore(/^update/i)
    const write = client.rename(id, 'new')
    await update.reached
    await runtime.pass(10 * LEASE)
    expect(await client.nameOf(id)).toBe('old')
    expect(cache.stats().bypassReasons['write-in-flight']).toBe(1)
    update.release()
    await write
    expect(await client.nameOf(id)).toBe('new')
  })

  it('H15 a statement whose answer is lost leaves its tags marked until unknownFor has passed', async () => {
    const runtime = new ManualRuntime()
    const { client, cache, tap } = await suite.open({ runtime })
    const id = await client.add('old')
    await client.nameOf(id)
    tap.loseAnswer(/^update/i, LOST)
    await expect(client.rename(id, 'new')).rejects.toThrow()
    expect(await client.nameOf(id)).toBe('new')
    await runtime.pass(UNKNOWN_FOR - LEASE)
    expect(await client.nameOf(id)).toBe('new')
    expect(cache.stats().bypassReasons['write-in-flight']).toBe(2)
    expect((await cache.health()).marks).toBe(1)
    await runtime.pass(2 * LEASE)
    expect(await client.nameOf(id)).toBe('new')
    expect(await client.nameOf(id)).toBe('new')
    expect((await cache.health()).marks).toBe(0)
    expect(cache.stats().hits).toBe(1)
  })

  it('H15 a statement that the client gave up, and that the database runs later, is seen when it has run', async () => {
    const { client, cache, tap } = await suite.open()
    const id = await client.add('old')
    await client.nameOf(id)
    const late = tap.abandon(/^update/i, LOST)
    await expect(client.rename(id, 'new')).rejects.toThrow()
    expect(await client.nameOf(id)).toBe('old')
    await late.run()
    expect(await client.nameOf(id)).toBe('new')
    expect(cache.stats().bypassReasons['write-in-flight']).toBe(2)
  })

  it('H15 a COMMIT whose answer is lost leaves its tags marked', async () => {
    const { client, cache, tap } = await suite.open()
    const id = await client.add('old')
    await client.nameOf(id)
    tap.loseAnswer(/^commit/i, LOST)
    await expect(client.transaction((tx) => tx.rename(id, 'new'))).rejects.toThrow()
    expect(await client.nameOf(id)).toBe('new')
    expect(cache.stats().bypassReasons['write-in-flight']).toBe(1)
    expect((await cache.health()).marks).toBe(1)
  })

  it('H15 tells what is unknown as an event', async () => {
    const { client, cache, tap } = await suite.open()
    const id = await client.add('old')
    const unknown: unknown[] = []
    cache.on('unknown', ({ tags, error }) => unknown.push({ tags, message: (error as Error).message }))
    tap.loseAnswer(/^update/i, LOST)
    await expect(client.rename(id, 'new')).rejects.toThrow()
    expect(unknown).toEqual([{ tags: ['table:users'], message: LOST.message }])
  })
}
