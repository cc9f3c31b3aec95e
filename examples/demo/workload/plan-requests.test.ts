// Plans: what they draw, and that they can be drawn again.

import { expect, it } from 'vitest'
import type { Page } from './data-set.ts'
import { Draw } from './draw.ts'
import { planRequests } from './plan-requests.ts'

function pagesThatNote(notes: string[]): Page<undefined>[] {
  const page = (name: string, weight: number, writes: boolean): Page<undefined> => ({
    name,
    weight,
    writes,
    plan(draw) {
      notes.push(`${name} ${draw.zipf(100)}`)
      return async () => {}
    },
  })
  return [page('often', 9, false), page('seldom', 1, false), page('write', 1, true)]
}

it('makes the same requests of the same seed, and others of another', () => {
  const [first, second, third] = [1, 1, 2].map((seed) => {
    const notes: string[] = []
    planRequests(pagesThatNote(notes), { requests: 200, writes: 0.1, seed })
    return notes
  })
  expect(second).toEqual(first)
  expect(third).not.toEqual(first)
})

it('keeps to the share of writes and to the weights', () => {
  const planned = planRequests(pagesThatNote([]), { requests: 20_000, writes: 0.1, seed: 3 })
  const share = (name: string): number => planned.filter(({ page }) => page === name).length / planned.length
  expect(share('write')).toBeCloseTo(0.1, 1)
  expect(share('often')).toBeCloseTo(0.81, 1)
  expect(share('seldom')).toBeCloseTo(0.09, 1)
})

it('writes nothing, or only writes, when asked to', () => {
  const names = (writes: number): Set<string> =>
    new Set(planRequests(pagesThatNote([]), { requests: 500, writes, seed: 3 }).map(({ page }) => page))
  expect(names(0)).toEqual(new Set(['often', 'seldom']))
  expect(names(1)).toEqual(new Set(['write']))
})

it('draws ranks by the law of Zipf', () => {
  const draw = new Draw(5)
  const seen = new Array<number>(51).fill(0)
  for (let i = 0; i < 50_000; i++) seen[draw.zipf(50)]! += 1
  expect(seen[0]).toBe(0)
  expect(seen.slice(1).every((count) => count > 0)).toBe(true)
  // Twice as often as the second, ten times as often as the tenth.
  expect(seen[1]! / seen[2]!).toBeCloseTo(2, 0)
  expect(seen[1]! / seen[10]! / 10).toBeCloseTo(1, 0)
})
