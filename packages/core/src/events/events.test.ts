import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from 'vitest'
import { settled } from '../../test/doubles/manual-runtime.ts'
import { EVENTS, TestCache } from '../../test/doubles/test-cache.ts'
import { Emitter, type FaultStep } from './events.ts'

const fault = (step: 'lookup' | 'settle') => ({ step, error: undefined })

describe('listeners', () => {
  const rejections: unknown[] = []
  const note = (reason: unknown): void => void rejections.push(reason)

  afterEach(() => {
    process.off('unhandledRejection', note)
    rejections.length = 0
  })

  it('hear events of their name only, in the order in which they came', () => {
    const emitter = new Emitter()
    const heard: string[] = []
    emitter.on('fault', ({ step }) => void heard.push(`first ${step}`))
    emitter.on('fault', ({ step }) => void heard.push(`second ${step}`))
    emitter.on('invalidate', () => void heard.push('invalidate'))
    emitter.emit('fault', fault('lookup'))
    expect(heard).toEqual(['first lookup', 'second lookup'])
  })

  it('stop with the function that on() returned, and only once', () => {
    const emitter = new Emitter()
    let heard = 0
    const listener = (): void => void heard++
    const off = emitter.on('fault', listener)
    const offSecond = emitter.on('fault', listener)
    emitter.emit('fault', fault('lookup'))
    expect(heard).toBe(2)
    off()
    off()
    emitter.emit('fault', fault('lookup'))
    expect(heard).toBe(3)
    expect(emitter.has('fault')).toBe(true)
    offSecond()
    expect(emitter.has('fault')).toBe(false)
  })

  it('may come and go while an event is told', () => {
    const emitter = new Emitter()
    const heard: string[] = []
    const off = emitter.on('fault', () => {
      heard.push('leaving')
      off()
      emitter.on('fault', () => void heard.push('late'))
    })
    emitter.on('fault', () => void heard.push('staying'))
    emitter.emit('fault', fault('lookup'))
    expect(heard).toEqual(['leaving', 'staying'])
    emitter.emit('fault', fault('lookup'))
    expect(heard).toEqual(['leaving', 'staying', 'staying', 'late'])
  })

  it('that throw, or reject later, keep nothing from the others', async () => {
    process.on('unhandledRejection', note)
    const emitter = new Emitter()
    let heard = 0
    emitter.on('fault', () => {
      throw new Error('thrown by a listener')
    })
    const rejecting = (): unknown => Promise.reject(new Error('rejected by a listener'))
    emitter.on('fault', rejecting as () => void)
    // As in Jest, where the test's promises are not those of the module.
    emitter.on('fault', () => runInNewContext(`Promise.reject(new Error('of another realm'))`))
    emitter.on('fault', () => void heard++)
    emitter.emit('fault', fault('lookup'))
    expect(heard).toBe(1)
    await settled()
    expect(rejections).toEqual([])
  })

  it('of an event that throw change no read, write or invalidation', async () => {
    const test = new TestCache()
    for (const name of EVENTS) {
      test.cache.on(name, () => {
        throw new Error(name)
      })
    }
    expect(await test.read()).toEqual({ query: 1 })
    expect(await test.read()).toEqual({ query: 1 })
    expect(await test.read({ strategy: false })).toEqual({ query: 2 })
    expect(await test.read({ table: 'odd', run: async () => ({ f: () => 1 }) })).toEqual({ f: expect.any(Function) })
    expect(await test.write()).toBe('written')
    await test.cache.invalidate({ all: true })
    expect(await test.read()).toEqual({ query: 3 })
  })

  it('must be functions', () => {
    const { cache } = new TestCache()
    expect(() => cache.on('hit', 'log' as any)).toThrow('listener: must be a function.')
  })
})

describe('the guide to events', () => {
  const guide = readFileSync(new URL('../../../../docs/guides/events.md', import.meta.url), 'utf8')

  /** First column of the table below a heading. */
  function rowsOf(heading: string): string[] {
    const section = guide.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? ''
    return [...section.matchAll(/^\| `([a-zA-Z-]+)` \|/gm)].map(([, name]) => name as string)
  }

  it('lists every event', () => {
    expect(rowsOf('Events')).toEqual(EVENTS)
  })

  it('lists every step of a fault', () => {
    const steps: Record<FaultStep, true> = {
      lookup: true,
      create: true,
      unsettle: true,
      renew: true,
      settle: true,
      cancel: true,
      fill: true,
      store: true,
      encode: true,
      decode: true,
      scope: true,
      copy: true,
      tables: true,
      'mark-lost': true,
      introspection: true,
    }
    expect(rowsOf('Steps of a fault').toSorted()).toEqual(Object.keys(steps).toSorted())
  })

  it('lists every field of stats() and of health()', async () => {
    const { cache } = new TestCache()
    expect(rowsOf('Stats')).toEqual(Object.keys(cache.stats()))
    expect(rowsOf('Health')).toEqual(Object.keys(await cache.health()))
  })
})
