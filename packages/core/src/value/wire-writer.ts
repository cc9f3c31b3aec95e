/** Turns a result into the arrays and scalars of the wire format. */

import { CodecError } from './codec.ts'
import { MAX_DEPTH } from './inspect-value.ts'
import { isSparse } from './sparse-array.ts'
import type { ValueType } from './value-type.ts'
import type { ValueTypes } from './value-types.ts'
import { Operation } from './wire-format.ts'

/** One use per entry. Throws `CodecError` on what cannot be encoded. */
export class WireWriter {
  readonly #types: ValueTypes
  readonly #typeNames: string[] = []
  readonly #shapes: string[][] = []
  readonly #shapeIndexes = new Map<string, number>()

  constructor(types: ValueTypes) {
    this.#types = types
  }

  entry(value: unknown): unknown[] {
    const written = this.#value(value, 0)
    return [this.#typeNames, this.#shapes, written]
  }

  #value(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'object':
        return value === null ? null : this.#object(value, depth)
      case 'string':
        return isWellFormed(value) ? value : [Operation.utf16, new Uint8Array(Buffer.from(value, 'utf16le'))]
      case 'number':
        return Object.is(value, -0) ? [Operation.minusZero] : value
      case 'bigint':
        return BigInt.asIntN(64, value) === value ? value : [Operation.bigint, value.toString(16)]
      case 'boolean':
      case 'undefined':
        return value
      default:
        throw new CodecError(`A ${typeof value} cannot be encoded`)
    }
  }

  #object(value: object, depth: number): unknown {
    if (depth > MAX_DEPTH) throw new CodecError(`Nesting deeper than ${MAX_DEPTH} (or a cycle) cannot be encoded`)
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Object.prototype) return this.#record(Operation.record, value, depth)
    if (prototype === Array.prototype) return this.#array(value as unknown[], depth)
    if (prototype === Uint8Array.prototype) return value
    if (prototype === null) return this.#record(Operation.nullRecord, value, depth)
    const type = this.#types.of(value)
    if (type === undefined) throw new CodecError('An instance of an unregistered class cannot be encoded')
    return [this.#typeOperation(type), this.#value(type.encode(value), depth + 1)]
  }

  #record(operation: number, record: object, depth: number): unknown[] {
    const keys = Object.keys(record)
    const written: unknown[] = [operation, this.#shape(keys)]
    this.#fields(record, keys, depth, written)
    return written
  }

  #fields(record: object, keys: readonly string[], depth: number, written: unknown[]): void {
    for (let i = 0; i < keys.length; i++) {
      written.push(this.#value((record as Record<string, unknown>)[keys[i] as string], depth + 1))
    }
  }

  #array(list: readonly unknown[], depth: number): unknown[] {
    if (isSparse(list)) return this.#sparse(list, depth)
    const rows = this.#rows(list, depth)
    if (rows !== undefined) return rows
    const written: unknown[] = [Operation.list]
    for (let i = 0; i < list.length; i++) written.push(this.#value(list[i], depth + 1))
    return written
  }

  /** Undefined when these are not rows of one shape. */
  #rows(list: readonly unknown[], depth: number): unknown[] | undefined {
    const first = list[0]
    if (!isPlain(first) || depth >= MAX_DEPTH) return undefined
    const keys = Object.keys(first)
    if (keys.length === 0) return undefined
    for (let i = 1; i < list.length; i++) if (!isPlain(list[i]) || !hasKeys(list[i] as object, keys)) return undefined
    const written: unknown[] = [Operation.rows, this.#shape(keys)]
    for (let i = 0; i < list.length; i++) this.#fields(list[i] as object, keys, depth + 1, written)
    return written
  }

  #sparse(list: readonly unknown[], depth: number): unknown[] {
    const written: unknown[] = [Operation.sparse, list.length]
    for (const key of Object.keys(list)) {
      const index = Number(key)
      if (!Number.isInteger(index)) throw new CodecError('An array with properties cannot be encoded')
      written.push(index, this.#value(list[index], depth + 1))
    }
    return written
  }

  #shape(keys: string[]): number {
    const signature = JSON.stringify(keys)
    let index = this.#shapeIndexes.get(signature)
    if (index === undefined) {
      index = this.#shapes.push(keys.every(isWellFormed) ? keys : (this.#value(keys, 0) as string[])) - 1
      this.#shapeIndexes.set(signature, index)
    }
    return index
  }

  #typeOperation(type: ValueType): number {
    const known = this.#typeNames.indexOf(type.name)
    return Operation.type + (known >= 0 ? known : this.#typeNames.push(type.name) - 1)
  }
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function hasKeys(record: object, keys: readonly string[]): boolean {
  let i = 0
  for (const key in record) if (key !== keys[i++]) return false
  return i === keys.length
}

/** `String.prototype.isWellFormed` of ES2024, which the compiler's library does not know yet. */
function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed()
}
