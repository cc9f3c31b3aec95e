/** Durations as options take them: seconds as a number, or `'500ms' '10s' '5m' '1h' '1d'`. */

import { InvalidOptionError } from '../errors.ts'

/** A duration with its unit. */
export type DurationText = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

/** A duration of caching: a bare number is seconds, as in Prisma Accelerate and in Drizzle's `ex`. */
export type Duration = number | DurationText

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

/** What a timer of Node can wait; one that is to wait longer fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1

/** Milliseconds of a duration of caching (`ttl`, `swr` ...). */
export function cachingMilliseconds(option: string, value: unknown): number {
  if (typeof value === 'number') {
    if (Number.isFinite(value * 1_000) && value >= 0) return value * 1_000
    throw new InvalidOptionError(option, `${value} is not a duration. Write seconds as a number >= 0, or '5m'.`)
  }
  return parse(option, value, `Write seconds as a number, or a text such as '500ms', '10s', '5m', '1h', '1d'.`)
}

/** Milliseconds of a short technical duration (`timeout`, `lease` ...), where a bare number would be ambiguous. */
export function technicalMilliseconds(option: string, value: unknown): number {
  if (typeof value === 'number') {
    throw new InvalidOptionError(option, `${value} has no unit: write '${value}ms' or '${value}s'.`)
  }
  const milliseconds = parse(option, value, `Write a text such as '50ms' or '30s'.`)
  if (milliseconds > LONGEST_TIMER)
    throw new InvalidOptionError(option, `${describe(value)} is too long: at most '24d'.`)
  if (milliseconds > 0) return milliseconds
  throw new InvalidOptionError(option, `must be longer than 0.`)
}

function parse(option: string, value: unknown, advice: string): number {
  const match = typeof value === 'string' ? PATTERN.exec(value) : null
  const milliseconds = match === null ? Number.NaN : Number(match[1]) * (UNITS[match[2] as string] as number)
  if (Number.isFinite(milliseconds)) return milliseconds
  throw new InvalidOptionError(option, `${describe(value)} is not a duration. ${advice}`)
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}
