import { describe, expect, it } from 'vitest'
import { systemRuntime } from './runtime.ts'

describe('the runtime of the system', () => {
  it('has a wall clock in ms since 1970 and a monotonic one that never goes back', () => {
    const { clock } = systemRuntime()
    expect(Math.abs(clock.wall() - Date.now())).toBeLessThan(60_000)
    const first = clock.monotonic()
    expect(clock.monotonic()).toBeGreaterThanOrEqual(first)
  })

  it('has timers that can be stopped and never keep the process alive', async () => {
    const { timers } = systemRuntime()
    const stopped = timers.start(0, () => {
      throw new Error('stopped')
    })
    timers.stop(stopped)
    const handle = await new Promise<NodeJS.Timeout>((resolve) => {
      const handle = timers.start(0, () => resolve(handle as NodeJS.Timeout))
      // Something must keep this process alive until then.
      setTimeout(() => {}, 1_000).ref()
    })
    expect(handle.hasRef()).toBe(false)
  })

  it('has random tokens that are never the same, and fractions from 0 up to 1', () => {
    const { random } = systemRuntime()
    expect(new Set(Array.from({ length: 10_000 }, () => random.token())).size).toBe(10_000)
    const fractions = Array.from({ length: 1_000 }, () => random.fraction())
    expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...fractions)).toBeLessThan(1)
    expect(Math.max(...fractions) - Math.min(...fractions)).toBeGreaterThan(0.9)
  })
})
