/**
 * The layout of entries in MessagePack. Only nil, booleans, numbers, strings, binaries and arrays of MessagePack are
 * used: never its maps and extensions, whose keys and types a reader would have to trust.
 *
 *     entry  [type names, shapes, value]           a shape is the list of keys of rows
 *     value  nil | boolean | number | bigint in 64 bits | well-formed string | binary | undefined
 *          | [operation, ...operands]
 *
 * An array in a value is always an operation, so that nothing a user stores can look like one (H42).
 */

/** Changes whenever the layout does. */
export const WIRE_FORMAT = 0x11

export const Operation = {
  /** Elements. */
  list: 0,
  /** Shape, then the fields of one row after the other. */
  rows: 1,
  /** Shape, fields of one object. */
  record: 2,
  /** Like `record`, without prototype. */
  nullRecord: 3,
  /** Length, then pairs of index and element. */
  sparse: 4,
  /** Little-endian UTF-16 in a binary: a string with a lone surrogate, which UTF-8 cannot hold. */
  utf16: 5,
  /** Hexadecimal digits after an optional minus: a bigint beyond 64 bits. */
  bigint: 6,
  /** No operands: MessagePack's integers have no -0. */
  minusZero: 7,
  /** Plus the index of a type name; operand is what the `ValueType` encoded. */
  type: 8,
} as const
