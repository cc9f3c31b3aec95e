/** The readable codec: JSON text with superjson's type annotations beside it. */

import { SuperJSON } from 'superjson'
import { openFrame, sealFrame } from './checked-frame.ts'
import { type Codec, CodecError, guardCodec } from './codec.ts'
import { inspectValue, MAX_DEPTH } from './inspect-value.ts'
import { isSparse, sparseArray } from './sparse-array.ts'
import type { ValueType } from './value-type.ts'
import { ValueTypes } from './value-types.ts'

const NAME = 'superjson'

/** First byte of an entry, before the check sum and the JSON text. */
const SUPERJSON_FORMAT = 0x21

/** Annotations that superjson makes by itself for values that inspection lets through. */
const NATIVE_ANNOTATIONS: ReadonlySet<unknown> = new Set(['undefined', 'bigint', 'Date', 'number'])

/** Keys on which superjson throws; such objects travel as lists of keys and values. */
const UNSAFE_KEYS = ['__proto__', 'constructor', 'prototype'] as const

/** JSON text that people can read. On rows 3 times larger than `msgpackCodec`, 3 times slower to read, 15 to write. */
export function superjsonCodec(): Codec {
  return new SuperjsonCodec(ValueTypes.builtIn)
}

class SuperjsonCodec implements Codec {
  readonly name = NAME
  readonly #types: ValueTypes
  readonly #superjson = new SuperJSON()
  readonly #customNames = new Set<string>()

  constructor(types: ValueTypes) {
    this.#types = types
    this.#registerContainers()
    for (const type of types) this.#registerType(type)
  }

  withTypes(types: ValueTypes): Codec {
    return new SuperjsonCodec(types)
  }

