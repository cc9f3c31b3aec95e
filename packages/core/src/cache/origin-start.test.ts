import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { hang } from '../../test/doubles/faulty-authority.ts'
import { ManualRuntime, settled } from '../../test/doubles/manual-runtime.ts'
import { MapStore } from '../../test/doubles/map-store.ts'
import { deferred, TestCache, track } from '../../test/doubles/test-cache.ts'

const RESTART_AFTER = 1_000

/** A client whose database is asked by `start`, counted. */
function newClient(start: () => unknown, database?: string) {
  let starts = 0
  const counted = () => {
    starts++
    return start() as Promise<string>
  }
  // With a store, or the database's own name would not be asked for.
  const runtime = new ManualRuntime()
  const options = { store: new MapStore(runtime.clock), namespace: 'test' }
  const test = new TestCache({ runtime, options, client: { database, start: counted } })
  return { test, starts: () => starts }
}

beforeEach(() => {
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
})

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a client whose database is still to be asked', () => {
  it('reads uncached until it has answered, and cached from then on', async () => {
    const answer = deferred<string>()
    const { test, starts } = newClient(() => answer.promise)
    await Promise.all([test.read(), test.read()])
    expect(test.origin.health.state).toBe('starting')
    answer.resolve('the database')
    await test.cache.ready()
    expect(test.origin.health).toEqual({ adapter: 'test', database: 'the database', state: 'on', reason: undefined })
    await test.read()
    await test.read()
    expect(test.takeOutcomes()).toEqual(['bypass starting', 'bypass starting', 'miss', 'hit memory'])
    expect(starts()).toBe(1)
  })

  it('is not asked before somebody reads', async () => {
    const { test, starts } = newClient(async () => 'the database')
    await test.write()
    await settled()
    expect(starts()).toBe(0)
    await test.read()
    expect(starts()).toBe(1)
  })

  it('invalidates all the same', async () => {
    const { test } = newClient(hang)
    const reader = test.newOrigin()
    const read = () => reader.read({ text: 'x', tables: () => ({ tables: ['users'] }), run: async () => 1 })
    await read()
    await test.write()
    await read()
    expect(test.takeOutcomes()).toEqual(['miss', 'miss'])
  })

  it('shares entries with other clients of the same database', async () => {
    const { test } = newClient(async () => 'shop')
    await test.newOrigin({ database: 'shop' }).read({
      text: 'select from users',
      tables: () => ({ tables: ['users'] }),
      run: async () => 'of another client',
    })
    await test.cache.ready()
    expect(await test.read()).toBe('of another client')
  })

  it('H32 shares nothing with other clients where entries live in this process only', async () => {
    const test = new TestCache({ client: { database: undefined, start: async () => 'shop' } })
    const other = test.newOrigin({ database: undefined, start: async () => 'shop' })
    await test.cache.ready()
    const read = {
      text: 'select from users',
      tables: () => ({ tables: ['users'] }),
      run: async () => 'of another client',
    }
    expect(await other.read(read)).toBe('of another client')
    expect(await test.read()).toEqual({ query: 1 })
  })

  it('keeps the name that its user gave', async () => {
    const { test } = newClient(async () => 'asked', 'given')
    await test.cache.ready()
    expect(test.origin.health.database).toBe('given')
  })

  it.each<[what: string, answer: unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['an empty text', ''],
    ['a number', 5],
    ['an object', { database: 'x' }],
  ])('that answers %s is like no other, and cached', async (_what, answer) => {
    const { test } = newClient(async () => answer)
    await test.cache.ready()
    const { database } = test.origin.health
    expect(database).toMatch(/^token-/)
    await test.read()
    await test.read()
    expect(test.takeOutcomes()).toEqual(['miss', 'hit memory'])
  })

  it('that finds a reason against caching is off', async () => {
    const { test } = newClient(async () => {
      test.origin.turnOff('replica', 'The connection is to a replica.')
      return 'the database'
    })
    await test.cache.ready()
    await test.read()
    expect(test.takeOutcomes()).toEqual(['bypass origin-off'])
    expect(test.origin.health).toMatchObject({ state: 'off', reason: 'replica: The connection is to a replica.' })
    test.origin.turnOff('other', 'Another reason.')
    expect(test.origin.health.reason).toContain('replica')
  })

  it.each<[what: string, start: () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no connection')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no connection'))],
  ])('that %s is asked again after a second, by the next read', async (_what, start) => {
    let isDown = true
    const { test, starts } = newClient(() => (isDown ? start() : Promise.resolve('the database')))
    for (let i = 0; i < 5; i++) await test.read()
    await settled()
    expect(starts()).toBe(1)
    expect(test.take('fault')).toEqual([{ step: 'introspection', error: new Error('no connection') }])
    await test.runtime.pass(RESTART_AFTER)
    await test.read()
    expect(starts()).toBe(1)
    await test.runtime.pass(1)
    await test.read()
    expect(starts()).toBe(2)
    isDown = false
    await test.runtime.pass(RESTART_AFTER + 1)
    await test.read()
    await settled()
    await test.read()
    expect(test.takeOutcomes()).toEqual([...Array(8).fill('bypass starting'), 'miss'])
  })

  it('that does not answer is asked again after thirty seconds, and no read waits for it', async () => {
    const { test, starts } = newClient(hang)
    for (let i = 0; i < 5; i++) {
      await test.read()
      await test.runtime.pass(5 * RESTART_AFTER)
    }
    expect(starts()).toBe(1)
    expect(test.takeOutcomes()).toEqual(Array(5).fill('bypass starting'))
    expect((await test.cache.health()).origins).toMatchObject([{ state: 'starting' }])
    await test.runtime.pass(7 * RESTART_AFTER)
    await test.read()
    expect(starts()).toBe(2)
    expect(test.take('fault').map(({ step }) => step)).toEqual(['introspection'])
  })

  it('that is asked by ready() is asked at once, failed or not, and ready() never rejects', async () => {
    let isDown = true
    const { test, starts } = newClient(() => (isDown ? Promise.reject(new Error('down')) : Promise.resolve('x')))
    const waits = [track(test.cache.ready()), track(test.origin.ready())]
    await settled()
    expect(waits.map(({ state }) => state)).toEqual(['resolved', 'resolved'])
    expect(starts()).toBe(1)
    isDown = false
    await test.cache.ready()
    await test.cache.ready()
    expect(starts()).toBe(2)
    expect(test.origin.health.state).toBe('on')
  })
})
