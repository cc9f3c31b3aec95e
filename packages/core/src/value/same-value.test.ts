import { describe, expect, it } from 'vitest'
import { Money } from '../../test/arbitrary-value.ts'
import { sameValue } from './same-value.ts'

const nullPrototype = (fields: object) => Object.assign(Object.create(null), fields)
const sparse = () => {
  const list: unknown[] = [1]
  list.length = 3
  return list
}

describe('sameValue', () => {
  it.each<[string, unknown, unknown]>([
    ['numbers', 1.5, 1.5],
    ['NaN', Number.NaN, Number.NaN],
    ['dates', new Date(5), new Date(5)],
    ['invalid dates', new Date(Number.NaN), new Date(Number.NaN)],
    ['bytes', Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
    ['bytes at another offset', Uint8Array.of(1, 2).subarray(1), Uint8Array.of(2)],
    ['key order', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['sparse arrays', sparse(), sparse()],
    ['class instances', new Money([1, 2], 3), new Money([1, 2], 3)],
  ])('finds no difference between equal %s', (_, left, right) => {
    expect(sameValue(left, right)).toBeUndefined()
  })

  it.each<[string, unknown, unknown]>([
    ['-0 and 0', -0, 0],
    ['a number and its text', 1, '1'],
    ['a number and a bigint', 1, 1n],
    ['null and undefined', null, undefined],
    ['undefined and absent', { a: undefined }, {}],
    ['absent and undefined', {}, { a: undefined }],
    ['a hole and undefined', sparse(), [1, undefined, undefined]],
    ['lengths', [1], [1, 2]],
    ['a date and its text', new Date(5), new Date(5).toISOString()],
    ['dates', new Date(5), new Date(6)],
    ['a valid and an invalid date', new Date(5), new Date(Number.NaN)],
    ['bytes and a buffer', Uint8Array.of(1), Buffer.of(1)],
    ['bytes', Uint8Array.of(1), Uint8Array.of(2)],
    ['an object without prototype', {}, nullPrototype({})],
    ['an object and an array', {}, []],
    ['a class and a plain object', new Money([1], 0), { ...new Money([1], 0) }],
    ['decimals', new Money([1], 0), new Money([2], 0)],
    ['an own and an inherited __proto__', JSON.parse('{"__proto__":{}}'), {}],
    ['a hidden property', {}, Object.defineProperty({}, 'a', { value: 1 })],
    ['an enumerable and a hidden property', { a: 1 }, Object.defineProperty({}, 'a', { value: 1 })],
    [
      'two getters',
      {
        get a() {
          return 1
        },
      },
      {
        get a() {
          return 1
        },
      },
    ],
    ['a symbol property', {}, { [Symbol('a')]: 1 }],
    [
      'a getter',
      {
        get a() {
          return 1
        },
      },
      { a: 1 },
    ],
  ])('tells apart %s', (_, left, right) => {
    expect(sameValue(left, right)).toBeTypeOf('string')
    expect(sameValue({ rows: [left] }, { rows: [right] })).toMatch(/^\$\.rows\[0\]/)
  })

  it('compares the order of keys when asked to', () => {
    expect(sameValue({ a: 1, b: 2 }, { b: 2, a: 1 }, { keyOrder: true })).toContain('order of keys')
  })

  it('ends on cycles', () => {
    const cycle = (): object => {
      const loop: Record<string, unknown> = { a: 1 }
      loop.self = loop
      return loop
    }
    expect(sameValue(cycle(), cycle())).toBeUndefined()
  })

  it('names the place and both sides', () => {
    expect(sameValue([{ price: 1.5 }], [{ price: '1.5' }])).toBe('$[0].price: 1.5 and "1.5"')
  })
})
