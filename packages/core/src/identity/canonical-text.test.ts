import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyBigint, anyNumber, anyString, anyValue, Money, withOtherKeyOrder } from '../../test/arbitrary-value.ts'
import { sameValue } from '../value/same-value.ts'
import { canonicalText, sqlText } from './canonical-text.ts'

const special = (value: object) =>
  value instanceof Money ? `money ${value.digits.join(' ')} ${value.exponent}` : undefined

/** Values that mean the same to a database are made the same: prototypes of objects, kinds of byte arrays. */
function meaning(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Money) return value
  const copy: object = Array.isArray(value) ? new Array(value.length) : {}
  for (const [key, field] of Object.entries(value)) {
    Object.defineProperty(copy, key, { value: meaning(field), writable: true, enumerable: true, configurable: true })
  }
  return copy
}

const hole = () => {
  const list: unknown[] = [1]
  list.length = 2
  return list
}

/** Reads canonical text back, which is possible only if no two values share one. */
class Parser {
  at = 0
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  value(): unknown {
    switch (this.#text[this.at++]) {
      case 'n':
        return null
      case 'u':
        return undefined
      case 't':
        return true
      case 'f':
        return false
      case '#':
        return Number(this.#until(';'))
      case 'i':
        return BigInt(this.#until(';'))
      case 'd':
        return new Date(Number(this.#until(';')))
      case '"':
        return this.#counted()
      case 'b':
        return new Uint8Array(Buffer.from(this.#counted(), 'latin1'))
      case 's': {
        const numbers = this.#counted()
          .split(' ')
          .slice(1)
          .filter((part) => part !== '')
          .map(Number)
        return new Money(numbers.slice(0, -1), numbers.at(-1) as number)
      }
      case '[':
        return this.#list()
      case '{':
        return this.#record()
      default:
        throw new Error(`No value at ${this.at - 1} of ${this.#text}`)
    }
  }

  #list(): unknown[] {
    const list: unknown[] = []
    while (this.#text[this.at] !== ']') {
      if (this.#text[this.at] === '_') {
        this.at++
        list.length++
      } else list.push(this.value())
    }
    this.at++
    return list
  }

  #record(): object {
    const record = {}
    while (this.#text[this.at] !== '}') {
      const key = this.#counted()
      Object.defineProperty(record, key, { value: this.value(), writable: true, enumerable: true, configurable: true })
    }
    this.at++
    return record
  }

  #counted(): string {
    const length = Number(this.#until(':'))
    this.at += length
    return this.#text.slice(this.at - length, this.at)
  }

  #until(mark: string): string {
    const end = this.#text.indexOf(mark, this.at)
    const part = this.#text.slice(this.at, end)
    this.at = end + 1
    return part
  }
}

/** Each is another query; whatever two of them share a text would be answered with each other's rows. */
const distinct: unknown[] = [
  null,
  undefined,
  true,
  false,
  'true',
  'null',
  'n',
  'u',
  't',
  '',
  ' ',
  0,
  -0,
  1,
  '1',
  1n,
  '1n',
  '#1;',
  'i1;',
  Number.NaN,
  'NaN',
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  1e21,
  10n ** 21n,
  2 ** 53,
  2n ** 53n,
  0.1,
  '0.1',
  new Date(0),
  new Date(0).toISOString(),
  new Date(Number.NaN),
  'd0;',
  Uint8Array.of(),
  Uint8Array.of(0),
  Uint8Array.of(49),
  '\0',
  'MQ==',
  new Money([1], 0),
  new Money([1], 1),
  'money 1 0',
  [],
  {},
  '[]',
  '{}',
  [[]],
  [{}],
  [null],
  [undefined],
  hole(),
  [1],
  [1, undefined],
  [1, null],
  ['1'],
  [[1], 2],
  [1, [2]],
  [[1, 2]],
  [1, 2],
  [12],
  [1, '2'],
  ['1', '2'],
  ['1,2'],
  ['1"1:2'],
  ['1"2'],
  ['"1:1"1:2'],
  { a: 1 },
  { a: '1' },
  { a: 1n },
  { a: undefined },
  { a: null },
  { a: {} },
  { a: [] },
  { a: [1] },
  { b: 1 },
  { a: 1, b: 2 },
  { a: { b: 2 } },
  { a: 1, b: undefined },
  { 'a1:b': 1 },
  { 'a#1;b': 2 },
  { a: '1:b#1;' },
  { '': 1 },
  { '1': 1 },
  { 'a.b': 1 },
  JSON.parse('{"__proto__":1}'),
  JSON.parse('{"__proto__":{"a":1}}'),
  { constructor: 1 },
  '\u00e9',
  'e\u0301',
  '\ufb01',
  'fi',
  '\ud800',
  '\udc00',
  '\ufffd',
  '😀',
  'I',
  'ı',
]

describe('canonicalText', () => {
  it('H30 gives different texts to values that differ for a database', () => {
    for (const wrap of [(v: unknown) => v, (v: unknown) => ({ where: { id: v } }), (v: unknown) => ({ in: [v, v] })]) {
      const texts = distinct.map((value) => canonicalText(wrap(value), { special }))
      const twice = texts.filter((text, i) => texts.indexOf(text) !== i)
      expect(twice).toEqual([])
    }
  })

  it('H30 gives two values the same text exactly when they are the same value', () => {
    const small = fc.oneof(anyValue, fc.constantFrom(...distinct))
    fc.assert(
      fc.property(small, small, (left, right) => {
        const same = sameValue(meaning(left), meaning(right)) === undefined
        expect(canonicalText(left, { special }) === canonicalText(right, { special })).toBe(same)
      }),
      { numRuns: 3000 },
    )
  })

  it('H30 loses nothing: the value can be read back from the text', () => {
    fc.assert(
      fc.property(fc.oneof(anyValue, fc.constantFrom(...distinct)), (value) => {
        const text = canonicalText(value, { special })
        const parser = new Parser(text)
        expect(sameValue(parser.value(), meaning(value))).toBeUndefined()
        expect(parser.at).toBe(text.length)
      }),
      { numRuns: 3000 },
    )
  })

  it('H30 writes no text that another begins with', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (left, right) => {
        const [one, other] = [canonicalText(left, { special }), canonicalText(right, { special })]
        expect(one.startsWith(other)).toBe(one === other)
      }),
      { numRuns: 2000 },
    )
  })

  it('H30 does not depend on the order of keys', () => {
    fc.assert(
      fc.property(anyValue, fc.infiniteStream(fc.nat()), (value, numbers) => {
        const next = (below: number) => (numbers.next().value as number) % below
        expect(canonicalText(withOtherKeyOrder(value, next), { special })).toBe(canonicalText(value, { special }))
      }),
      { numRuns: 1000 },
    )
  })

  it('H30 sorts the keys of small and of large objects alike', () => {
    for (const count of [2, 20, 21, 50]) {
      const keys = Array.from({ length: count }, (_, i) => `k${(i * 7) % 31}x${i}`)
      const forward = Object.fromEntries(keys.map((key) => [key, key]))
      const backward = Object.fromEntries(keys.reverse().map((key) => [key, key]))
      expect(canonicalText(backward)).toBe(canonicalText(forward))
    }
  })

  it('H30 keeps the order of keys below the named properties, and only there', () => {
    const ordered = new Set(['data'])
    const text = (value: unknown) => canonicalText(value, { ordered })
    expect(text({ where: { data: { equals: { a: 1, b: { c: 1, d: 2 } } } } })).not.toBe(
      text({ where: { data: { equals: { a: 1, b: { d: 2, c: 1 } } } } }),
    )
    expect(text({ data: { equals: 1 }, where: { x: 1, y: 2 } })).toBe(
      text({ where: { y: 2, x: 1 }, data: { equals: 1 } }),
    )
    expect(text([{ data: 1 }, { b: 1, a: 2 }])).toBe(text([{ data: 1 }, { a: 2, b: 1 }]))
  })

  it('H30 gives Uint8Array and Buffer of the same bytes one text', () => {
    const bytes = Uint8Array.of(9, 200, 7)
    expect(canonicalText(bytes.subarray(1))).toBe(canonicalText(Buffer.of(200, 7)))
  })

  it.each<[string, () => unknown]>([
    ['a function', () => ({ where: { id: () => 1 } })],
    ['a symbol', () => ({ where: Symbol('a') })],
    ['an unknown class', () => ({ at: new URL('http://a.b') })],
    ['a class without special', () => new Money([1], 0)],
    ['a subclass of Date', () => new (class Day extends Date {})()],
    ['another typed array', () => new Float64Array(1)],
    ['a Map', () => new Map([[1, 2]])],
    ['a boxed string', () => Object('a')],
    ['a huge sparse array', () => Object.assign([], { length: 4e9 })],
  ])('H30 throws a TypeError on %s', (_, make) => {
    expect(() => canonicalText(make())).toThrow(TypeError)
  })

  it('H30 throws a TypeError on cycles, however many ways lead around', () => {
    const loop: Record<string, unknown> = {}
    loop['left'] = loop
    loop['right'] = [loop]
    expect(() => canonicalText(loop)).toThrow(TypeError)
    let wide: unknown = []
    for (let i = 0; i < 60; i++) wide = [wide, wide]
    expect(() => canonicalText(wide)).toThrow(TypeError)
  })
})

