import { beforeEach, describe, expect, it } from 'vitest'
import { type AuthorityStep, FaultyAuthority, hang } from '../../test/doubles/faulty-authority.ts'
import { ManualRuntime, settled } from '../../test/doubles/manual-runtime.ts'
import { deferred, TestCache, track } from '../../test/doubles/test-cache.ts'
import type { CacheOptions } from '../cache/options.ts'
import { AuthorityUnavailableError } from '../errors.ts'
import type { Tag, WriterToken } from '../protocol/tag.ts'

const USERS = ['table:users'] as Tag[]
const TIMEOUT = 50
const WRITE_TIMEOUT = 1_000
const LEASE = 30_000
const UNKNOWN_FOR = 300_000

const down = () => Promise.reject(new Error('down'))

/** What a database says that the write failed, and one that says nothing. */
const REFUSED = { send: () => Promise.reject(new Error('duplicate key')), verdict: () => ({ serverCode: '23505' }) }
const LOST = { send: () => Promise.reject(new Error('socket closed')), verdict: () => undefined }

let test: TestCache<FaultyAuthority>

function newCache(options: CacheOptions = {}, remote = true): TestCache<FaultyAuthority> {
  const runtime = new ManualRuntime()
  test = new TestCache({ runtime, authority: new FaultyAuthority(runtime, { remote }), options })
  return test
}

const isMarked = (): boolean => test.authority.inner.lookup(USERS).marked
const stamp = (): string | undefined => test.authority.inner.lookup(USERS).stamps[0]
const faults = (): string[] => test.take('fault').map(({ step }) => step)

beforeEach(() => {
  newCache()
})

describe.each([
  ['in this process', false],
  ['elsewhere', true],
])('a write with the authority %s', (_where, remote) => {
  beforeEach(() => {
    newCache({}, remote)
  })

  it('H03 is marked, sent, settled and only then answered', async () => {
    const order: string[] = []
    for (const step of ['unsettle', 'settle'] as const) {
      test.authority.behaviours.set(step, (call) => {
        order.push(step)
        return call()
      })
    }
    const send = async () => {
      order.push(`send ${isMarked() ? 'marked' : 'unmarked'}`)
      return 'result'
    }
    const write = test.write(undefined, { send }).then((result) => {
      order.push(`answer ${result} ${isMarked() ? 'marked' : 'settled'}`)
    })
    await write
    expect(order).toEqual(['unsettle', 'send marked', 'settle', 'answer result settled'])
    expect(test.authority.takeSteps()).toEqual(['unsettle', 'settle'])
  })

  it('gives each of its tags a new stamp, and names each tag once', async () => {
    test.authority.inner.create(USERS)
    const before = stamp()
    await test.write('update users set x = (select 1 from orders); delete from users; insert into orders values (1)')
    expect(stamp()).not.toBe(before)
    expect(test.take('invalidate')).toEqual([{ tags: ['table:users', 'table:orders'] }])
  })

  it('that the server refused is cancelled: the stamp stays, and entries with it', async () => {
    await test.read()
    await expect(test.write(undefined, REFUSED)).rejects.toThrow('duplicate key')
    await settled()
    await test.read()
    expect(test.authority.calls.map(({ step }) => step)).toContain('cancel')
    expect(test.takeOutcomes()).toEqual(['miss', 'hit memory'])
  })

  it('that ended in part is settled', async () => {
    await test.read()
    const sql = 'insert into users values (1); insert into users values (1)'
    await expect(test.write(sql, REFUSED)).rejects.toThrow('duplicate key')
    await test.read()
    expect(test.takeOutcomes()).toEqual(['miss', 'miss'])
    expect(isMarked()).toBe(false)
  })

  it('H15 whose outcome is unknown stays marked until unknownFor has passed', async () => {
    await test.read()
    await expect(test.write(undefined, LOST)).rejects.toThrow('socket closed')
    expect(test.take('unknown')).toEqual([{ tags: USERS, error: new Error('socket closed') }])
    for (let passed = 0; passed < UNKNOWN_FOR - LEASE; passed += LEASE / 2) {
      await test.runtime.pass(LEASE / 2)
      expect(isMarked(), `after ${passed} ms`).toBe(true)
    }
    await test.read()
    await test.runtime.pass(2 * LEASE)
    expect(isMarked()).toBe(false)
    await test.read()
    expect(test.takeOutcomes()).toEqual(['miss', 'bypass write-in-flight', 'miss'])
    expect(test.runtime.pendingTimers).toBe(0)
  })

  it('H15 whose outcome cannot be told because verdict() throws is unknown', async () => {
    const verdict = () => {
      throw new Error('bug of an adapter')
    }
    await expect(test.write(undefined, { ...LOST, verdict })).rejects.toThrow('socket closed')
    expect(test.take('unknown')).toHaveLength(1)
    expect(isMarked()).toBe(true)
  })

  it('that throws instead of rejecting is rejected with the same error', async () => {
    const send = () => {
      throw new Error('at once')
    }
    await expect(test.write(undefined, { send, verdict: () => ({ notSent: true }) })).rejects.toThrow('at once')
    await settled()
    expect(isMarked()).toBe(false)
  })

  it('of nothing asks nothing of the authority', async () => {
    expect(await test.write('select 1', { send: async () => 'rows' })).toBe('rows')
    expect(test.authority.takeSteps()).toEqual([])
  })

  it('whose put throws is not reported as failed', async () => {
    const value = () => {
      throw new Error('bug of an adapter')
    }
    expect(await test.write(undefined, { put: { text: 'select', value } })).toBe('written')
    expect(faults()).toEqual(['fill'])
  })

  it('H60 puts what it made when it was alone', async () => {
    const put = { text: 'select from users', value: (result: unknown) => ({ row: result }) }
    await test.write(undefined, { put })
    expect(await test.read()).toEqual({ row: 'written' })
    expect(test.queries).toBe(0)
  })

  it('H60 puts nothing when another writer was there', async () => {
    const put = { text: 'select from users', value: (result: unknown) => result }
    const gate = deferred<string>()
    const other = test.write(undefined, { send: () => gate.promise })
    await settled()
    await test.write(undefined, { put })
    gate.resolve('other')
    await other
    expect(await test.read()).toEqual({ query: 1 })
  })

  it.each<[what: string, options: CacheOptions, put: object]>([
    ['the ttl is 0', { ttl: 0 }, {}],
    ['the client has a ttl of 0', {}, { defaults: { ttl: 0 } }],
    ['there is no scope', {}, { defaults: { scope: () => undefined } }],
  ])('H61 puts nothing when %s', async (_what, options, put) => {
    newCache(options, remote)
    await test.write(undefined, { put: { text: 'select from users', value: () => 'row', ...put } })
    expect(test.cache.stats()).toMatchObject({ fills: 0, memory: { entries: 0 } })
  })
})

