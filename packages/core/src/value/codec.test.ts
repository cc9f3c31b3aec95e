import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { pack } from 'msgpackr/pack'
import { afterEach, describe, expect, it } from 'vitest'
import { anyBigint, anyNumber, anyString, anyValue, Money, moneyType, testTypes } from '../../test/arbitrary-value.ts'
import { type Codec, CodecError } from './codec.ts'
import { inspectValue } from './inspect-value.ts'
import { msgpackCodec } from './msgpack-codec.ts'
import { sameValue } from './same-value.ts'
import { superjsonCodec } from './superjson-codec.ts'
import { ValueTypes } from './value-types.ts'

const exactly = { keyOrder: true }
const codecs = [msgpackCodec().withTypes(testTypes), superjsonCodec().withTypes(testTypes)]

const holes = (length: number, ...indexes: number[]) => {
  const list: unknown[] = []
  for (const index of indexes) list[index] = { index }
  list.length = length
  return list
}

const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)])

afterEach(() => {
  expect(Object.keys(Object.prototype)).toEqual([])
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

const nestedLists = (levels: number): unknown => (levels === 0 ? 1 : [0, nestedLists(levels - 1)])

/** A frame with a right check sum around a payload that no encoder made. */
function forged(format: number, payload: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(5 + payload.length, payload.length > 0 ? 0 : undefined)
  frame[0] = format
  frame.writeUInt32BE(crc32(payload, format), 1)
  frame.set(payload, 5)
  return frame
}

const forgedPack = (wire: unknown) => forged(0x11, pack(wire))
const forgedJson = (text: string) => forged(0x21, Buffer.from(text))

describe.each(codecs.map((codec) => [codec.name, codec] as const))('%s codec', (_, codec: Codec) => {
  const roundTrip = (value: unknown) => codec.decode(codec.encode(value))

  it.each<[string, unknown]>([
    ['a Date', new Date(1.7e12)],
    ['the first and the last Date', [new Date(-8.64e15), new Date(8.64e15)]],
    ['a Date with milliseconds before 1970', new Date(-1)],
    ['an invalid Date', [new Date(Number.NaN)]],
    ['a decimal class', [new Money([1, 2, 3], -4)]],
    ['bigints of any size', [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, 2n ** 64n, -(2n ** 200n), 10n ** 400n]],
    ['integers and doubles', [0, 1, -1, 63, 64, 127, 128, 255, 256, 2 ** 31, -(2 ** 31), 2 ** 53, 1e300, 5e-324, 0.1]],
    ['-0, NaN and infinities', [-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
    ['bytes', [new Uint8Array(0), Uint8Array.of(0, 255), new Uint8Array(70_000).fill(7)]],
    ['a Buffer', [Buffer.from('abc'), Buffer.alloc(0)]],
    ['JSON null, undefined and absent', [{ a: null, b: undefined }, {}]],
    ['undefined at the top', undefined],
    ['null at the top', null],
    ['empty results', [[], {}, [[]], [{}]]],
    ['an enum', { role: 'ADMIN' }],
    ['nested objects', { a: { b: [{ c: [[], { d: 1 }] }] } }],
    [
      'rows with a field in another order',
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
    ['rows of which one lacks a field', [{ a: 1, b: 2 }, { a: 1 }, { a: 1, b: 2, c: 3 }]],
    ['wide rows', [1, 2, 3].map((i) => Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`column${n}`, i])))],
    ['an array with holes', holes(9, 0, 3)],
    ['an array of nothing but holes', [holes(3)]],
    ['a huge sparse array', [holes(4_000_000_000, 5, 3_000_000_000)]],
    ['100,000 elements', Array.from({ length: 100_000 }, (_, i) => i)],
    ['objects without prototype', [Object.assign(Object.create(null), { a: 1 }), Object.create(null)]],
    ['strings of 0 to 300 characters', Array.from({ length: 300 }, (_, i) => 'x'.repeat(i))],
    ['strings beyond ASCII', ['é', 'e\u0301', '→'.repeat(50), '😀'.repeat(70), '\0', '\ufeff', '\u2028']],
    ['lone surrogates', ['\ud800', 'a\udc00'.repeat(40), { 'key\ud800': 1 }, [{ '\udfff': 1 }, { '\udfff': 2 }]]],
    ['nesting of 100 levels', nested(101)],
  ])('H40 keeps %s', (_, value) => {
    expect(sameValue(roundTrip(value), value, exactly)).toBeUndefined()
  })

  it.each<[string, unknown]>([
    ['words of the codecs', ['undefined', 'Date', 'bigint', 'custom', 'type-money', 'larder', '\u00d4\0\0']],
    ['an object like superjson output', { json: [1], meta: { values: { 0: ['Date'] }, v: 1 } }],
    ['an object like a custom annotation', [['custom', 'type-money'], { base64: 'AAAA' }, { json: 1 }]],
    ['arrays like operations', [[0], [1, 0, 1], [7], [8, [1]], [[]], [[], [], 1]]],
    ['keys like paths', { 'a.b': new Date(1), a: { b: 1n, 'c\\.d': undefined }, 'a\\': 1n, '': undefined, '.': -0 }],
    ['keys like array indexes', { 0: 1n, 1: [undefined], '01': 2n, '-1': 3n }],
    ['a date in text', ['2020-01-01T00:00:00.000Z', '/Date(1)/', '$1', '#ref']],
  ])('H42 keeps %s', (_, value) => {
    expect(sameValue(roundTrip(value), value, exactly)).toBeUndefined()
  })

  it.each([
    '{"__proto__":{"polluted":1},"a":1}',
    '{"__proto__":null}',
    '[{"__proto__":1,"a":1},{"__proto__":2,"a":2}]',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"prototype":{"polluted":1},"toString":1,"hasOwnProperty":2,"valueOf":3,"toJSON":4,"then":5}',
    '{"a":{"__proto__":{"b":{"constructor":[{"__proto__":[]}]}}}}',
  ])('H43 keeps %s without pollution', (text) => {
    const value = JSON.parse(text)
    expect(sameValue(roundTrip(value), value, exactly)).toBeUndefined()
    const among = { value, more: [new Date(1), undefined, 1n] }
    expect(sameValue(roundTrip(among), among, exactly)).toBeUndefined()
  })

  it('H40 H42 H43 decodes any value to exactly what was encoded', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(sameValue(roundTrip(value), value, exactly)).toBeUndefined()
      }),
      { numRuns: 1500 },
    )
  })

  it('H40 decodes any number, bigint and string to exactly what was encoded', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyNumber, anyBigint, anyString)), (values) => {
        expect(sameValue(roundTrip(values), values)).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })

  it('H40 repeats an object that occurs twice', () => {
    const shared = { at: new Date(1), list: [1n] }
    const value = [shared, { again: shared, list: shared.list }, JSON.parse('{"__proto__":0}'), shared]
    expect(sameValue(roundTrip(value), value, exactly)).toBeUndefined()
    const plain = { a: 1 }
    expect(sameValue(roundTrip([plain, plain]), [plain, plain], exactly)).toBeUndefined()
  })

  it('writes entries that any other instance can read, in any order', () => {
    const first = codec.encode([
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ])
    const second = codec.encode([{ b: 1, c: new Money([1], 2) }])
    const other = codec.withTypes(testTypes)
    expect(other.decode(second)).toEqual([{ b: 1, c: new Money([1], 2) }])
    expect(other.decode(first)).toEqual([
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ])
    expect(
      Buffer.from(
        codec.encode([
          { a: 1, b: 2 },
          { a: 3, b: 4 },
        ]),
      ),
    ).toEqual(Buffer.from(first))
  })

  it('H41 gives bytes of their own, at encoding and at decoding', () => {
    const content = Uint8Array.of(1, 2, 3)
    const entry = codec.encode({ content })
    const later = codec.encode({ content: Uint8Array.of(7, 7, 7) })
    const decoded = codec.decode(entry) as { content: Uint8Array }
    entry.fill(0)
    later.fill(0)
    content.fill(0)
    expect([...decoded.content]).toEqual([1, 2, 3])
    expect(decoded.content.buffer.byteLength).toBe(3)
    expect(entry.buffer.byteLength).toBe(entry.byteLength)
  })

  it('reads an entry at any offset of a larger buffer', () => {
    const entry = codec.encode(['text', { content: Uint8Array.of(1) }])
    const pool = Buffer.alloc(entry.length + 20, 0xdd)
    pool.set(entry, 7)
    expect(sameValue(codec.decode(pool.subarray(7, 7 + entry.length)), ['text', { content: Uint8Array.of(1) }])).toBe(
      undefined,
    )
  })

  it.each<[string, () => unknown]>([
    ['a function', () => ({ f() {} })],
    ['a symbol', () => [Symbol('a')]],
    ['an unknown class', () => new URL('http://a.b')],
    ['a Map', () => new Map()],
    ['an error', () => new Error('a')],
    ['a subclass of Array', () => new (class List extends Array {})()],
    ['nesting of 101 levels', () => nested(102)],
    [
      'a cycle',
      () => {
        const loop: unknown[] = []
        loop.push(loop)
        return loop
      },
    ],
  ])('refuses to encode %s', (_, make) => {
    expect(() => codec.encode(make())).toThrow(CodecError)
  })

  it('H44 finds each flipped bit and each truncation of an entry', () => {
    const entry = codec.encode([{ id: 1, price: 9.5, at: new Date(1.7e12), name: 'text', big: 2n ** 70n }, null])
    expect(entry.length).toBeGreaterThan(40)
    for (let at = 0; at < entry.length; at++) {
      expect(() => codec.decode(entry.subarray(0, at))).toThrow(CodecError)
      for (let bit = 0; bit < 8; bit++) {
        const damaged = Uint8Array.from(entry)
        damaged[at] = (damaged[at] as number) ^ (1 << bit)
        expect(() => codec.decode(damaged)).toThrow(CodecError)
      }
    }
    expect(() => codec.decode(Buffer.concat([entry, Uint8Array.of(0)]))).toThrow(CodecError)
    expect(() => codec.decode(entry.subarray(0, 4))).toThrow(/shorter than its header/)
  })

  it('H44 answers any bytes with CodecError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => codec.decode(bytes)).toThrow(CodecError)
      }),
    )
  })

  it('H44 does not read entries of another codec', () => {
    for (const other of codecs) {
      if (other.name !== codec.name) expect(() => codec.decode(other.encode([1]))).toThrow(/format/)
    }
  })

  it('H44 answers forged bytes with CodecError or a cacheable value', () => {
    const format = codec.encode(null)[0] as number
    const sample = codec
      .encode([{ a: [1, { b: new Date(1) }], c: new Money([1], 1), d: undefined, e: holes(9, 1) }])
      .subarray(5)
    const forgery = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }).map((changes) => {
        const bytes = Uint8Array.from(sample)
        for (const [at, byte] of changes) bytes[at] = byte
        return bytes
      }),
    )
    fc.assert(
      fc.property(forgery, (bytes) => {
        let value: unknown
        try {
          value = codec.decode(forged(format, bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError)
          return
        }
        expect(inspectValue(value, testTypes).unsupported).toBeUndefined()
      }),
      { numRuns: 5000 },
    )
  })

  it('H45 does not read a class that is not registered', () => {
    const entry = codec.encode([new Money([1], 1)])
    expect(() => codec.withTypes(ValueTypes.builtIn).decode(entry)).toThrow(CodecError)
  })

  it('H44 turns an error of a value type into CodecError', () => {
    const broken = {
      ...moneyType,
      decode: () => {
        throw new Error('not mine')
      },
    }
    const entry = codec.encode([new Money([1], 1)])
    expect(() => codec.withTypes(ValueTypes.builtIn.with([broken])).decode(entry)).toThrow(/not mine/)
    expect(() => codec.withTypes(ValueTypes.builtIn.with([broken])).decode(entry)).toThrow(CodecError)
  })
})

