/** Prisma's own classes: how results and arguments that hold them are copied, stored and named. */

import type { ValueType } from '@larder/core'
import { Decimal, isAnyNull, isDbNull, isJsonNull } from '@prisma/client/runtime/client'

export const decimalType: ValueType<Decimal> = {
  name: 'prisma-decimal',
  prototype: Decimal.prototype,
  copy: (value) => new Decimal(value),
  // The object with its four fields, and the array of seven-digit words.
  byteLength: (value) => 80 + 8 * (value.d?.length ?? 0),
  // Not toString, which loses the sign of -0.
  encode: (value) => value.valueOf(),
  decode(encoded) {
    if (typeof encoded !== 'string') throw new TypeError('a Decimal is encoded as a string')
    return new Decimal(encoded)
  },
}

/** Texts of the objects in arguments that are no plain data; undefined for any other object. */
export function prismaArgument(value: object): string | undefined {
  if (Decimal.isDecimal(value)) return `decimal:${(value as Decimal).valueOf()}`
  if (isDbNull(value)) return 'DbNull'
  if (isJsonNull(value)) return 'JsonNull'
  if (isAnyNull(value)) return 'AnyNull'
  return undefined
}
