/** One pass over a result before it is cached: can it be copied exactly, how, and what does it cost in memory? */

import { type CopyPlan, MAX_PLANNED_COLUMNS, planCopier } from './copy-plan.ts'
import {
  arrayHeapSize,
  nullPrototypeHeapSize,
  primitiveHeapSize,
  rowHeapSize,
  sparseArrayHeapSize,
} from './heap-size.ts'
import { isHashed } from './sparse-array.ts'
import type { ValueTypes } from './value-types.ts'

/** Objects nested deeper than this are refused, which also ends cycles. */
export const MAX_DEPTH = 100

/** Values of more objects than this are refused: shared references can make a small value a huge tree. */
const MAX_OBJECTS = 1_000_000

/** Below this number of objects a copier of its own costs more memory than the time it saves. */
const WORTH_A_PLAN = 16

export type Inspection = CacheableValue | UncacheableValue

export interface CacheableValue {
  readonly unsupported?: undefined
  /** Estimated heap size of a copy in bytes, within 25 % on rows. */
  readonly bytes: number
  /** A fresh deep copy of the inspected value, or of a copy of it. Not for other values: it knows their shape. */
  readonly copy: (value: unknown) => unknown
}

export interface UncacheableValue {
  /** What stands in the way, with its path, e.g. `a function at posts[3].author`. */
  readonly unsupported: string
  /** The value is only too large: more than `maxBytes`, or than `MAX_OBJECTS` objects. */
  readonly tooLarge: boolean
}

/** Looks at the value no further than `maxBytes`. Never throws: a query must not fail because of its result's form. */
export function inspectValue(value: unknown, types: ValueTypes, maxBytes = Number.POSITIVE_INFINITY): Inspection {
  const inspector = new Inspector(types, maxBytes)
  try {
    const plan = inspector.visit(value, undefined)
    const bytes = inspector.bytes
    if (bytes > maxBytes) return { unsupported: `it is larger than ${maxBytes} bytes`, tooLarge: true }
    if (plan === undefined) return { bytes, copy: returnPrimitive }
    const copyObject = planCopier(inspector.objects < WORTH_A_PLAN ? 'any' : plan, types)
    return { bytes, copy: copyObject as (value: unknown) => unknown }
  } catch (error) {
    if (error instanceof Refusal) return { unsupported: error.message, tooLarge: error.tooLarge }
    // From a proxy, or from a value type.
    return { unsupported: `a value that cannot be looked at (${String(error)})`, tooLarge: false }
  }
}

function returnPrimitive(value: unknown): unknown {
  return value
}

class Inspector {
  bytes = 0
  objects = 0
  readonly #types: ValueTypes
  readonly #maxBytes: number
  readonly #path: (string | number)[] = []

  constructor(types: ValueTypes, maxBytes: number) {
    this.#types = types
    this.#maxBytes = maxBytes
  }

  /** The plan for this value and for those that `prior` was learned from; `prior` unchanged for a primitive. */
  visit(value: unknown, prior: CopyPlan | undefined): CopyPlan | undefined {
    if (typeof value === 'object' && value !== null) return this.#object(value, prior)
    if (typeof value === 'function' || typeof value === 'symbol') throw this.#refuse(`a ${typeof value}`)
    this.bytes += primitiveHeapSize(value)
    return prior
  }

  #object(value: object, prior: CopyPlan | undefined): CopyPlan {
    if (this.#path.length > MAX_DEPTH) throw this.#refuse(`nesting deeper than ${MAX_DEPTH} (or a cycle)`)
    if (++this.objects > MAX_OBJECTS || this.bytes > this.#maxBytes) throw this.#refuse('too large a value', true)
    if (Array.isArray(value)) return this.#array(value, prior)
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Object.prototype) return this.#record(value, prior)
    if (prototype === null) return this.#nullPrototype(value)
    const type = this.#types.of(value)
    if (type === undefined) throw this.#refuse(`an instance of the unregistered class ${className(value)}`)
    this.bytes += type.byteLength(value)
    return prior === undefined || prior === type ? type : 'any'
  }