describe('the marks of a process', () => {
  /** The authority forgets the one mark that there is. */
  const loseMark = (): void => {
    const token = test.authority.calls.find(({ step }) => step === 'unsettle')?.token
    test.authority.inner.cancel(USERS, token as WriterToken)
  }

  const sendLong = () => {
    const gate = deferred<string>()
    return { gate, write: track(test.write(undefined, { send: () => gate.promise })) }
  }

  it('are renewed by one timer while their writes run', async () => {
    const writes = [sendLong(), sendLong(), sendLong()]
    await settled()
    test.authority.takeSteps()
    expect(test.runtime.pendingTimers).toBe(1)
    for (let i = 0; i < 10; i++) {
      await test.runtime.pass(LEASE / 2)
      expect(isMarked()).toBe(true)
    }
    const steps = test.authority.takeSteps()
    expect(new Set(steps)).toEqual(new Set(['renew']))
    expect(steps.length).toBeLessThanOrEqual((3 * 10) / 2)
    for (const { gate } of writes) gate.resolve('written')
    await settled()
    expect(isMarked()).toBe(false)
    await test.runtime.pass(LEASE)
    expect(test.runtime.pendingTimers).toBe(0)
    expect(test.authority.takeSteps()).toEqual(['settle', 'settle', 'settle'])
  })

  it('are counted by health()', async () => {
    const { gate, write } = sendLong()
    await settled()
    expect((await test.cache.health()).marks).toBe(1)
    gate.resolve('written')
    await write.promise
    expect((await test.cache.health()).marks).toBe(0)
  })

  it('H11 that were lost under a live writer are set again, and nothing stale is served after it', async () => {
    const { gate, write } = sendLong()
    await settled()
    loseMark()
    await test.runtime.pass(LEASE / 3)
    expect(faults()).toEqual(['mark-lost'])
    expect(isMarked()).toBe(true)
    gate.resolve('written')
    await write.promise
    expect(isMarked()).toBe(false)
  })

  it('H11 that could not be set again are tried again with the next renewal', async () => {
    const { gate, write } = sendLong()
    await settled()
    loseMark()
    test.authority.behaviours.set('unsettle', down)
    await test.runtime.pass(LEASE / 3)
    expect(faults()).toEqual(['mark-lost', 'unsettle'])
    test.authority.behaviours.clear()
    await test.runtime.pass(LEASE / 3)
    expect(isMarked()).toBe(true)
    gate.resolve('written')
    await write.promise
    expect(isMarked()).toBe(false)
  })

  it('that come back after their write has ended are settled', async () => {
    const { gate, write } = sendLong()
    await settled()
    loseMark()
    const late = deferred()
    test.authority.behaviours.set('unsettle', async (call) => {
      await late.promise
      return call()
    })
    await test.runtime.pass(LEASE / 3)
    gate.resolve('written')
    await write.promise
    late.resolve()
    await settled()
    expect(isMarked()).toBe(false)
  })

  it.each<[what: string, behaviour: () => unknown, steps: string[]]>([
    [
      'throws',
      () => {
        throw new Error('down')
      },
      ['renew'],
    ],
    ['rejects', down, ['renew']],
    ['never answers', hang, ['renew']],
    ['answers nothing', async () => undefined, ['renew']],
    ['answers no list', async () => ({ length: 1 }), ['renew']],
    ['answers too little', async () => [], ['mark-lost']],
    ['answers no booleans', async () => ['yes'], ['mark-lost']],
  ])('survive a renewal that %s', async (_what, behaviour, steps) => {
    const { gate, write } = sendLong()
    await settled()
    test.authority.behaviours.set('renew', behaviour)
    await test.runtime.pass(LEASE / 3 + WRITE_TIMEOUT)
    expect(faults()).toEqual(steps)
    test.authority.behaviours.clear()
    await test.runtime.pass(LEASE)
    expect(isMarked()).toBe(true)
    gate.resolve('written')
    await write.promise
    expect(isMarked()).toBe(false)
  })

  it('H09 are set again when a blocked event loop has eaten the lease before the statement is sent', async () => {
    test.authority.behaviours.set('unsettle', async (call) => {
      await call()
      // The answer is here, but the loop does something else for a while.
      test.runtime.monotonic += LEASE
      test.runtime.wall += LEASE
      test.authority.behaviours.delete('unsettle')
    })
    let markedWhenSent: boolean | undefined
    await test.write(undefined, {
      send: async () => {
        markedWhenSent = isMarked()
      },
    })
    expect(markedWhenSent).toBe(true)
    expect(test.authority.takeSteps()).toEqual(['unsettle', 'unsettle', 'settle'])
  })

  it.each<['proceed' | 'reject-writes', string]>([
    ['proceed', 'written'],
    ['reject-writes', 'AUTHORITY_UNAVAILABLE'],
  ])('H09 that are eaten each time count as not confirmed: %s', async (onAuthorityDown, outcome) => {
    newCache({ onAuthorityDown })
    test.authority.behaviours.set('unsettle', async (call) => {
      await call()
      test.runtime.monotonic += LEASE
    })
    expect(await test.write().catch((error) => error.code)).toBe(outcome)
    expect(test.authority.calls.filter(({ step }) => step === 'unsettle').length).toBeLessThanOrEqual(4)
    expect(isMarked()).toBe(false)
  })
})

