import { describe, expect, it } from 'vitest'
import { FaultyAuthority } from '../../test/doubles/faulty-authority.ts'
import { ManualRuntime, settled } from '../../test/doubles/manual-runtime.ts'
import { deferred, TestCache } from '../../test/doubles/test-cache.ts'

const users = { adapter: 'test', text: 'select from users' }
const tags = ['*', 'table:users']

describe('events of reads', () => {
  it('tell what happened, with the query and without its scope', async () => {
    const test = new TestCache({ options: { scope: () => 'secret' } })
    await test.read()
    await test.read()
    await test.read({ strategy: false })
    expect(test.take('miss')).toEqual([{ ...users, tags, shared: false }])
    expect(test.take('fill')).toEqual([{ ...users, bytes: expect.toSatisfy((bytes: number) => bytes > 0) }])
    expect(test.take('hit')).toEqual([{ ...users, tier: 'memory' }])
    expect(test.take('bypass')).toEqual([{ ...users, reason: 'off-for-call', detail: undefined }])
  })

  it('tell who joined', async () => {
    const test = new TestCache()
    await Promise.all([test.read(), test.read(), test.read()])
    expect(test.take('miss').map(({ shared }) => shared)).toEqual([false, true, true])
    expect(test.cache.stats()).toMatchObject({ misses: 3, shared: 2, fills: 1 })
  })

  it('tell what was written', async () => {
    const test = new TestCache()
    await test.write('update users set x = 1')
    await test.cache.invalidate({ tags: ['home'] })
    expect(test.take('invalidate')).toEqual([{ tags: ['table:users'] }, { tags: ['tag:home'] }])
    expect(test.cache.stats().invalidations).toBe(2)
  })

  it('change nothing when nobody listens', async () => {
    const test = new TestCache()
    const silent = new TestCache({ authority: test.authority, runtime: test.runtime })
    await test.read()
    await silent.read()
    expect(silent.cache.stats()).toEqual(test.cache.stats())
  })
})

describe('stats()', () => {
  it('are all zero at first', () => {
    expect(new TestCache().cache.stats()).toEqual({
      hits: 0,
      misses: 0,
      shared: 0,
      bypasses: 0,
      bypassReasons: {},
      fills: 0,
      unstored: {},
      invalidations: 0,
      faults: 0,
      hitRate: 0,
      memory: { entries: 0, bytes: 0, evictions: 0 },
    })
  })

  it('count everything', async () => {
    const test = new TestCache({ options: { memory: { maxEntries: 2 }, maxEntryBytes: '4kb' } })
    for (const table of ['a', 'b', 'c']) await test.read({ table })
    for (let i = 0; i < 5; i++) await test.read({ table: 'c' })
    await test.read({ strategy: false })
    await test.read({ inTransaction: true })
    await test.read({ inTransaction: true })
    await test.read({ table: 'd', run: async () => 'x'.repeat(10_000) })
    await test.read({ table: 'e', tables: () => null as never })
    await test.write()
    expect(test.cache.stats()).toEqual({
      hits: 5,
      misses: 4,
      shared: 0,
      bypasses: 4,
      bypassReasons: { 'off-for-call': 1, 'in-transaction': 2, 'unknown-tables': 1 },
      fills: 3,
      unstored: { 'too-large': 1 },
      invalidations: 1,
      faults: 1,
      hitRate: 5 / 13,
      memory: { entries: 2, bytes: expect.toSatisfy((bytes: number) => bytes > 100), evictions: 1 },
    })
  })

  it('are a snapshot', async () => {
    const test = new TestCache()
    const before = test.cache.stats()
    await test.read({ strategy: false })
    expect(before).toMatchObject({ bypasses: 0, bypassReasons: {} })
    Object.assign(test.cache.stats().bypassReasons, { owed: 99 })
    expect(test.cache.stats().bypassReasons).toEqual({ 'off-for-call': 1 })
  })
})

describe('explain()', () => {
  it('gives the value, and what happened to each read inside', async () => {
    const test = new TestCache({ options: { maxEntryBytes: '4kb' } })
    await test.read({ table: 'orders' })
    const { value, trace } = await test.cache.explain(async () => {
      await test.read()
      await test.read()
      await test.read({ inTransaction: true })
      await test.read({ text: 'x', tables: () => ({ reason: 'non-deterministic', detail: 'now()' }) })
      await Promise.all([test.read({ text: 'y' }), test.read({ text: 'y' })])
      return 'value'
    })
    expect(value).toBe('value')
    expect(trace).toEqual([
      { ...users, outcome: 'miss', shared: false, tags },
      { ...users, outcome: 'hit', tier: 'memory', tags },
      { ...users, outcome: 'bypass', reason: 'in-transaction', detail: undefined },
      { adapter: 'test', text: 'x', outcome: 'bypass', reason: 'non-deterministic', detail: 'now()' },
      { adapter: 'test', text: 'y', outcome: 'miss', shared: false, tags },
      { adapter: 'test', text: 'y', outcome: 'miss', shared: true, tags },
    ])
  })

  it('runs lazy promises inside, as those of ORMs are', async () => {
    const test = new TestCache()
    const { value, trace } = await test.cache.explain(() => ({
      // biome-ignore lint/suspicious/noThenProperty: a query that is sent where it is awaited
      then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => test.read().then(resolve, reject),
    }))
    expect(value).toEqual({ query: 1 })
    expect(trace).toHaveLength(1)
  })

  it('keeps the reads of others out, at the same time and nested', async () => {
    const test = new TestCache()
    const gate = deferred()
    const first = test.cache.explain(async () => {
      await test.read({ text: 'first' })
      await gate.promise
      return await test.cache.explain(() => test.read({ text: 'nested' }))
    })
    const second = test.cache.explain(() => test.read({ text: 'second' }))
    await test.read({ text: 'outside' })
    gate.resolve()
    const { value: nested, trace } = await first
    expect(trace.map(({ text }) => text)).toEqual(['first'])
    expect(nested.trace.map(({ text }) => text)).toEqual(['nested'])
    expect((await second).trace.map(({ text }) => text)).toEqual(['second'])
  })

  it('traces a read that an asynchronous authority keeps waiting', async () => {
    const runtime = new ManualRuntime()
    const test = new TestCache({ runtime, authority: new FaultyAuthority(runtime) })
    const { trace } = await test.cache.explain(() => test.read())
    expect(trace).toMatchObject([{ outcome: 'miss' }])
  })

  it('rejects as its function does, and traces no further', async () => {
    const test = new TestCache()
    const error = new Error('of the application')
    await expect(test.cache.explain(() => Promise.reject(error))).rejects.toBe(error)
    await expect(
      test.cache.explain(() => {
        throw error
      }),
    ).rejects.toBe(error)
    await test.read()
    await settled()
    expect(test.takeOutcomes()).toEqual(['miss'])
  })
})
