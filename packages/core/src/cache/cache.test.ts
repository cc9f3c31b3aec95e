import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FaultyAuthority, hang } from '../../test/doubles/faulty-authority.ts'
import { ManualRuntime, settled } from '../../test/doubles/manual-runtime.ts'
import { MapStore } from '../../test/doubles/map-store.ts'
import { deferred, TestCache, track } from '../../test/doubles/test-cache.ts'

let warned: string[]

beforeEach(() => {
  warned = []
  vi.spyOn(process, 'emitWarning').mockImplementation((...parameters: unknown[]) => {
    warned.push((parameters[1] as { code: string }).code)
  })
})

afterEach(() => {
  vi.restoreAllMocks()
})

describe('health()', () => {
  it('tells about an idle cache', async () => {
    const test = new TestCache()
    expect(await test.cache.health()).toEqual({
      authority: { kind: 'process', shared: false, reachable: true },
      owed: { writes: 0, oldest: 0, tags: [] },
      marks: 0,
      origins: [{ adapter: 'test', database: 'shop', state: 'on', reason: undefined }],
      warnings: [],
    })
  })

  it.each<[what: string, lookup: () => unknown, waits: number]>([
    [
      'throws',
      () => {
        throw new Error('down')
      },
      0,
    ],
    ['rejects', () => Promise.reject(new Error('down')), 0],
    ['never answers', hang, 50],
  ])('tells within timeout of an authority that %s', async (_what, lookup, waits) => {
    const runtime = new ManualRuntime()
    const test = new TestCache({ runtime, authority: new FaultyAuthority(runtime) })
    test.authority.behaviours.set('lookup', lookup)
    const health = track(test.cache.health())
    await runtime.pass(waits)
    expect(health.value?.authority).toEqual({ kind: 'remote', shared: true, reachable: false })
  })

  it('tells how long the oldest write is owed', async () => {
    const runtime = new ManualRuntime()
    const test = new TestCache({ runtime, authority: new FaultyAuthority(runtime) })
    test.authority.behaviours.set('unsettle', () => Promise.reject(new Error('down')))
    test.authority.behaviours.set('settle', () => Promise.reject(new Error('down')))
    await test.write('update users set x = 1')
    await runtime.pass(700)
    await test.write('update orders set x = 1')
    expect((await test.cache.health()).owed).toEqual({ writes: 2, oldest: 700, tags: ['table:users', 'table:orders'] })
  })

  it('names every client', async () => {
    const test = new TestCache()
    const other = test.newOrigin({ adapter: 'drizzle', database: 'other' })
    other.turnOff('code', 'message')
    expect((await test.cache.health()).origins).toEqual([
      { adapter: 'test', database: 'shop', state: 'on', reason: undefined },
      { adapter: 'drizzle', database: 'other', state: 'off', reason: 'code: message' },
    ])
  })
})

describe('warnings', () => {
  it('are printed once for each code, told to listeners and kept for health()', async () => {
    const test = new TestCache()
    await test.read({ strategy: { ttl: -1 } })
    await test.read({ strategy: { tags: 5 as never } })
    test.cache.warn('other-code', 'Another message.')
    expect(warned).toEqual(['LARDER_INVALID_STRATEGY', 'LARDER_OTHER_CODE'])
    const message = `cacheStrategy.ttl: -1 is not a duration. Write seconds as a number >= 0, or '5m'.`
    const warnings = [
      { code: 'invalid-strategy', message },
      { code: 'other-code', message: 'Another message.' },
    ]
    expect(test.take('warning')).toEqual(warnings)
    expect((await test.cache.health()).warnings).toEqual(warnings)
  })
})

