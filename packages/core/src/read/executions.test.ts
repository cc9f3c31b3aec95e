import { describe, expect, it } from 'vitest'
import { FaultyAuthority } from '../../test/doubles/faulty-authority.ts'
import { ManualRuntime, settled } from '../../test/doubles/manual-runtime.ts'
import { deferred, TestCache, track } from '../../test/doubles/test-cache.ts'
import { JOINED_FOR } from './executions.ts'

/** A query that a test answers, and how often and with which signals it was sent. */
class Query {
  readonly sent: { resolve: (value: unknown) => void; reject: (error: unknown) => void; signal?: AbortSignal }[] = []

  readonly run = (signal?: AbortSignal): Promise<unknown> => {
    const { promise, resolve, reject } = deferred<unknown>()
    this.sent.push({ resolve, reject, ...(signal && { signal }) })
    return promise
  }

  resolve(i: number, value: unknown = { execution: i }): void {
    this.sent[i]?.resolve(value)
  }
}

const remote = (): TestCache<FaultyAuthority> => {
  const runtime = new ManualRuntime()
  return new TestCache({ runtime, authority: new FaultyAuthority(runtime) })
}

describe('H50 concurrent identical misses', () => {
  it.each([
    ['in this process', () => new TestCache()],
    ['elsewhere', remote],
  ])('are one query with the authority %s, and each reader has a result of its own', async (_where, newCache) => {
    const test = newCache()
    const query = new Query()
    const reads = Array.from({ length: 1_000 }, () => test.read({ run: query.run }))
    await settled()
    expect(query.sent).toHaveLength(1)
    query.resolve(0, { rows: [{ id: 1 }] })
    const results = await Promise.all(reads)
    expect(new Set(results).size).toBe(1_000)
    expect(new Set(results.map(({ rows }) => rows[0])).size).toBe(1_000)
    expect(results.every((result) => JSON.stringify(result) === '{"rows":[{"id":1}]}')).toBe(true)
    expect(test.cache.stats()).toMatchObject({ misses: 1_000, shared: 999, fills: 1 })
  })

  it('H41 gives a result that the first reader changes at once unchanged to the others', async () => {
    const test = new TestCache()
    const query = new Query()
    const first = test.read({ run: query.run }).then((result) => {
      result.name = 'changed'
    })
    const others = [test.read({ run: query.run }), test.read({ run: query.run })]
    query.resolve(0, { name: 'Ann' })
    await first
    expect(await Promise.all(others)).toEqual([{ name: 'Ann' }, { name: 'Ann' }])
    expect(await test.read()).toEqual({ name: 'Ann' })
  })

  it('H51 send the query in the tick in which it was asked for, when the authority is in this process', () => {
    const test = new TestCache()
    const query = new Query()
    for (let i = 0; i < 4; i++) {
      void test.origin.read({ text: `findUnique ${i}`, tables: () => ({ tables: ['users'] }), run: query.run })
    }
    expect(query.sent).toHaveLength(4)
  })

  it('are joined for ten seconds: whoever comes later does not wait for what may never come', async () => {
    const test = new TestCache()
    const query = new Query()
    const early = track(test.read({ run: query.run }))
    await test.runtime.pass(JOINED_FOR - 1)
    const joined = track(test.read({ run: query.run }))
    expect(query.sent).toHaveLength(1)
    await test.runtime.pass(1)
    const late = track(test.read({ run: query.run }))
    expect(query.sent).toHaveLength(2)
    query.resolve(1, 'result')
    await settled()
    expect([early, joined, late].map(({ state }) => state)).toEqual(['pending', 'pending', 'resolved'])
    expect(await test.read()).toBe('result')
    query.resolve(0, 'of the first')
    await settled()
    expect([early.value, joined.value]).toEqual(['of the first', 'of the first'])
  })

  it('of different queries do not wait for each other', async () => {
    const test = new TestCache()
    const query = new Query()
    void test.read({ run: query.run })
    expect(await test.read({ text: 'other' })).toEqual({ query: 1 })
  })
})