describe('H13 with the authority down', () => {
  describe('and proceed', () => {
    beforeEach(async () => {
      await test.read()
      test.takeOutcomes()
      test.authority.all(down)
    })

    it('a write goes through and is owed', async () => {
      expect(await test.write()).toBe('written')
      expect(test.take('owed')).toEqual([{ tags: USERS, settled: false }])
      expect((await test.cache.health()).owed).toEqual({ writes: 1, oldest: 0, tags: USERS })
      expect((await test.cache.health()).authority.reachable).toBe(false)
    })

    it('reads of its tables bypass the cache here, those of others find the authority down', async () => {
      await test.write()
      await test.read()
      await test.read({ table: 'orders' })
      expect(test.takeOutcomes()).toEqual(['bypass owed', 'bypass authority-fault'])
    })

    it.each([true, false])('reads are not answered from memory though look-ups work, remote: %s', async (remote) => {
      newCache({}, remote)
      await test.read()
      for (const step of ['unsettle', 'settle'] as const) test.authority.behaviours.set(step, down)
      await test.write()
      expect(await test.read()).toEqual({ query: 2 })
      expect(test.takeOutcomes()).toEqual(['miss', 'bypass owed'])
    })

    it('its reads are not sent in a crowd', async () => {
      await test.write()
      const gate = deferred()
      let sent = 0
      const run = async () => {
        sent++
        await gate.promise
        return sent
      }
      const reads = Array.from({ length: 50 }, () => test.read({ run }))
      await settled()
      expect(sent).toBe(2)
      gate.resolve()
      await Promise.all(reads)
      expect(sent).toBe(3)
    })

    it('the invalidation is retried for ever, less and less often, but at least every 5 s', async () => {
      await test.write()
      const ages: number[] = []
      for (let i = 0; i < 40; i++) {
        const before = test.authority.calls.length
        let waited = 0
        while (test.authority.calls.length === before && waited <= 5_000) {
          await test.runtime.pass(5)
          waited += 5
        }
        ages.push(waited)
      }
      expect(ages[0]).toBeLessThanOrEqual(50)
      expect(ages).toEqual(ages.toSorted((left, right) => left - right))
      expect(ages.at(-1)).toBeLessThanOrEqual(5_000)
      expect(ages.at(-1)).toBeGreaterThan(1_000)
      await test.runtime.pass(24 * 3_600_000)
      test.authority.behaviours.clear()
      await test.runtime.pass(5_000)
      expect((await test.cache.health()).owed.writes).toBe(0)
    })

    it('the invalidation is delivered first thing when the authority is there again, and cached reads after it', async () => {
      await test.write()
      test.authority.recover()
      await test.read()
      await settled()
      expect(test.take('owed')).toEqual([
        { tags: USERS, settled: false },
        { tags: USERS, settled: true },
      ])
      expect(test.take('invalidate')).toEqual([{ tags: USERS }])
      await test.read()
      await test.read()
      expect(test.takeOutcomes()).toEqual(['bypass owed', 'miss', 'hit memory'])
      await test.runtime.pass(10_000)
      expect(test.runtime.pendingTimers).toBe(0)
    })

    it('the invalidation does not wait for another one that the authority refuses', async () => {
      await test.write('update orders set x = 1')
      await test.write()
      test.authority.behaviours.clear()
      test.authority.behaviours.set('settle', (call) =>
        test.authority.calls.at(-1)?.tags.includes('table:orders' as Tag) ? down() : call(),
      )
      await test.runtime.pass(5_000)
      expect((await test.cache.health()).owed.tags).toEqual(['table:orders'])
    })

    it('an invalidation that is answered with something unusable is still owed', async () => {
      await test.write()
      test.authority.behaviours.clear()
      test.authority.behaviours.set('settle', async () => [{}])
      await test.runtime.pass(5_000)
      expect((await test.cache.health()).owed.writes).toBe(1)
      test.authority.behaviours.clear()
      await test.runtime.pass(5_000)
      expect((await test.cache.health()).owed.writes).toBe(0)
    })

    it('a write that the server refuses owes nothing', async () => {
      await expect(test.write(undefined, REFUSED)).rejects.toThrow('duplicate key')
      expect((await test.cache.health()).owed.writes).toBe(0)
      expect(test.take('owed')).toEqual([])
    })

    it('a write that ended in part is owed', async () => {
      await expect(test.write('insert into users values (1); select 1/0', REFUSED)).rejects.toThrow('duplicate key')
      expect(test.take('owed')).toEqual([{ tags: USERS, settled: false }])
      test.authority.recover()
      await settled()
      expect(test.take('owed')).toEqual([{ tags: USERS, settled: true }])
    })

    it('H15 a write whose outcome is unknown is marked as soon as it can be, and then waited for', async () => {
      await expect(test.write(undefined, LOST)).rejects.toThrow('socket closed')
      expect((await test.cache.health()).owed.writes).toBe(1)
      test.authority.recover()
      await settled()
      expect(isMarked()).toBe(true)
      expect(await test.cache.health()).toMatchObject({ owed: { writes: 0 }, marks: 1 })
      await test.runtime.pass(UNKNOWN_FOR + LEASE)
      expect(isMarked()).toBe(false)
    })

    it('invalidate() resolves and is owed', async () => {
      await test.cache.invalidate({ tags: ['home'] })
      expect(test.take('owed')).toEqual([{ tags: ['tag:home'], settled: false }])
      test.authority.recover()
      await settled()
      expect(test.take('owed')).toEqual([{ tags: ['tag:home'], settled: true }])
    })

    it('many writes to one table are owed each, and delivered each', async () => {
      for (let i = 0; i < 10; i++) await test.write()
      expect((await test.cache.health()).owed).toMatchObject({ writes: 10, tags: USERS })
      test.authority.recover()
      await test.runtime.pass(0)
      await settled()
      expect((await test.cache.health()).owed.writes).toBe(0)
      await test.read()
      await test.read()
      expect(test.takeOutcomes()).toEqual(['miss', 'hit memory'])
    })
  })

  describe('and reject-writes', () => {
    beforeEach(() => {
      newCache({ onAuthorityDown: 'reject-writes' })
      test.authority.all(down)
    })

    it('nothing is sent', async () => {
      let sent = 0
      const write = test.write(undefined, { send: async () => void sent++ })
      await expect(write).rejects.toThrow(AuthorityUnavailableError)
      await expect(write).rejects.toMatchObject({ code: 'AUTHORITY_UNAVAILABLE', tags: USERS })
      expect(sent).toBe(0)
      expect(await test.cache.health()).toMatchObject({ owed: { writes: 0 }, marks: 0 })
    })

    it('a mark that came late is taken away again', async () => {
      test.authority.behaviours.clear()
      test.authority.behaviours.set('unsettle', (call) => {
        void call()
        return hang()
      })
      const write = track(test.write())
      await test.runtime.pass(WRITE_TIMEOUT)
      expect(write).toMatchObject({ state: 'rejected', error: { code: 'AUTHORITY_UNAVAILABLE' } })
      expect(isMarked()).toBe(false)
    })

    it('invalidate() rejects, and is delivered all the same', async () => {
      await expect(test.cache.invalidate({ tags: ['home'] })).rejects.toMatchObject({ code: 'AUTHORITY_UNAVAILABLE' })
      expect((await test.cache.health()).owed.writes).toBe(1)
      test.authority.recover()
      await settled()
      expect((await test.cache.health()).owed.writes).toBe(0)
    })

    it('a write that was marked before the authority went down succeeds', async () => {
      test.authority.behaviours.clear()
      const send = async () => {
        test.authority.all(down)
        return 'written'
      }
      expect(await test.write(undefined, { send })).toBe('written')
      // Its mark stands, so nobody is served anything older: it is not owed in the sense of the contract.
      expect(test.take('owed')).toEqual([])
      expect((await test.cache.health()).owed.writes).toBe(0)
      expect(isMarked()).toBe(true)
      test.authority.recover()
      await settled()
      expect(isMarked()).toBe(false)
    })
  })

  it('a settle that nobody delivers ends with the lease: no old stamp survives it', async () => {
    await test.read()
    const before = stamp()
    const send = async () => {
      test.authority.all(down)
      return 'written'
    }
    await test.write(undefined, { send })
    await test.runtime.pass(LEASE)
    expect(isMarked()).toBe(false)
    expect(stamp()).not.toBe(before)
    expect((await test.cache.health()).owed.writes).toBe(0)
  })

  it('a write that outlives its lease while the authority is down is owed: others may read older rows', async () => {
    const gate = deferred<string>()
    const write = track(test.write(undefined, { send: () => gate.promise }))
    await settled()
    test.authority.all(down)
    await test.runtime.pass(LEASE)
    gate.resolve('written')
    await settled()
    expect(write.state).toBe('resolved')
    expect(test.take('owed')).toEqual([{ tags: USERS, settled: false }])
    expect((await test.cache.health()).owed.writes).toBe(1)
    test.authority.recover()
    await settled()
    expect(test.take('owed')).toEqual([{ tags: USERS, settled: true }])
  })

  it('close() does not let go of what is owed to an authority that others use', async () => {
    test.authority.all(down)
    await test.write('update orders set x = 1')
    await test.cache.close()
    expect((await test.cache.health()).owed.writes).toBe(1)
    test.authority.recover()
    await test.runtime.pass(60_000)
    expect((await test.cache.health()).owed.writes).toBe(0)
    expect(test.runtime.pendingTimers).toBe(0)
  })
})