  encode(value: unknown): Uint8Array {
    return guardCodec(NAME, 'encode', () => {
      const inspection = inspectValue(value, this.#types)
      if (inspection.unsupported !== undefined) throw new CodecError(`${inspection.unsupported} cannot be encoded`)
      return sealFrame(SUPERJSON_FORMAT, Buffer.from(JSON.stringify(this.#annotated(value)), 'utf8'))
    })
  }

  decode(bytes: Uint8Array): unknown {
    return guardCodec(NAME, 'decode', () => {
      const payload = openFrame(SUPERJSON_FORMAT, bytes)
      const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8')
      const value = this.#plain(JSON.parse(text))
      const inspection = inspectValue(value, this.#types)
      if (inspection.unsupported !== undefined) throw new CodecError(`An entry holds ${inspection.unsupported}`)
      return value
    })
  }

  /** Without superjson's notes on shared objects: the JSON repeats those wherever they occur. */
  #annotated(value: unknown): object {
    const { json, meta } = this.#superjson.serialize(value)
    return meta?.values === undefined ? { json } : { json, meta: { values: meta.values, v: 1 } }
  }

  #plain(parsed: unknown): unknown {
    if (!isObject(parsed)) throw new CodecError('An entry is not an object')
    const { json, meta } = parsed as { json: never; meta?: unknown }
    if (meta === undefined) return json
    if (!isObject(meta) || Object.keys(meta).some((key) => key !== 'values' && key !== 'v')) {
      throw new CodecError('An entry has unknown annotations')
    }
    this.#checkAnnotations((meta as { values?: unknown }).values, 0)
    return this.#superjson.deserialize({ json, meta: { v: 1, ...meta } as never }, { inPlace: true })
  }

  /** superjson would make typed arrays of a forged length, regular expressions and errors if it were asked to. */
  #checkAnnotations(tree: unknown, depth: number): void {
    if (depth > MAX_DEPTH + 1) throw new CodecError('An entry is nested too deeply')
    if (Array.isArray(tree)) {
      const [type, inner] = tree as unknown[]
      const custom = Array.isArray(type) && type.length === 2 && type[0] === 'custom' && this.#customNames.has(type[1])
      if (!custom && !NATIVE_ANNOTATIONS.has(type)) throw new CodecError('An entry has an unknown annotation')
      if (inner !== undefined) this.#checkAnnotations(inner, depth)
      return
    }
    if (!isObject(tree)) throw new CodecError('An annotation of an entry is neither a type nor a tree')
    for (const subtree of Object.values(tree)) this.#checkAnnotations(subtree, depth + 1)
  }

  #registerContainers(): void {
    this.#register(
      'record',
      hasUnsafeKey,
      (value) => Object.entries(value),
      (encoded) => fillRecord({}, encoded),
    )
    this.#register('null-record', isNullPrototype, Object.entries, (encoded) =>
      fillRecord(Object.create(null), encoded),
    )
    this.#register(
      'sparse',
      (value): value is unknown[] => Array.isArray(value) && isSparse(value),
      (value) => [value.length, Object.entries(value)],
      fillArray,
    )
  }

  #registerType(type: ValueType): void {
    this.#register(
      `type-${type.name}`,
      (value): value is object =>
        // superjson writes valid dates in ISO 8601, which is what a reader wants to see.
        isObject(value) && this.#types.of(value) === type && !(type.name === 'date' && isValidDate(value)),
      (value) => this.#encodeType(type, value),
      (encoded) => this.#decodeType(type, encoded),
    )
  }

  /** superjson does not look into what a class became, so that what JSON lacks is nested here. */
  #encodeType(type: ValueType, value: object): unknown {
    const encoded = type.encode(value)
    if (encoded instanceof Uint8Array) {
      return { base64: Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength).toString('base64') }
    }
    return this.#annotated(encoded)
  }

  #decodeType(type: ValueType, encoded: unknown): object {
    if (!isObject(encoded)) throw new CodecError(`An encoded ${type.name} is not an object`)
    const { base64 } = encoded as { base64?: unknown }
    if (base64 === undefined) return type.decode(this.#plain(encoded))
    if (typeof base64 !== 'string') throw new CodecError('Encoded bytes are not a string')
    return type.decode(new Uint8Array(Buffer.from(base64, 'base64')))
  }

  #register<T extends object>(
    name: string,
    isApplicable: (value: unknown) => value is T,
    serialize: (value: T) => unknown,
    deserialize: (encoded: unknown) => object,
  ): void {
    this.#customNames.add(name)
    this.#superjson.registerCustom<T, never>(
      {
        isApplicable,
        serialize: (value) => serialize(value) as never,
        deserialize: deserialize as (encoded: unknown) => T,
      },
      name,
    )
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNullPrototype(value: unknown): value is object {
  return isObject(value) && Object.getPrototypeOf(value) === null
}

/** Of a plain object: decimal.js keeps `constructor` among an instance's own properties. */
function hasUnsafeKey(value: unknown): value is object {
  if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return false
  return UNSAFE_KEYS.some((key) => Object.hasOwn(value, key))
}

function isValidDate(value: object): boolean {
  return value instanceof Date && !Number.isNaN(value.getTime())
}

function fillRecord(record: object, encoded: unknown): object {
  if (!Array.isArray(encoded)) throw new CodecError('An encoded object is not a list')
  for (const entry of encoded) {
    const [key, value] = Array.isArray(entry) ? entry : []
    if (typeof key !== 'string') throw new CodecError('A key is not a string')
    Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true })
  }
  return record
}

function fillArray(encoded: unknown): unknown[] {
  const [length, entries] = Array.isArray(encoded) ? encoded : []
  if (!Number.isInteger(length) || length < 0 || length > 2 ** 32 - 1 || !Array.isArray(entries)) {
    throw new CodecError('An encoded array has no length')
  }
  const values = sparseArray(length, entries.length)
  for (const entry of entries) {
    const [key, value] = Array.isArray(entry) ? entry : []
    const index = Number(key)
    if (!(Number.isInteger(index) && index >= 0 && index < length)) {
      throw new CodecError('An element lies outside of its array')
    }
    values[index] = value
  }
  return values
}
