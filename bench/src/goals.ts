/** Goals of the benchmarks (bench/goals.json) and how a result stands to its own. */

import { readFileSync } from 'node:fs'
import type { Measured } from './measure.ts'

export interface Goal {
  readonly what: string
  readonly unit: 'x' | 'us' | 'bytes'
  /** In `unit`; without one the result is only printed. */
  readonly atMost?: number
  /** For ratios: as good, when the difference in microseconds is no more than this. */
  readonly orAtMostExtra?: number
}

/** A ratio when there is a floor, else the number itself. */
export interface Result {
  readonly goal: string
  readonly floor?: Measured | undefined
  readonly measured: Measured | undefined
}

const GOALS: Readonly<Record<string, Goal>> = JSON.parse(
  readFileSync(new URL('../goals.json', import.meta.url), 'utf8'),
)

/** One line of the table, and whether the goal was met. */
export function assess({ goal: name, floor, measured }: Result): {
  readonly row: Record<string, string>
  readonly met: boolean
} {
  const goal = GOALS[name]
  if (goal === undefined || measured === undefined) throw new Error(`no goal or no result for ${name}`)
  const value = floor === undefined ? measured.microseconds : measured.microseconds / floor.microseconds
  const extra = floor === undefined ? 0 : measured.microseconds - floor.microseconds
  const met =
    goal.atMost === undefined ||
    value <= goal.atMost ||
    (goal.orAtMostExtra !== undefined && extra <= goal.orAtMostExtra)
  const limit =
    goal.atMost === undefined ? '' : `${goal.atMost}${goal.orAtMostExtra ? ` or +${goal.orAtMostExtra} us` : ''}`
  return {
    met,
    row: {
      benchmark: goal.what,
      floor: floor === undefined ? '' : `${floor.microseconds.toFixed(2)} us`,
      measured: goal.unit === 'bytes' ? '' : `${measured.microseconds.toFixed(2)} us`,
      result: `${value.toFixed(goal.unit === 'bytes' ? 0 : 2)} ${goal.unit}`,
      goal: limit,
      met: goal.atMost === undefined ? '' : met ? 'yes' : 'NO',
    },
  }
}