describe('sqlText', () => {
  it('H30 tells apart statements and parameters', () => {
    const texts = [
      sqlText('select 1', []),
      sqlText('select 1 ', []),
      sqlText('select ?', [1]),
      sqlText('select ?', ['1']),
      sqlText('select ?', [1n]),
      sqlText('select ?', [null]),
      sqlText('select ?', [[1, 2]]),
      sqlText('select ?', [1, 2]),
      sqlText('select ?', [[1], 2]),
      sqlText('select ?', ['[1]']),
      sqlText('select ?[#1;]', []),
      sqlText('select ?', [{ a: 1, b: 2 }]),
      sqlText('select ?', [{ b: 2, a: 1 }]),
    ]
    expect(new Set(texts).size).toBe(texts.length)
  })

  it('H30 gives the same statement and parameters one text', () => {
    const parameter = fc.oneof(anyNumber, anyBigint, anyString, fc.date(), fc.uint8Array(), fc.jsonValue())
    fc.assert(
      fc.property(fc.string(), fc.array(parameter), (sql, parameters) => {
        expect(sqlText(sql, structuredClone(parameters))).toBe(sqlText(sql, parameters))
      }),
      { numRuns: 200 },
    )
  })

  it('H30 tells apart instances by their special text', () => {
    const text = (value: unknown) => sqlText('select ?', [value], { special })
    expect(text(new Money([1], 0))).toBe(text(new Money([1], 0)))
    expect(text(new Money([1], 0))).not.toBe(text(new Money([2], 0)))
    expect(text(new Money([1], 0))).not.toBe(text('money 1 0'))
  })

  it('H30 throws a TypeError on an unknown class', () => {
    expect(() => sqlText('select ?', [new Money([1], 0)])).toThrow(TypeError)
  })
})
