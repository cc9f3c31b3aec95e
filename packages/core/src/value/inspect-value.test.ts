import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyValue, Money, testTypes } from '../../test/arbitrary-value.ts'
import { inspectValue } from './inspect-value.ts'
import { sameValue } from './same-value.ts'
import { ValueTypes } from './value-types.ts'

const exactly = { keyOrder: true }

function copyOf(value: unknown): unknown {
  const inspection = inspectValue(value, testTypes)
  if (inspection.unsupported !== undefined) throw new Error(inspection.unsupported)
  return inspection.copy(value)
}

const refusal = (value: unknown) => inspectValue(value, testTypes).unsupported

/** A row with every kind of value that ORMs return. */
function row(id: number): Record<string, unknown> {
  return {
    id,
    price: new Money([id, 5], 2),
    createdAt: new Date(1.7e12 + id),
    deletedAt: id % 2 === 0 ? null : new Date(Number.NaN),
    thumbnail: Uint8Array.of(id, 2, 3),
    attachment: Buffer.from('attached'),
    views: 2n ** 70n + BigInt(id),
    rating: id / 7,
    settings: { theme: 'dark', nested: [{ a: [1, [2]] }, null] },
    tags: [{ name: 'a', since: new Date(id) }],
    author: { id: 1, born: new Date(0) },
  }
}

const rows = (count: number) => Array.from({ length: count }, (_, id) => row(id))

/** Every object in a value, by path. */
function objectsIn(value: unknown, found: object[] = []): object[] {
  if (typeof value !== 'object' || value === null || value instanceof Money) return found
  found.push(value)
  if (!ArrayBuffer.isView(value)) for (const field of Object.values(value)) objectsIn(field, found)
  return found
}

