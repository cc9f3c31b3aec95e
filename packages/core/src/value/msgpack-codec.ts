/** The default codec: compact and fast, on msgpackr. */

import { Packr } from 'msgpackr/pack'
import { Unpackr } from 'msgpackr/unpack'
import { openFrame, sealFrame } from './checked-frame.ts'
import { type Codec, guardCodec } from './codec.ts'
import { MAX_DEPTH } from './inspect-value.ts'
import { scanMessagePack } from './msgpack-scan.ts'
import { ValueTypes } from './value-types.ts'
import { WIRE_FORMAT } from './wire-format.ts'
import { WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

const NAME = 'msgpack'

/** The entry, a value type and its operand can each add a level to those of a value. */
const MAX_WIRE_DEPTH = 2 * MAX_DEPTH + 8

/**
 * MessagePack. Entries are self-contained: they name their own types and shapes, so that any process with the same
 * types can read them, in any order. `msgpackr/pack` and `/unpack` leave out the package's native string reader, which
 * would be compiled code at work on bytes from a store.
 */
export function msgpackCodec(): Codec {
  return new MsgpackCodec(ValueTypes.builtIn)
}

class MsgpackCodec implements Codec {
  readonly name = NAME
  readonly #types: ValueTypes
  readonly #packr = new Packr({ useRecords: false, encodeUndefinedAsNil: false })
  readonly #unpackr = new Unpackr({ useRecords: false, copyBuffers: true, structuredClone: false })

  constructor(types: ValueTypes) {
    this.#types = types
  }

  withTypes(types: ValueTypes): Codec {
    return new MsgpackCodec(types)
  }

  encode(value: unknown): Uint8Array {
    return guardCodec(NAME, 'encode', () =>
      sealFrame(WIRE_FORMAT, this.#packr.pack(new WireWriter(this.#types).entry(value))),
    )
  }

  decode(bytes: Uint8Array): unknown {
    return guardCodec(NAME, 'decode', () => {
      const payload = openFrame(WIRE_FORMAT, bytes)
      scanMessagePack(payload, MAX_WIRE_DEPTH)
      return new WireReader(this.#types).entry(this.#unpackr.unpack(payload))
    })
  }
}