  #record(record: object, prior: CopyPlan | undefined): CopyPlan {
    const plan = prior ?? { kind: 'record', columns: new Map() }
    const columns = plan !== 'any' && 'kind' in plan && plan.kind === 'record' ? plan.columns : undefined
    const fields = this.#ownKeys(record)
    this.bytes += rowHeapSize(fields.length)
    const learned = this.#fields(record, fields, columns)
    return learned && columns !== undefined && columns.size <= MAX_PLANNED_COLUMNS ? plan : 'any'
  }

  #nullPrototype(record: object): CopyPlan {
    const fields = this.#ownKeys(record)
    this.bytes += nullPrototypeHeapSize(fields.length)
    this.#fields(record, fields, undefined)
    return 'any'
  }

  /** False when the record's fields cannot be planned. */
  #fields(record: object, fields: readonly string[], columns: Map<string, CopyPlan> | undefined): boolean {
    let plannable = true
    for (let i = 0; i < fields.length; i++) {
      const name = fields[i] as string
      const field = this.#read(record, name)
      if (typeof field !== 'object' || field === null) {
        this.#primitive(field, name)
        continue
      }
      this.#path.push(name)
      const plan = this.#object(field, columns === undefined ? 'any' : columns.get(name))
      columns?.set(name, plan)
      // In a row without it, reading a column named __proto__ would give the prototype.
      if (name === '__proto__') plannable = false
      this.#path.pop()
    }
    return plannable
  }

  #array(list: readonly unknown[], prior: CopyPlan | undefined): CopyPlan {
    if (Object.getPrototypeOf(list) !== Array.prototype) throw this.#refuse(`an instance of ${className(list)}`)
    const keys = this.#ownKeys(list)
    const dense = keys.length === list.length
    if (keys.length > 0 && !isIndex(keys[keys.length - 1] as string)) throw this.#refuse('an array with properties')
    this.bytes += isHashed(list.length, keys.length) ? sparseArrayHeapSize(keys.length) : arrayHeapSize(list.length)

    const plan: CopyPlan = prior === undefined && dense ? { kind: 'list', element: undefined } : (prior ?? 'any')
    const learned = dense && plan !== 'any' && 'kind' in plan && plan.kind === 'list' ? plan : undefined
    for (let i = 0; i < keys.length; i++) {
      const index = dense ? i : Number(keys[i])
      const element = this.#read(list, index)
      if (typeof element !== 'object' || element === null) {
        this.#primitive(element, index)
        continue
      }
      this.#path.push(index)
      const inner = this.#object(element, learned === undefined ? 'any' : learned.element)
      if (learned !== undefined) learned.element = inner
      this.#path.pop()
    }
    return learned ?? 'any'
  }

  #primitive(value: unknown, key: string | number): void {
    if (typeof value === 'function' || typeof value === 'symbol') {
      this.#path.push(key)
      throw this.#refuse(`a ${typeof value}`)
    }
    this.bytes += primitiveHeapSize(value)
  }

  /** The enumerable keys, when there are no other properties. */
  #ownKeys(value: object): string[] {
    const keys = Object.keys(value)
    const all = Object.getOwnPropertyNames(value).length - (Array.isArray(value) ? 1 : 0)
    if (all !== keys.length) throw this.#refuse('a non-enumerable property')
    if (Object.getOwnPropertySymbols(value).length > 0) throw this.#refuse('a symbol property')
    return keys
  }

  /** Through the descriptor: a getter may give something else each time, and must not run here. */
  #read(value: object, key: string | number): unknown {
    const descriptor = Object.getOwnPropertyDescriptor(value, key)
    if (descriptor === undefined || descriptor.get !== undefined || descriptor.set !== undefined) {
      this.#path.push(key)
      throw this.#refuse('an accessor property')
    }
    return descriptor.value
  }

  #refuse(what: string, tooLarge = false): Refusal {
    return new Refusal(`${what} at ${pathText(this.#path)}`, tooLarge)
  }
}

/** How an inspection ends early; never leaves this file. */
class Refusal extends Error {
  readonly tooLarge: boolean

  constructor(message: string, tooLarge: boolean) {
    super(message)
    this.tooLarge = tooLarge
  }
}

function isIndex(key: string): boolean {
  const index = Number(key)
  return String(index) === key && index >= 0 && index < 2 ** 32 - 1 && Number.isInteger(index)
}

function className(value: object): string {
  const maker: unknown = value.constructor
  return typeof maker === 'function' && maker.name !== '' ? maker.name : '(anonymous)'
}

function pathText(path: readonly (string | number)[]): string {
  if (path.length === 0) return 'the top'
  const shown = path.slice(0, 8).map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? key : `.${key}`))
  return shown.join('') + (path.length > 8 ? '...' : '')
}