describe('inspectValue', () => {
  it.each([1, 3, 100])('H40 copies %i rows of all types exactly', (count) => {
    expect(sameValue(copyOf(rows(count)), rows(count), exactly)).toBeUndefined()
  })

  it('H40 copies any value exactly, from the original and from a copy', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const inspection = inspectValue(value, testTypes)
        if (inspection.unsupported !== undefined) throw new Error(inspection.unsupported)
        const stored = inspection.copy(value)
        expect(sameValue(stored, value, exactly)).toBeUndefined()
        expect(sameValue(inspection.copy(stored), value, exactly)).toBeUndefined()
      }),
      { numRuns: 1500 },
    )
  })

  it('H40 copies many rows of any values exactly, whatever the first rows looked like', () => {
    const field = fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'toString'), anyValue, { maxKeys: 4 })
    fc.assert(
      fc.property(fc.array(field, { minLength: 16, maxLength: 24 }), (many) => {
        expect(sameValue(copyOf(many), many, exactly)).toBeUndefined()
      }),
      { numRuns: 200 },
    )
  })

  it.each([1, 100])('H41 shares no object between a copy of %i rows and the value', (count) => {
    const value = rows(count)
    const originals = new Set(objectsIn(value))
    expect(originals.size).toBeGreaterThan(10 * count)
    expect(objectsIn(copyOf(value)).filter((object) => originals.has(object))).toEqual([])
  })

  it('H41 copies frozen rows to rows that can be changed', () => {
    const copy = copyOf(Object.freeze([Object.freeze({ a: 1 })])) as { a: number }[]
    ;(copy[0] as { a: number }).a = 2
    copy.push({ a: 3 })
    expect(copy).toEqual([{ a: 2 }, { a: 3 }])
  })

  it('H41 keeps bytes apart when they share a buffer', () => {
    const shared = new Uint8Array([1, 2, 3, 4])
    const copy = copyOf({ part: shared.subarray(1, 3) }) as { part: Uint8Array }
    shared.fill(9)
    expect([...copy.part]).toEqual([2, 3])
    expect(copy.part.buffer.byteLength).toBe(2)
  })

  it('H43 keeps hazardous names as own properties and pollutes nothing', () => {
    const text = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}},"toString":[{"a":1}],"n":{}}'
    const many = Array.from({ length: 20 }, () => JSON.parse(text))
    for (const value of [JSON.parse(text), many, [...many, { n: {} }], [{ n: {} }, ...many]]) {
      expect(sameValue(copyOf(value), value, exactly)).toBeUndefined()
    }
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('H40 keeps the holes of a huge array without its memory', () => {
    const list: unknown[] = []
    list[4_000_000_000] = { at: new Date(1) }
    list[7] = undefined
    const copy = copyOf({ list, more: [list] }) as { list: unknown[] }
    expect(copy.list.length).toBe(4_000_000_001)
    expect(Object.keys(copy.list)).toEqual(['7', '4000000000'])
    expect(sameValue(copy.list, list)).toBeUndefined()
    expect(inspectValue(list, testTypes)).toHaveProperty(
      'bytes',
      expect.toSatisfy((bytes: number) => bytes < 1000),
    )
  })

  it('H40 keeps the holes of a huge array among rows that have dense ones', () => {
    const many: { list: unknown[] }[] = Array.from({ length: 20 }, (_, id) => ({ list: [{ id }] }))
    const list: unknown[] = []
    list[4_000_000_000] = { id: 20 }
    many.push({ list })
    expect(sameValue(copyOf(many), many)).toBeUndefined()
  })

  it.each<[string, () => unknown, RegExp]>([
    ['a function', () => ({ rows: [{ f: () => 1 }] }), /a function at rows\[0\]\.f/],
    ['a function in an array', () => [() => 1], /a function at \[0\]/],
    ['a symbol', () => Symbol('a'), /a symbol at the top/],
    ['an unknown class', () => [{ url: new URL('http://a.b') }], /class URL at \[0\]\.url/],
    ['a subclass of Date', () => new (class Day extends Date {})(), /class Day/],
    ['a subclass of Array', () => new (class List extends Array {})(), /List/],
    ['a Map', () => new Map(), /class Map/],
    ['another typed array', () => new Float64Array(1), /class Float64Array/],
    [
      'a getter',
      () => ({
        get a() {
          throw new Error('ran')
        },
      }),
      /an accessor property at a/,
    ],
    [
      'a getter in a later row',
      () => [
        { a: 1 },
        {
          get a() {
            throw new Error('ran')
          },
        },
      ],
      /accessor property at \[1\]\.a/,
    ],
    ['a getter in an array', () => Object.defineProperty([1], 0, { get: () => 1 }), /an accessor property at \[0\]/],
    ['a hidden property', () => Object.defineProperty({}, 'a', { value: 1 }), /a non-enumerable property/],
    ['a hidden property of an array', () => Object.defineProperty([1], 'a', { value: 1 }), /a non-enumerable/],
    ['a symbol property', () => ({ [Symbol('a')]: 1 }), /a symbol property/],
    ['an array with properties', () => Object.assign([1, 2], { count: 2 }), /an array with properties/],
    ['a match of a regular expression', () => /a/.exec('a'), /an array with properties/],
    ['a sparse array with properties', () => Object.assign(new Array(9), { a: 1 }), /an array with properties/],
  ])('H40 refuses %s', (_, make, message) => {
    expect(refusal(make())).toMatch(message)
    expect(inspectValue(make(), testTypes)).toHaveProperty('tooLarge', false)
  })

  it('refuses cycles, however many ways lead around', () => {
    const loop: Record<string, unknown> = {}
    loop.left = loop
    loop.right = [loop]
    expect(refusal(loop)).toMatch(/cycle/)
  })

  it('refuses what throws when it is looked at', () => {
    const proxy = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no entry')
        },
      },
    )
    expect(inspectValue([proxy], testTypes)).toMatchObject({
      unsupported: expect.stringContaining('no entry'),
      tooLarge: false,
    })
  })

  it('accepts nesting of 100 levels and refuses 101', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)])
    expect(refusal(nested(101))).toBeUndefined()
    expect(refusal(nested(102))).toMatch(/deeper than 100/)
  })

  it('ends on shared references that unfold into a huge tree', () => {
    let value: unknown = []
    for (let i = 0; i < 60; i++) value = [value, value]
    expect(inspectValue(value, testTypes)).toMatchObject({ tooLarge: true })
  })

  it('H53 stops as soon as the value is larger than allowed', () => {
    const large = rows(10_000)
    expect(inspectValue(large, testTypes, 100_000)).toMatchObject({ tooLarge: true })
    expect(inspectValue('x'.repeat(1000), testTypes, 999)).toMatchObject({ tooLarge: true })
    expect(inspectValue(rows(1), testTypes, 100_000).unsupported).toBeUndefined()
  })
})

describe('ValueTypes', () => {
  const type = (name: string, prototype: object) => ({
    name,
    prototype,
    copy: (value: object) => value,
    byteLength: () => 0,
    encode: () => null,
    decode: () => ({}),
  })

  it('leaves the registry that it extends as it was', () => {
    expect(ValueTypes.builtIn.of(new Money([], 0))).toBeUndefined()
    expect(testTypes.of(new Money([], 0))?.name).toBe('money')
    expect(testTypes.named('money')?.prototype).toBe(Money.prototype)
  })

  it('lets a later type replace one of the same prototype and still reads the earlier one', () => {
    const types = testTypes.with([type('price', Money.prototype)])
    expect(types.of(new Money([], 0))?.name).toBe('price')
    expect(types.with([]).of(new Money([], 0))?.name).toBe('price')
    expect(types.named('money')).toBeDefined()
  })

  it.each([
    ['two prototypes under one name', type('money', URL.prototype)],
    ['plain objects', type('plain', Object.prototype)],
    ['arrays', type('list', Array.prototype)],
    ['a name that does not fit', type('Money!', URL.prototype)],
  ])('refuses %s', (_, refused) => {
    expect(() => testTypes.with([refused])).toThrow(TypeError)
  })
})
