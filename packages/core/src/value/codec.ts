/** How results become bytes for stores outside of this process. */

import type { ValueTypes } from './value-types.ts'

export interface Codec {
  /** Stable, `[a-z][a-z0-9-]*`: entries of another codec are not read. */
  readonly name: string
  /** The same codec, able to carry these classes. */
  withTypes(types: ValueTypes): Codec
  /** Throws `CodecError` on a value that `inspectValue` refuses. */
  encode(value: unknown): Uint8Array
  /** The exact inverse of `encode`; throws `CodecError` on any other bytes, and does nothing worse than that. */
  decode(bytes: Uint8Array): unknown
}

/** Bytes that are not an entry, or a value that cannot become one. */
export class CodecError extends Error {
  override readonly name = 'CodecError'
  readonly code = 'CODEC'
}

/** Runs one direction of a codec so that nothing but `CodecError` comes out of it. */
export function guardCodec<T>(codec: string, what: 'encode' | 'decode', run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof CodecError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new CodecError(`${codec} could not ${what}: ${reason}`, { cause: error })
  }
}
