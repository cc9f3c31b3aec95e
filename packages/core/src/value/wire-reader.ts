/** Turns the arrays and scalars of the wire format back into a result. Trusts none of them. */

import { CodecError } from './codec.ts'
import { MAX_DEPTH } from './inspect-value.ts'
import { sparseArray } from './sparse-array.ts'
import type { ValueType } from './value-type.ts'
import type { ValueTypes } from './value-types.ts'
import { Operation } from './wire-format.ts'

const MAX_ARRAY_LENGTH = 2 ** 32 - 1

/** One use per entry. Throws `CodecError`, or whatever a `ValueType` throws on what it did not encode. */
export class WireReader {
  readonly #types: ValueTypes
  #entryTypes: readonly ValueType[] = []
  #shapes: readonly (readonly string[])[] = []

  constructor(types: ValueTypes) {
    this.#types = types
  }

  entry(wire: unknown): unknown {
    if (!Array.isArray(wire) || wire.length !== 3) throw new CodecError('An entry is not a triple')
    this.#entryTypes = list(wire[0]).map((name) => this.#type(name))
    this.#shapes = list(wire[1]).map((shape) => this.#shape(shape))
    return this.#value(wire[2], 0)
  }

  #type(name: unknown): ValueType {
    const type = typeof name === 'string' ? this.#types.named(name) : undefined
    if (type === undefined) throw new CodecError(`An entry has values of the unregistered type '${String(name)}'`)
    return type
  }

  #shape(wire: unknown): readonly string[] {
    // Keys that are not well-formed travel as a list of values.
    const keys = list(wire)
    const decoded = typeof keys[0] === 'number' ? list(this.#value(keys, 0)) : keys
    if (!decoded.every((key) => typeof key === 'string')) throw new CodecError('A key is not a string')
    return decoded as string[]
  }

  #value(wire: unknown, depth: number): unknown {
    return Array.isArray(wire) ? this.#operation(wire, depth) : wire
  }

  #operation(wire: readonly unknown[], depth: number): unknown {
    if (depth > MAX_DEPTH) throw new CodecError(`An entry is nested deeper than ${MAX_DEPTH}`)
    switch (wire[0]) {
      case Operation.list:
        return this.#list(wire, depth)
      case Operation.rows:
        return this.#rows(wire, depth)
      case Operation.record:
        return this.#record({}, wire, depth)
      case Operation.nullRecord:
        return this.#record(Object.create(null), wire, depth)
      case Operation.sparse:
        return this.#sparse(wire, depth)
      case Operation.utf16:
        return utf16(wire[1])
      case Operation.bigint:
        return bigint(wire[1])
      case Operation.minusZero:
        return -0
      default:
        return this.#typed(wire, depth)
    }
  }

  #list(wire: readonly unknown[], depth: number): unknown[] {
    const values: unknown[] = []
    for (let i = 1; i < wire.length; i++) values.push(this.#value(wire[i], depth + 1))
    return values
  }

  #rows(wire: readonly unknown[], depth: number): object[] {
    const keys = this.#keys(wire[1])
    const width = keys.length
    if (width === 0 || wire.length < 2 + width || (wire.length - 2) % width !== 0) {
      throw new CodecError('Rows have fields missing')
    }
    const first = this.#row({}, keys, wire, 2, depth + 1)
    const rows = [first]
    for (let at = 2 + width; at < wire.length; at += width) {
      // A spread gives all rows the hidden class of the first, and keeps wide ones out of dictionary mode.
      rows.push(this.#row({ ...first }, keys, wire, at, depth + 1))
    }
    return rows
  }

  #record(target: object, wire: readonly unknown[], depth: number): object {
    const keys = this.#keys(wire[1])
    if (wire.length !== 2 + keys.length) throw new CodecError('An object has fields missing')
    return this.#row(target, keys, wire, 2, depth)
  }

  #row(target: object, keys: readonly string[], wire: readonly unknown[], from: number, depth: number): object {
    const row = target as Record<string, unknown>
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string
      const field = wire[from + i]
      const value = Array.isArray(field) ? this.#operation(field, depth + 1) : field
      // Assigning to this key would set the prototype.
      if (key === '__proto__') Object.defineProperty(row, key, { value, ...DATA_PROPERTY })
      else row[key] = value
    }
    return row
  }

  #sparse(wire: readonly unknown[], depth: number): unknown[] {
    const length = wire[1]
    if (!isCount(length, MAX_ARRAY_LENGTH) || wire.length % 2 !== 0) throw new CodecError('An array has no length')
    const values = sparseArray(length, wire.length / 2 - 1)
    for (let i = 2; i < wire.length; i += 2) {
      const index = wire[i]
      if (!isCount(index, length - 1)) throw new CodecError('An element lies outside of its array')
      values[index] = this.#value(wire[i + 1], depth + 1)
    }
    return values
  }

  #typed(wire: readonly unknown[], depth: number): object {
    const operation = wire[0]
    const type = typeof operation === 'number' ? this.#entryTypes[operation - Operation.type] : undefined
    if (type === undefined || wire.length !== 2) throw new CodecError('An entry has an unknown operation')
    return type.decode(this.#value(wire[1], depth + 1))
  }

  #keys(index: unknown): readonly string[] {
    const keys = typeof index === 'number' ? this.#shapes[index] : undefined
    if (keys === undefined) throw new CodecError('An entry has an unknown shape')
    return keys
  }
}

const DATA_PROPERTY = { writable: true, enumerable: true, configurable: true } as const

function list(wire: unknown): unknown[] {
  if (!Array.isArray(wire)) throw new CodecError('An entry has no list where one belongs')
  return wire
}

function isCount(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max
}

function utf16(wire: unknown): string {
  if (!(wire instanceof Uint8Array) || wire.byteLength % 2 !== 0) throw new CodecError('A string has no characters')
  return Buffer.from(wire.buffer, wire.byteOffset, wire.byteLength).toString('utf16le')
}

function bigint(wire: unknown): bigint {
  const [, sign, digits] = (typeof wire === 'string' && /^(-?)([0-9a-f]+)$/.exec(wire)) || []
  if (digits === undefined) throw new CodecError('A bigint has no digits')
  const magnitude = BigInt(`0x${digits}`)
  return sign === '-' ? -magnitude : magnitude
}