describe('msgpack codec', () => {
  const codec = msgpackCodec().withTypes(testTypes)

  it('reads what the forgery of these tests makes', () => {
    expect(codec.decode(forgedPack([[], [], 1]))).toBe(1)
    expect(codec.decode(forgedPack([[], [['a']], [1, 0, 5, 6]]))).toEqual([{ a: 5 }, { a: 6 }])
  })

  it.each<[string, Uint8Array]>([
    ['an array of 4 billion elements', Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff)],
    ['a binary of 4 GB', Uint8Array.of(0xc6, 0xff, 0xff, 0xff, 0xff, 1)],
    ['a string of 4 GB', Uint8Array.of(0xdb, 0xff, 0xff, 0xff, 0xff, 1)],
    ['a map', Uint8Array.of(0x81, 0xa1, 97, 1)],
    ['a map of 4 billion entries', Uint8Array.of(0xdf, 0xff, 0xff, 0xff, 0xff)],
    ['a record definition', Uint8Array.of(0xd4, 0x72, 0x40, 0x91, 0xa1, 97, 1)],
    ['a regular expression', Uint8Array.of(0xd4, 0x78, 0, 0x92, 0xa4, 40, 97, 43, 41, 0xa0)],
    ['a shared reference', Uint8Array.of(0xd6, 0x69, 0, 0, 0, 1, 0x91, 0xd6, 0x70, 0, 0, 0, 1)],
    ['a typed array', Uint8Array.of(0xc7, 2, 0x74, 1, 0)],
    ['an extension of 8 bytes', Uint8Array.of(0xd7, 0xff, 0, 0, 0, 0, 0, 0, 0, 0)],
    ['an extension like undefined', Uint8Array.of(0xd4, 0x00, 0x01)],
    ['the unused token', Uint8Array.of(0xc1)],
    ['two values', Uint8Array.of(1, 1)],
    ['nothing', new Uint8Array(0)],
  ])('H44 refuses %s', (_, element) => {
    expect(() => codec.decode(forged(0x11, element))).toThrow(CodecError)
    const within = Buffer.concat([Uint8Array.of(0x93, 0x90, 0x90), element])
    expect(() => codec.decode(forged(0x11, within))).toThrow(CodecError)
  })

  it('H44 refuses a million nested arrays', () => {
    expect(() => codec.decode(forged(0x11, new Uint8Array(1_000_000).fill(0x91)))).toThrow(/nested/)
  })

  it.each<[string, unknown]>([
    ['no triple', [1]],
    ['an unknown shape', [[], [], [2, 0, 1]]],
    ['a shape that is no list', [[], [1], [2, 0, 1]]],
    ['a shape with a number in it', [[], [['a', 1]], [2, 0, 1, 1]]],
    ['too few fields', [[], [['a', 'b']], [2, 0, 1]]],
    ['too many fields', [[], [['a', 'b']], [2, 0, 1, 2, 3]]],
    ['rows of incomplete fields', [[], [['a', 'b']], [1, 0, 1, 2, 3]]],
    ['rows without fields', [[], [['a', 'b']], [1, 0]]],
    ['rows of no columns', [[], [[]], [1, 0]]],
    ['an unknown type', [['nope'], [], 1]],
    ['a type that is no name', [[1], [], 1]],
    ['an unknown operation', [[], [], [8, 1]]],
    ['a negative operation', [[], [], [-1]]],
    ['a shape of the prototype', [[], [], [2, 'map', 1]]],
    ['nesting of 101 levels', [[], [], nestedLists(102)]],
    ['a fraction as operation', [['date'], [], [8.5, 1]]],
    ['a date that is no number', [['date'], [], [8, 'now']]],
    ['a date that is no time', [['date'], [], [8, 1e300]]],
    ['bytes that are a length', [['bytes'], [], [8, 1000]]],
    ['a buffer that is a length', [['buffer'], [], [8, 1000]]],
    ['a bigint that is no number', [[], [], [6, '0x1']]],
    ['a string of half a character', [[], [], [5, Uint8Array.of(1)]]],
    ['an array of negative length', [[], [], [4, -1]]],
    ['an element outside of its array', [[], [], [4, 3, 3, 1]]],
    ['an index without element', [[], [], [4, 3, 1]]],
    ['an empty operation', [[], [], []]],
  ])('H44 refuses %s', (_, wire) => {
    expect(() => codec.decode(forgedPack(wire))).toThrow(CodecError)
  })

  it('H44 allocates no memory for the length of a forged sparse array', () => {
    const before = process.memoryUsage().heapUsed
    const kept = Array.from({ length: 100 }, () => codec.decode(forgedPack([[], [], [4, 30_000_000, 1, 1]])))
    expect(kept.length).toBe(100)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(50e6)
  })

  it('writes the names of columns once per entry', () => {
    const rows = Array.from({ length: 100 }, (_, id) => ({
      identifier: id,
      customerName: 'a',
      parts: [{ identifier: 1 }],
    }))
    const text = Buffer.from(codec.encode(rows)).toString('latin1')
    expect(text.split('customerName').length - 1).toBe(1)
    expect(text.split('identifier').length - 1).toBe(2)
  })
})

