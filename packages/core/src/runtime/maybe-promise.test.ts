import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualRuntime, settled } from '../../test/doubles/manual-runtime.ts'
import { deferred, track } from '../../test/doubles/test-cache.ts'
import { attempt, chain, isPromise, silence, TimeLimitError, within } from './maybe-promise.ts'

const rejections: unknown[] = []
const note = (reason: unknown): void => void rejections.push(reason)

beforeEach(() => {
  rejections.length = 0
  process.on('unhandledRejection', note)
})

afterEach(async () => {
  await settled()
  process.off('unhandledRejection', note)
  expect(rejections).toEqual([])
})

describe('a value that may come later', () => {
  it('is told from one that is there', () => {
    const thenable = Object.fromEntries([['then', () => {}]])
    const namesake = Object.fromEntries([['then', 5]])
    for (const promise of [Promise.resolve(), thenable]) expect(isPromise<unknown>(promise)).toBe(true)
    for (const value of [undefined, null, 5, 'then', {}, namesake, () => {}]) {
      expect(isPromise<unknown>(value)).toBe(false)
    }
  })

  it('is passed on at once when it is there', async () => {
    expect(chain(1, (value) => value + 1)).toBe(2)
    expect(await chain(Promise.resolve(1), (value) => value + 1)).toBe(2)
  })
})

describe('attempt()', () => {
  const error = new Error('fault')

  it.each<[what: string, call: () => unknown]>([
    [
      'throws',
      () => {
        throw error
      },
    ],
    ['rejects', () => Promise.reject(error)],
  ])('turns a call that %s into undefined and a fault', async (_what, call) => {
    const faults: unknown[] = []
    expect(await attempt(call, (fault) => void faults.push(fault))).toBeUndefined()
    expect(faults).toEqual([error])
  })

  it('answers at once when the call does', () => {
    expect(
      attempt(
        () => 5,
        () => {},
      ),
    ).toBe(5)
  })
})

describe('within()', () => {
  it('gives the result that comes in time, and leaves no timer', async () => {
    const runtime = new ManualRuntime()
    expect(await within(Promise.resolve(5), 10, runtime.timers)).toBe(5)
    await expect(within(Promise.reject(new Error('own')), 10, runtime.timers)).rejects.toThrow('own')
    expect(runtime.pendingTimers).toBe(0)
  })

  it.each(['resolve', 'reject'] as const)('rejects at the limit, and drops what comes late: %s', async (late) => {
    const runtime = new ManualRuntime()
    const { promise, ...end } = deferred<unknown>()
    const limited = track(within(promise, 10, runtime.timers))
    await runtime.pass(9)
    expect(limited.state).toBe('pending')
    await runtime.pass(1)
    expect(limited.error).toBeInstanceOf(TimeLimitError)
    expect(limited.error).toMatchObject({ name: 'TimeLimitError', message: 'no answer within 10 ms' })
    end[late](new Error('late'))
    await settled()
    expect(limited.state).toBe('rejected')
  })
})

describe('silence()', () => {
  it('takes any value, and keeps a rejection from the application', () => {
    for (const value of [undefined, null, 5, Promise.resolve(), Promise.reject(new Error('unheard'))]) silence(value)
  })
})
