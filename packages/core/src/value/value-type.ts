/** How values of one class are copied, measured, encoded and decoded. Adapters register their ORM's classes. */

/**
 * A class that results may contain besides plain objects, arrays, primitives, `Date`, `Uint8Array` and `Buffer`.
 * The built-in types use the same interface.
 */
export interface ValueType<T extends object = object> {
  /** Stable name in encoded entries, `[a-z][a-z0-9-]*`, e.g. `prisma-decimal`. */
  readonly name: string
  /** The prototype whose direct instances this type handles. */
  readonly prototype: object
  /** A fresh copy that shares no mutable state with `value`. */
  copy(value: T): T
  /** Estimated heap size in bytes. */
  byteLength(value: T): number
  /** A plain encodable value (string, number, bigint, boolean, null, Uint8Array, array of such). */
  encode(value: T): unknown
  /** The inverse of `encode`. Throws on anything that `encode` cannot have made. */
  decode(encoded: unknown): T
}