describe('close()', () => {
  it('stops caching for good; queries and writes go on, and still invalidate for others', async () => {
    const test = new TestCache()
    const neighbour = new TestCache({ authority: test.authority, runtime: test.runtime })
    await test.read()
    await neighbour.read()
    await test.cache.close()
    expect(await test.read()).toEqual({ query: 2 })
    expect(await test.write()).toBe('written')
    expect(test.cache.stats()).toMatchObject({ bypassReasons: { closed: 1 }, memory: { entries: 0 } })
    await neighbour.read()
    expect(neighbour.takeOutcomes()).toEqual(['miss', 'miss'])
  })

  it('may be called again, leaves no listener, and no timer that no write needs', async () => {
    const test = new TestCache()
    const gate = deferred<string>()
    const write = test.write(undefined, { send: () => gate.promise })
    expect(test.runtime.pendingTimers).toBe(1)
    await Promise.all([test.cache.close(), test.cache.close()])
    await test.cache.close()
    expect(test.runtime.pendingTimers).toBe(1)
    gate.resolve('written')
    await write
    await test.runtime.pass(30_000)
    expect(test.runtime.pendingTimers).toBe(0)
    await test.read()
    expect(test.takeOutcomes()).toEqual([])
  })

  it('gives those who wait for a query its result', async () => {
    const test = new TestCache()
    const gate = deferred<string>()
    const reads = [test.read({ run: () => gate.promise }), test.read({ run: () => gate.promise })]
    await test.cache.close()
    gate.resolve('result')
    expect(await Promise.all(reads)).toEqual(['result', 'result'])
  })

  it('leaves the mark of a write under way to its settle', async () => {
    const runtime = new ManualRuntime()
    const test = new TestCache({ runtime, authority: new FaultyAuthority(runtime) })
    const gate = deferred<string>()
    const write = test.write(undefined, { send: () => gate.promise })
    await settled()
    await test.cache.close()
    expect(test.authority.inner.lookup(['table:users'] as never).marked).toBe(true)
    gate.resolve('written')
    expect(await write).toBe('written')
    expect(test.authority.inner.lookup(['table:users'] as never).marked).toBe(false)
    await runtime.pass(30_000)
    expect(runtime.pendingTimers).toBe(0)
  })

  it.each<[what: string, close: (() => unknown) | undefined, faults: number]>([
    ['closes', async () => {}, 0],
    ['knows no close', undefined, 0],
    [
      'throws',
      () => {
        throw new Error('already closed')
      },
      1,
    ],
    ['rejects', () => Promise.reject(new Error('already closed')), 1],
  ])('closes its store, and survives one that %s', async (_what, close, faults) => {
    const runtime = new ManualRuntime()
    const store = Object.assign(new MapStore(runtime.clock), { close })
    const test = new TestCache({ runtime, options: { store: store as MapStore, namespace: 'shop' } })
    await test.cache.close()
    expect(test.cache.stats().faults).toBe(faults)
  })

  it('is not undone by enabled: a closed cache says so', async () => {
    const test = new TestCache({ options: { enabled: false } })
    await test.cache.close()
    await test.read()
    expect(test.cache.stats().bypassReasons).toEqual({ closed: 1 })
  })
})

describe('the gate', () => {
  it('names the transaction before anything else, and what the adapter knows before what the cache knows', async () => {
    const test = new TestCache({ options: { enabled: false } })
    await test.read({ inTransaction: true, bypass: 'array-transaction', strategy: false })
    await test.read({ bypass: 'array-transaction', strategy: false })
    await test.read({ strategy: false })
    await test.read()
    expect(test.takeOutcomes()).toEqual([
      'bypass in-transaction',
      'bypass array-transaction',
      'bypass off-for-call',
      'bypass disabled',
    ])
  })

  it('closes for one client', async () => {
    const test = new TestCache()
    await test.read({ defaults: { enabled: false } })
    await test.read({ defaults: { enabled: true } })
    expect(test.takeOutcomes()).toEqual(['bypass disabled', 'miss'])
  })

  it('never opens for a client of a cache that is disabled', async () => {
    const test = new TestCache({ options: { enabled: false } })
    await test.read({ defaults: { enabled: true } })
    expect(test.takeOutcomes()).toEqual(['bypass disabled'])
  })
})
