/**
 * What values cost on the heap, in bytes: V8 on 64 bits without pointer compression, as in Node 20 to 24.
 * The constants were measured by filling arrays with thousands of values; `heap-size.test.ts` repeats that on rows.
 */

const WORD = 8

/** A boxed double, or any number outside the 32-bit integers. */
const HEAP_NUMBER = 16

/** A `Date` with its boxed time. */
export const DATE_HEAP_SIZE = 112

const TWO_BYTE = /[^\x00-\xff]/

/** Characters take one byte each unless one of them is beyond U+00FF. */
export function stringHeapSize(text: string): number {
  const width = TWO_BYTE.test(text) ? 2 : 1
  return 16 + roundToWord(text.length * width)
}

/** Zero for what lives in the field itself. */
export function primitiveHeapSize(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return stringHeapSize(value)
    case 'number':
      return (value | 0) === value && !Object.is(value, -0) ? 0 : HEAP_NUMBER
    case 'bigint':
      return bigintHeapSize(value)
    default:
      return 0
  }
}

/** A typed array with its buffer. Up to 64 bytes live on the heap, more outside of it. */
export function bytesHeapSize(length: number): number {
  return length <= 64 ? 200 + roundToWord(length) : 184 + length
}

/** An array and its elements, without what they point to. */
export function arrayHeapSize(length: number): number {
  return 48 + WORD * length
}

/** An array in dictionary mode. */
export function sparseArrayHeapSize(elements: number): number {
  return 32 + dictionaryHeapSize(elements)
}

/**
 * A copied row, without what its fields point to. V8 keeps its fields inside the object or, past the fourth, in a
 * list that grows by three, depending on how the first row of the kind was made: the middle of the two.
 */
export function rowHeapSize(fields: number): number {
  return 24 + WORD * Math.max(fields, 4) + (fields > 4 ? 16 : 0)
}

/** An object without prototype: V8 always keeps those as hash tables. */
export function nullPrototypeHeapSize(fields: number): number {
  return 24 + dictionaryHeapSize(fields)
}

function dictionaryHeapSize(entries: number): number {
  const wanted = entries + (entries >> 1)
  const capacity = wanted <= 4 ? 4 : 2 ** Math.ceil(Math.log2(wanted))
  return 64 + 3 * WORD * capacity
}

function bigintHeapSize(value: bigint): number {
  const small = BigInt.asIntN(64, value) === value
  return small ? 24 : 16 + roundToWord(value.toString(16).length / 2)
}

function roundToWord(bytes: number): number {
  return Math.ceil(bytes / WORD) * WORD
}