describe('H14 with a slow authority', () => {
  const delayed = (milliseconds: number) => (call: () => unknown) =>
    new Promise((resolve) => test.runtime.timers.start(milliseconds, () => resolve(call())))

  it.each([
    [10, 20],
    [2_000, TIMEOUT],
  ])('of %d ms a miss waits for at most timeout, all its look-ups together', async (latency, waited) => {
    test.authority.all(delayed(latency))
    const read = track(test.read())
    await test.runtime.pass(waited - 1)
    expect(read.state).toBe('pending')
    await test.runtime.pass(1)
    expect(read).toMatchObject({ state: 'resolved', value: { query: 1 } })
  })

  it('a read whose stamps are created waits for timeout in all', async () => {
    test.authority.all(delayed(TIMEOUT - 10))
    const read = track(test.read())
    await test.runtime.pass(TIMEOUT - 1)
    expect(read.state).toBe('pending')
    await test.runtime.pass(1)
    expect(read).toMatchObject({ state: 'resolved' })
    expect(test.takeOutcomes()).toEqual(['bypass authority-timeout'])
  })

  it('a write waits for at most writeTimeout before it is sent, and again after it', async () => {
    test.authority.all(delayed(2_000))
    const gate = deferred<string>()
    let isSent = false
    const write = track(
      test.write(undefined, {
        send: () => {
          isSent = true
          return gate.promise
        },
      }),
    )
    await test.runtime.pass(WRITE_TIMEOUT - 1)
    expect(isSent).toBe(false)
    await test.runtime.pass(1)
    expect(isSent).toBe(true)
    await test.runtime.pass(10_000)
    gate.resolve('written')
    await settled()
    await test.runtime.pass(WRITE_TIMEOUT - 1)
    expect(write.state).toBe('pending')
    await test.runtime.pass(1)
    expect(write).toMatchObject({ state: 'resolved', value: 'written' })
  })

  it('a write that fails waits no longer', async () => {
    test.authority.behaviours.set('cancel', hang)
    const write = track(test.write(undefined, REFUSED))
    await settled()
    expect(write.state).toBe('rejected')
  })

  it('invalidate() waits for at most writeTimeout', async () => {
    test.authority.all(hang)
    const invalidation = track(test.cache.invalidate({ all: true }))
    await test.runtime.pass(WRITE_TIMEOUT)
    expect(invalidation.state).toBe('resolved')
  })

  it('a mark that arrives after its settle ends with its lease', async () => {
    await test.read()
    test.authority.behaviours.set('unsettle', delayed(2_000))
    const write = track(test.write())
    await test.runtime.pass(WRITE_TIMEOUT)
    expect(write.state).toBe('resolved')
    const settledStamp = stamp()
    await test.runtime.pass(2_000)
    expect(isMarked()).toBe(true)
    await test.runtime.pass(LEASE)
    expect(isMarked()).toBe(false)
    expect(stamp()).not.toBe(settledStamp)
  })
})

