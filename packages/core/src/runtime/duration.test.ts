import { describe, expect, it } from 'vitest'
import { InvalidOptionError } from '../errors.ts'
import { cachingMilliseconds, technicalMilliseconds } from './duration.ts'

const TEXTS: readonly [text: string, milliseconds: number][] = [
  ['1ms', 1],
  ['0.5ms', 0.5],
  ['500ms', 500],
  ['1.5s', 1_500],
  ['10s', 10_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['1d', 86_400_000],
]

const NO_DURATIONS: readonly [value: unknown, shown: string][] = [
  ['', `''`],
  ['5', `'5'`],
  ['5 m', `'5 m'`],
  [' 5m', `' 5m'`],
  ['5M', `'5M'`],
  ['-5m', `'-5m'`],
  ['1e3s', `'1e3s'`],
  ['5w', `'5w'`],
  ['soon', `'soon'`],
  [null, 'null'],
  [true, 'true'],
  [5n, '5'],
  [{}, 'an object'],
  [['5m'], 'an object'],
  [Object.create(null), 'an object'],
  [() => 5, 'a function'],
  [Symbol('5m'), 'Symbol(5m)'],
]

describe('a duration of caching', () => {
  it.each(TEXTS)('%s is %d ms', (text, milliseconds) => {
    expect(cachingMilliseconds('ttl', text)).toBe(milliseconds)
  })

  it.each([
    [0, 0],
    [0.25, 250],
    [30, 30_000],
  ])('takes the number %d as seconds', (seconds, milliseconds) => {
    expect(cachingMilliseconds('ttl', seconds)).toBe(milliseconds)
  })

  it.each(['0ms', '0s', '0d'])('may be %s', (text) => {
    expect(cachingMilliseconds('ttl', text)).toBe(0)
  })

  it.each([-1, -0.001, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e306])(
    'refuses the number %d',
    (value) => {
      expect(() => cachingMilliseconds('ttl', value)).toThrow(
        new InvalidOptionError('ttl', `${value} is not a duration. Write seconds as a number >= 0, or '5m'.`),
      )
    },
  )

  it.each(NO_DURATIONS)('refuses %s', (value, shown) => {
    const message = `${shown} is not a duration. Write seconds as a number, or a text such as '500ms', '10s', '5m', '1h', '1d'.`
    expect(() => cachingMilliseconds('ttl', value)).toThrow(new InvalidOptionError('ttl', message))
  })

  it('refuses a text that is longer than a number can tell', () => {
    expect(() => cachingMilliseconds('ttl', `${'9'.repeat(400)}d`)).toThrow(InvalidOptionError)
  })
})

describe('a short duration', () => {
  it.each(TEXTS)('%s is %d ms', (text, milliseconds) => {
    expect(technicalMilliseconds('lease', text)).toBe(milliseconds)
  })

  it.each([50, 0, -1, 1.5])('refuses the number %d, which has no unit', (value) => {
    const message = `${value} has no unit: write '${value}ms' or '${value}s'.`
    expect(() => technicalMilliseconds('timeout', value)).toThrow(new InvalidOptionError('timeout', message))
  })

  it.each(NO_DURATIONS)('refuses %s', (value, shown) => {
    const message = `${shown} is not a duration. Write a text such as '50ms' or '30s'.`
    expect(() => technicalMilliseconds('timeout', value)).toThrow(new InvalidOptionError('timeout', message))
  })

  it.each(['0ms', '0s'])('refuses %s', (text) => {
    expect(() => technicalMilliseconds('timeout', text)).toThrow(
      new InvalidOptionError('timeout', 'must be longer than 0.'),
    )
  })

  it('refuses more than the 2^31 - 1 ms that a timer of Node can wait: it would fire at once', () => {
    expect(technicalMilliseconds('lease', '24d')).toBe(24 * 86_400_000)
    const message = new InvalidOptionError('lease', `'25d' is too long: at most '24d'.`)
    expect(() => technicalMilliseconds('lease', '25d')).toThrow(message)
  })
})