describe('H02 a read that starts after a write was acknowledged', () => {
  it('never joins an execution from before it', async () => {
    const test = new TestCache()
    const query = new Query()
    const before = test.read({ run: query.run })
    await test.write()
    const after = test.read({ run: query.run })
    expect(query.sent).toHaveLength(2)
    query.resolve(1, 'new')
    expect(await after).toBe('new')
    query.resolve(0, 'old')
    expect(await before).toBe('old')
  })

  it('H01 is not served what an execution from before it stores after it', async () => {
    const test = new TestCache()
    const query = new Query()
    const before = test.read({ run: query.run })
    await test.write()
    query.resolve(0, 'old')
    expect(await before).toBe('old')
    expect(await test.read({ run: async () => 'new' })).toBe('new')
  })

  it('joins the one that started after it', async () => {
    const test = new TestCache()
    const query = new Query()
    void test.read({ run: query.run })
    await test.write()
    const reads = [test.read({ run: query.run }), test.read({ run: query.run })]
    query.resolve(1, 'new')
    expect(await Promise.all(reads)).toEqual(['new', 'new'])
    expect(query.sent).toHaveLength(2)
  })
})

describe('reads of a marked tag', () => {
  /** A cache with a write on its way. */
  function marked() {
    const test = new TestCache()
    const query = new Query()
    const sent = deferred<string>()
    const write = test.write(undefined, { send: () => sent.promise })
    return { test, query, sent, write, read: () => test.read({ run: query.run }) }
  }

  it('H50 run at most two at a time; later ones share one that starts after they came', async () => {
    const { test, query, read } = marked()
    const reads = Array.from({ length: 100 }, read)
    expect(query.sent).toHaveLength(2)
    query.resolve(0)
    expect(await reads[0]).toEqual({ execution: 0 })
    await settled()
    expect(query.sent).toHaveLength(3)
    const late = read()
    expect(query.sent).toHaveLength(3)
    query.resolve(1)
    await reads[1]
    await settled()
    expect(query.sent).toHaveLength(4)
    query.resolve(3)
    query.resolve(2)
    expect(await Promise.all(reads.slice(2))).toEqual(Array(98).fill({ execution: 2 }))
    expect(await late).toEqual({ execution: 3 })
    expect(test.cache.stats()).toMatchObject({ bypassReasons: { 'write-in-flight': 101 }, fills: 0 })
  })

  it('store nothing, and are not joined by reads from after the write', async () => {
    const { test, query, sent, write, read } = marked()
    const during = read()
    sent.resolve('written')
    await write
    const after = test.read({ run: query.run })
    expect(query.sent).toHaveLength(2)
    query.resolve(0, 'old')
    query.resolve(1, 'new')
    expect([await during, await after]).toEqual(['old', 'new'])
    expect(await test.read()).toBe('new')
  })

  it('wait for at most ten seconds for their turn, though the two before them never come back', async () => {
    const { test, query, read } = marked()
    const hanging = [track(read()), track(read())]
    const waiting = [track(read()), track(read())]
    await test.runtime.pass(JOINED_FOR - 1)
    expect(query.sent).toHaveLength(2)
    await test.runtime.pass(1)
    expect(query.sent).toHaveLength(3)
    query.resolve(2)
    await settled()
    expect(waiting.map(({ state }) => state)).toEqual(['resolved', 'resolved'])
    expect(hanging.map(({ state }) => state)).toEqual(['pending', 'pending'])
    void read()
    query.resolve(0)
    query.resolve(1)
    await settled()
    expect(query.sent).toHaveLength(4)
  })

  it('give their own copy to each', async () => {
    const { query, read } = marked()
    const reads = Array.from({ length: 5 }, read)
    query.resolve(0)
    query.resolve(1)
    await settled()
    query.resolve(2)
    expect(new Set(await Promise.all(reads)).size).toBe(5)
  })

  it('that fail, fail for one; the others ask for themselves', async () => {
    const { query, read } = marked()
    const [first, second, ...gathered] = Array.from({ length: 5 }, () => track(read()))
    const error = new Error('deadlock')
    query.sent[0]?.reject(error)
    query.resolve(1)
    await settled()
    expect(first).toMatchObject({ state: 'rejected', error })
    expect(second).toMatchObject({ state: 'resolved' })
    expect(query.sent).toHaveLength(3)
    query.sent[2]?.reject(error)
    await settled()
    expect(gathered.map(({ state }) => state)).toEqual(['rejected', 'pending', 'pending'])
    expect(query.sent).toHaveLength(5)
    query.resolve(3)
    query.resolve(4)
    await settled()
    expect(gathered.map(({ state }) => state)).toEqual(['rejected', 'resolved', 'resolved'])
  })

  it('H57 that wait for their turn leave when they are aborted, and are not sent for', async () => {
    const { test, query, read } = marked()
    void read()
    void read()
    const controller = new AbortController()
    const waiting = track(test.read({ run: query.run, signal: controller.signal }))
    controller.abort(new Error('gone'))
    await settled()
    expect(waiting).toMatchObject({ state: 'rejected', error: new Error('gone') })
    query.resolve(0)
    query.resolve(1)
    await settled()
    expect(query.sent).toHaveLength(2)
    const next = read()
    query.resolve(2)
    expect(await next).toEqual({ execution: 2 })
  })

  it('H57 that come after all who waited have left wait for a query of their own', async () => {
    const { test, query, read } = marked()
    void read()
    void read()
    const controller = new AbortController()
    const leaving = track(test.read({ run: query.run, signal: controller.signal }))
    controller.abort(new Error('gone'))
    const coming = track(read())
    query.resolve(0)
    await settled()
    expect(leaving).toMatchObject({ state: 'rejected', error: new Error('gone') })
    expect(query.sent).toHaveLength(3)
    expect(query.sent[2]?.signal?.aborted).not.toBe(true)
    query.resolve(2)
    await settled()
    expect(coming).toMatchObject({ state: 'resolved', value: { execution: 2 } })
  })

  it('H57 that wait for their turn do so for whoever is left', async () => {
    const { test, query, read } = marked()
    void read()
    void read()
    const controller = new AbortController()
    const leaving = track(test.read({ run: query.run, signal: controller.signal }))
    const staying = track(read())
    controller.abort()
    query.resolve(0)
    await settled()
    expect(leaving.state).toBe('rejected')
    expect(query.sent).toHaveLength(3)
    query.resolve(2)
    await settled()
    expect(staying).toMatchObject({ state: 'resolved', value: { execution: 2 } })
  })
})