describe('a committed write', () => {
  const broken: [what: string, behaviour: (call: () => unknown) => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('down')
      },
    ],
    ['rejects', down],
    ['never answers', hang],
    ['answers undefined', async () => undefined],
    ['answers a number', async () => 5],
    ['answers no settlements', async () => []],
    ['answers null settlements', async () => [null]],
    ['answers holes', async () => new Array(1)],
    ['answers settlements without a stamp', async () => [{ alone: true }]],
    ['answers empty stamps', async () => [{ stamp: '', alone: true }]],
    [
      'answers what throws when it is read',
      async () => [
        {
          get stamp() {
            throw new Error('trap')
          },
        },
      ],
    ],
  ]
  const steps: AuthorityStep[][] = [
    ['settle'],
    ['unsettle'],
    ['unsettle', 'settle', 'renew', 'cancel', 'lookup', 'create'],
  ]

  it.each(
    broken.flatMap(([what, behaviour]) => steps.map((faulty) => [faulty.join(' '), what, behaviour, faulty] as const)),
  )('is never reported as failed when %s %s', async (_steps, _what, behaviour, faulty) => {
    for (const step of faulty) test.authority.behaviours.set(step, behaviour)
    const write = track(test.write(undefined, { put: { text: 'select', value: () => 'row' } }))
    await test.runtime.pass(2 * WRITE_TIMEOUT + TIMEOUT)
    expect(write).toMatchObject({ state: 'resolved', value: 'written' })
  })
})