describe('superjson codec', () => {
  const codec = superjsonCodec().withTypes(testTypes)

  it('reads what the forgery of these tests makes', () => {
    expect(codec.decode(forgedJson('{"json":["1"],"meta":{"values":{"0":["bigint"]},"v":1}}'))).toEqual([1n])
  })

  it('writes JSON that people can read', () => {
    const text = Buffer.from(codec.encode([{ id: 1, at: new Date(0) }]).subarray(5)).toString()
    expect(JSON.parse(text)).toEqual({
      json: [{ id: 1, at: '1970-01-01T00:00:00.000Z' }],
      meta: { values: { '0.at': ['Date'] }, v: 1 },
    })
  })

  it.each([
    ['no JSON', '{'],
    ['no object', '[1]'],
    ['null', 'null'],
    [
      'a typed array of forged length',
      '{"json":[5000000000],"meta":{"values":{"0":[["typed-array","Float64Array"]]},"v":1}}',
    ],
    [
      'a typed array of a class that is known',
      '{"json":[9],"meta":{"values":{"0":[["typed-array","Uint8Array"]]},"v":1}}',
    ],
    ['a regular expression', '{"json":["/(a+)+/"],"meta":{"values":{"0":["regexp"]},"v":1}}'],
    ['an error', '{"json":[{"message":"a"}],"meta":{"values":{"0":["Error"]},"v":1}}'],
    ['a set', '{"json":[[1]],"meta":{"values":{"0":["set"]},"v":1}}'],
    ['a URL', '{"json":["http://a.b"],"meta":{"values":{"0":["URL"]},"v":1}}'],
    ['a class', '{"json":[{}],"meta":{"values":{"0":[["class","Money"]]},"v":1}}'],
    ['a symbol', '{"json":["a"],"meta":{"values":{"0":[["symbol","a"]]},"v":1}}'],
    ['an unknown custom type', '{"json":["a"],"meta":{"values":{"0":[["custom","type-nope"]]},"v":1}}'],
    ['a path to the prototype', '{"json":[{}],"meta":{"values":{"0.__proto__.polluted":["bigint"]},"v":1}}'],
    ['a path to the constructor', '{"json":[{}],"meta":{"values":{"0.constructor.prototype":["bigint"]},"v":1}}'],
    ['a shared reference', '{"json":[{},1],"meta":{"referentialEqualities":{"0":["1"]},"v":1}}'],
    [
      'a shared reference among values',
      '{"json":[{},1,"1"],"meta":{"values":{"2":["bigint"]},"referentialEqualities":{"0":["1"]},"v":1}}',
    ],
    ['a cycle', '{"json":[{}],"meta":{"referentialEqualities":[["0"]],"v":1}}'],
    ['annotations that are no tree', '{"json":1,"meta":{"values":"Date","v":1}}'],
    ['a bigint that is no number', '{"json":"1x","meta":{"values":["bigint"],"v":1}}'],
    ['an array of negative length', '{"json":[-1,[]],"meta":{"values":[["custom","sparse"]],"v":1}}'],
    ['an element outside of its array', '{"json":[1,[["1",1]]],"meta":{"values":[["custom","sparse"]],"v":1}}'],
    ['a record that is no list', '{"json":{"length":5e9},"meta":{"values":[["custom","record"]],"v":1}}'],
    ['a key that is no string', '{"json":[[1,2]],"meta":{"values":[["custom","record"]],"v":1}}'],
    ['bytes that are a list', '{"json":{"base64":[1,2]},"meta":{"values":[["custom","type-bytes"]],"v":1}}'],
    ['bytes that are a length', '{"json":{"base64":5000000000},"meta":{"values":[["custom","type-bytes"]],"v":1}}'],
    ['an undefined beside the elements', '{"json":[],"meta":{"values":{"x":["undefined"]},"v":1}}'],
  ])('H44 refuses %s', (_, text) => {
    expect(() => codec.decode(forgedJson(text))).toThrow(CodecError)
  })

  it('H44 refuses deep nesting of values and of annotations', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    expect(() => codec.decode(forgedJson(`{"json":${deep}}`))).toThrow(CodecError)
    const tree = `${'{"a":'.repeat(5000)}["bigint"]${'}'.repeat(5000)}`
    expect(() => codec.decode(forgedJson(`{"json":1,"meta":{"values":${tree},"v":1}}`))).toThrow(/nested/)
  })
})