describe('H57 an aborted reader', () => {
  it('leaves alone: the others get the result, and the query never hears of it', async () => {
    const test = new TestCache()
    const query = new Query()
    const controllers = [new AbortController(), new AbortController()]
    const [first, second] = controllers.map(({ signal }) => track(test.read({ run: query.run, signal })))
    controllers[0]?.abort(new Error('gone'))
    await settled()
    expect(first).toMatchObject({ state: 'rejected', error: new Error('gone') })
    expect(query.sent[0]?.signal?.aborted).toBe(false)
    query.resolve(0, 'result')
    await settled()
    expect(second).toMatchObject({ state: 'resolved', value: 'result' })
    expect(await test.read()).toBe('result')
  })

  it('that was the last cancels the query, and the next reader sends another', async () => {
    const test = new TestCache()
    const query = new Query()
    const controllers = [new AbortController(), new AbortController()]
    const reads = controllers.map(({ signal }) => track(test.read({ run: query.run, signal })))
    for (const controller of controllers) controller.abort(new Error('gone'))
    await settled()
    expect(reads.map(({ state }) => state)).toEqual(['rejected', 'rejected'])
    expect(query.sent[0]?.signal).toMatchObject({ aborted: true, reason: new Error('gone') })
    const next = test.read({ run: query.run })
    expect(query.sent).toHaveLength(2)
    query.sent[0]?.reject(new Error('cancelled'))
    query.resolve(1, 'result')
    expect(await next).toBe('result')
  })

  it('cannot cancel what a reader without a signal waits for', async () => {
    const test = new TestCache()
    const query = new Query()
    const controller = new AbortController()
    const first = track(test.read({ run: query.run, signal: controller.signal }))
    const second = track(test.read({ run: query.run }))
    controller.abort()
    await settled()
    expect(first.state).toBe('rejected')
    expect(query.sent[0]?.signal?.aborted).toBe(false)
    query.resolve(0, 'result')
    await settled()
    expect(second).toMatchObject({ state: 'resolved', value: 'result' })
  })

  it('that joined one without a signal leaves alone too', async () => {
    const test = new TestCache()
    const query = new Query()
    const controller = new AbortController()
    const first = track(test.read({ run: query.run }))
    const second = track(test.read({ run: query.run, signal: controller.signal }))
    controller.abort(new Error('gone'))
    await settled()
    expect(second).toMatchObject({ state: 'rejected', error: new Error('gone') })
    query.resolve(0, 'result')
    await settled()
    expect(first).toMatchObject({ state: 'resolved', value: 'result' })
    expect(query.sent[0]?.signal).toBeUndefined()
  })

  it.each([
    ['in this process', () => new TestCache()],
    ['elsewhere', remote],
  ])('that was aborted before it came sends nothing with the authority %s', async (_where, newCache) => {
    const test = newCache()
    const query = new Query()
    const read = test.read({ run: query.run, signal: AbortSignal.abort(new Error('too late')) })
    await expect(read).rejects.toThrow('too late')
    expect(query.sent).toHaveLength(0)
    expect(await test.read()).toEqual({ query: 1 })
  })

  it('that was aborted while a remote authority was asked sends nothing', async () => {
    const test = remote()
    const query = new Query()
    const controller = new AbortController()
    const read = test.read({ run: query.run, signal: controller.signal })
    controller.abort(new Error('gone'))
    await expect(read).rejects.toThrow('gone')
    expect(query.sent).toHaveLength(0)
  })

  it('that bypasses the cache hands its signal to the query', async () => {
    const test = new TestCache()
    const query = new Query()
    const { signal } = new AbortController()
    void test.read({ run: query.run, signal, strategy: false })
    expect(query.sent[0]?.signal).toBe(signal)
  })

  it('leaves no listener on its signal', async () => {
    const test = new TestCache()
    const query = new Query()
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...parameters: Parameters<typeof add>) => {
      listeners++
      add(...parameters)
    }
    signal.removeEventListener = (...parameters: Parameters<typeof remove>) => {
      listeners--
      remove(...parameters)
    }
    const reads = [test.read({ run: query.run, signal }), test.read({ run: query.run, signal })]
    expect(listeners).toBe(2)
    query.resolve(0)
    await Promise.all(reads)
    expect(listeners).toBe(0)
  })
})

