/** The copier that needs to know nothing about a value but that it passed inspection. */

import { isSparse, sparseArray } from './sparse-array.ts'
import type { ValueTypes } from './value-types.ts'

/** A deep copy of an inspected value that shares no mutable state with it. */
export function copyPlain(value: object, types: ValueTypes): object {
  if (Array.isArray(value)) return isSparse(value) ? copySparse(value, types) : copyDense(value, types)
  const type = types.of(value)
  if (type !== undefined) return type.copy(value)
  const copy: Record<string, unknown> =
    Object.getPrototypeOf(value) === null ? Object.assign(Object.create(null), value) : { ...value }
  // Not for..in: that would also meet what somebody added to Object.prototype. The keys are own, so that assigning
  // to one named __proto__ sets a property.
  const keys = Object.keys(copy)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string
    const field = copy[key]
    if (typeof field === 'object' && field !== null) copy[key] = copyPlain(field, types)
  }
  return copy
}

function copyDense(list: readonly unknown[], types: ValueTypes): unknown[] {
  const copy = list.slice()
  for (let i = 0; i < copy.length; i++) {
    const element = copy[i]
    if (typeof element === 'object' && element !== null) copy[i] = copyPlain(element, types)
  }
  return copy
}

function copySparse(list: readonly unknown[], types: ValueTypes): unknown[] {
  const indexes = Object.keys(list).map(Number)
  const copy = sparseArray(list.length, indexes.length)
  for (const index of indexes) {
    const element = list[index]
    copy[index] = typeof element === 'object' && element !== null ? copyPlain(element, types) : element
  }
  return copy
}
