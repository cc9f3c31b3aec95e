/** Random values such as results hold, for property tests; and a class that stands for an ORM's decimals. */

import fc from 'fast-check'
import type { ValueType } from '../src/value/value-type.ts'
import { ValueTypes } from '../src/value/value-types.ts'

/** Like decimal.js: an instance that carries its own `constructor`, on which structuredClone fails. */
export class Money {
  readonly digits: readonly number[]
  readonly exponent: number

  constructor(digits: readonly number[], exponent: number) {
    this.digits = digits
    this.exponent = exponent
    Object.defineProperty(this, 'constructor', { value: Money, enumerable: true })
  }
}

export const moneyType: ValueType<Money> = {
  name: 'money',
  prototype: Money.prototype,
  copy: (value) => new Money([...value.digits], value.exponent),
  byteLength: (value) => 120 + 8 * value.digits.length,
  encode: (value) => [value.exponent, [...value.digits]],
  decode(encoded) {
    const [exponent, digits] = Array.isArray(encoded) ? encoded : []
    if (typeof exponent !== 'number' || !Array.isArray(digits)) throw new TypeError('Not an encoded amount')
    if (!digits.every((digit) => typeof digit === 'number')) throw new TypeError('Not the digits of an amount')
    return new Money(digits, exponent)
  },
}

export const testTypes: ValueTypes = ValueTypes.builtIn.with([moneyType])

/** Names that have broken caches: prototypes, path separators, the codecs' own words, keys that sort as numbers. */
const HAZARDOUS_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'toJSON',
  '',
  '.',
  'a.b',
  'a\\.b',
  '\\',
  '0',
  '10',
  'json',
  'meta',
  'values',
  'length',
  '\ud800',
  '\0',
]

const HAZARDOUS_STRINGS = [
  'undefined',
  'Date',
  '$date',
  '["custom","bytes"]',
  '{"json":1}',
  '__proto__',
  'NaN',
  '-0',
  '1n',
]

const key = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 8 }) },
  { weight: 2, arbitrary: fc.constantFrom(...HAZARDOUS_KEYS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
)

/** Any UTF-16 code units, lone surrogates included. */
export const anyString: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ minLength: 60, maxLength: 90 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom(...HAZARDOUS_STRINGS, '\ud800', 'a\udc00b', '\u00e9', 'e\u0301'),
)

export const anyNumber: fc.Arbitrary<number> = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(-0, 0, Number.NaN, Infinity, -Infinity, 2 ** 31, 2 ** 32, 2 ** 53, 64, 127, 128, -32, -33, 0.1),
)

export const anyBigint: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt(),
  fc.constantFrom(0n, -1n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n, 2n ** 64n, 10n ** 60n),
)

const bytes = fc.uint8Array({ maxLength: 80 })

const leaf: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, undefined, true, false),
  anyNumber,
  anyString,
  anyBigint,
  fc.date({ noInvalidDate: false }),
  bytes,
  bytes.map((content) => Buffer.from(content)),
  fc.tuple(fc.array(fc.nat(1e7), { maxLength: 4 }), fc.integer()).map(([digits, e]) => new Money(digits, e)),
)

/** Everything that `inspectValue` with `testTypes` lets through. */
export const anyValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown; fields: [string, unknown][] }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true, depthIdentifier: 'value' },
    leaf,
    fc.array(tie('value'), { maxLength: 5, depthIdentifier: 'value' }),
    tie('fields').map((fields) => recordOf(fields, Object.prototype)),
    tie('fields').map((fields) => recordOf(fields, null)),
    fc.tuple(fc.array(tie('fields'), { maxLength: 4 }), fc.array(key, { maxLength: 4 })).map(rowsOf),
    fc.array(fc.tuple(fc.nat(12), tie('value')), { maxLength: 4, depthIdentifier: 'value' }).map(holesOf),
  ),
  fields: fc.array(fc.tuple(key, tie('value')), { maxLength: 5, depthIdentifier: 'value' }),
})).value

function recordOf(fields: readonly [string, unknown][], prototype: object | null): object {
  const record = Object.create(prototype)
  for (const [name, value] of fields) {
    Object.defineProperty(record, name, { value, writable: true, enumerable: true, configurable: true })
  }
  return record
}

/** Rows of one shape, their fields taken from lists that may be too short. */
function rowsOf([lists, names]: [[string, unknown][][], string[]]): object[] {
  return lists.map((list) =>
    recordOf(
      names.map((name, i) => [name, list[i]?.[1]]),
      Object.prototype,
    ),
  )
}

function holesOf(elements: readonly [number, unknown][]): unknown[] {
  const list: unknown[] = []
  list.length = 13
  for (const [index, element] of elements) list[index] = element
  return list
}

/** A copy with the keys of all plain objects in another order. */
export function withOtherKeyOrder(value: unknown, random: (below: number) => number): unknown {
  if (Array.isArray(value)) return value.map((element) => withOtherKeyOrder(element, random))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  const fields = Object.entries(value)
  for (let i = fields.length - 1; i > 0; i--) {
    const j = random(i + 1)
    ;[fields[i], fields[j]] = [fields[j] as [string, unknown], fields[i] as [string, unknown]]
  }
  return recordOf(
    fields.map(([name, field]) => [name, withOtherKeyOrder(field, random)]),
    Object.prototype,
  )
}