describe('a query that fails', () => {
  it('fails for the first reader; each other one runs its own query once', async () => {
    const test = new TestCache()
    const query = new Query()
    const error = new Error('connection lost')
    const [first, ...others] = Array.from({ length: 4 }, () => track(test.read({ run: query.run })))
    query.sent[0]?.reject(error)
    await settled()
    expect(first).toMatchObject({ state: 'rejected', error })
    expect(query.sent).toHaveLength(4)
    query.resolve(1)
    query.sent[2]?.reject(error)
    query.sent[3]?.reject(new Error('another'))
    await settled()
    expect(others.map(({ state }) => state)).toEqual(['resolved', 'rejected', 'rejected'])
    expect(query.sent).toHaveLength(4)
    expect(test.cache.stats()).toMatchObject({ fills: 0 })
  })

  it('H57 hands each of those its own signal', async () => {
    const test = new TestCache()
    const query = new Query()
    const { signal } = new AbortController()
    const first = track(test.read({ run: query.run }))
    void track(test.read({ run: query.run, signal }))
    query.sent[0]?.reject(new Error('connection lost'))
    await first.promise.catch(() => {})
    expect(query.sent[1]?.signal).toBe(signal)
  })

  it('fails once for a reader that has become the first', async () => {
    const test = new TestCache()
    const query = new Query()
    const controller = new AbortController()
    void track(test.read({ run: query.run, signal: controller.signal }))
    const second = track(test.read({ run: query.run }))
    controller.abort()
    query.sent[0]?.reject(new Error('connection lost'))
    await settled()
    // The query that failed was that of the reader who left: this one has not asked yet.
    expect(query.sent).toHaveLength(2)
    query.resolve(1, 'result')
    await settled()
    expect(second).toMatchObject({ state: 'resolved', value: 'result' })
  })

  it('and throws instead of rejecting fails in the same way', async () => {
    const test = new TestCache()
    const run = (): never => {
      throw new Error('at once')
    }
    const reads = [track(test.read({ run })), track(test.read({ run }))]
    await settled()
    expect(reads.map(({ state, error }) => `${state}: ${error.message}`)).toEqual(Array(2).fill('rejected: at once'))
  })
})

describe('H50 a query that does not come back', () => {
  it('is not joined for longer than ten seconds', async () => {
    const test = new TestCache()
    const query = new Query()
    const first = track(test.read({ run: query.run }))
    await test.runtime.pass(9_000)
    const second = track(test.read({ run: query.run }))
    expect(query.sent).toHaveLength(1)
    await test.runtime.pass(2_000)
    const third = track(test.read({ run: query.run }))
    expect(query.sent).toHaveLength(2)
    query.resolve(1)
    await settled()
    expect([first.state, second.state, third.state]).toEqual(['pending', 'pending', 'resolved'])
  })

  it('does not keep readers of a marked tag waiting, even when there are two of them', async () => {
    const test = new TestCache()
    const query = new Query()
    void test.write(undefined, { send: () => new Promise(() => {}) })
    const stuck = [track(test.read({ run: query.run })), track(test.read({ run: query.run }))]
    const waiting = track(test.read({ run: query.run }))
    await test.runtime.pass(9_000)
    expect(query.sent).toHaveLength(2)
    await test.runtime.pass(2_000)
    expect(query.sent).toHaveLength(3)
    query.resolve(2)
    await settled()
    expect([...stuck, waiting].map(({ state }) => state)).toEqual(['pending', 'pending', 'resolved'])
  })
})
