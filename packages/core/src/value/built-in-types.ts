/** Copying, measuring and encoding of `Date`, `Uint8Array` and `Buffer`. */

import { bytesHeapSize, DATE_HEAP_SIZE } from './heap-size.ts'
import type { ValueType } from './value-type.ts'

const dateType: ValueType<Date> = {
  name: 'date',
  prototype: Date.prototype,
  copy: (value) => new Date(value.getTime()),
  byteLength: () => DATE_HEAP_SIZE,
  encode: (value) => value.getTime(),
  decode(encoded) {
    if (typeof encoded !== 'number') throw new TypeError('An encoded date is not a number')
    const date = new Date(encoded)
    if (!Object.is(date.getTime(), encoded)) throw new RangeError(`${encoded} is not a time`)
    return date
  },
}

const bytesType: ValueType<Uint8Array> = {
  name: 'bytes',
  prototype: Uint8Array.prototype,
  copy: (value) => new Uint8Array(value),
  byteLength: (value) => bytesHeapSize(value.byteLength),
  encode: (value) => value,
  decode(encoded) {
    if (!(encoded instanceof Uint8Array)) throw new TypeError('Encoded bytes are not bytes')
    return new Uint8Array(encoded)
  },
}

const bufferType: ValueType<Buffer> = {
  name: 'buffer',
  prototype: Buffer.prototype,
  copy: copyToBuffer,
  byteLength: (value) => bytesHeapSize(value.byteLength),
  encode: (value) => new Uint8Array(value.buffer, value.byteOffset, value.byteLength),
  decode(encoded) {
    if (!(encoded instanceof Uint8Array)) throw new TypeError('An encoded buffer is not bytes')
    return copyToBuffer(encoded)
  },
}

/** Not `Buffer.from`: that takes a slice of a pool, and a cached slice would keep its whole 8 KB alive. */
function copyToBuffer(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.byteLength)
  copy.set(bytes)
  return copy
}

/** In the order in which they are registered. */
export const builtInTypes: readonly ValueType[] = [dateType, bytesType, bufferType]
