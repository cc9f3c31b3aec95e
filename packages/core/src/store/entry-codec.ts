/** Entries as bytes for a store: a header that says what the value depends on, then the value as the codec writes it. */

import type { Stamp, Tag } from '../protocol/tag.ts'
import type { Entry } from '../read/entry.ts'
import { silence } from '../runtime/maybe-promise.ts'
import type { Clock } from '../runtime/runtime.ts'
import { openFrame, sealFrame } from '../value/checked-frame.ts'
import type { Codec } from '../value/codec.ts'
import { inspectValue } from '../value/inspect-value.ts'
import type { ValueTypes } from '../value/value-types.ts'

/** First byte of an entry; another number is another format and a miss. */
const FORMAT = 1
/** The length of the header. */
const PREFIX_BYTES = 4

interface Header {
  readonly codec: string
  readonly tags: readonly Tag[]
  readonly stamps: readonly Stamp[]
  readonly epoch: string
  readonly ttl: number
  readonly at: number
}

/** A decoded entry and the estimate of its heap size. */
export interface DecodedEntry {
  readonly entry: Entry
  readonly bytes: number
}

export class EntryCodec {
  readonly #codec: Codec
  /** The classes that values may contain. */
  readonly types: ValueTypes
  readonly #clock: Clock

  constructor(codec: Codec, types: ValueTypes, clock: Clock) {
    this.#codec = codec.withTypes(types)
    this.types = types
    this.#clock = clock
  }

  encode(entry: Entry): Uint8Array {
    const header: Header = {
      codec: this.#codec.name,
      tags: entry.tags,
      stamps: entry.stamps,
      epoch: entry.epoch,
      ttl: entry.ttl,
      at: entry.wallAt,
    }
    const head = Buffer.from(JSON.stringify(header))
    const body: unknown = this.#codec.encode(entry.value)
    silence(body)
    if (!(body instanceof Uint8Array)) throw new Error(`the codec ${this.#codec.name} gave no bytes`)
    const payload = Buffer.allocUnsafe(PREFIX_BYTES + head.length + body.length)
    payload.writeUInt32LE(head.length, 0)
    payload.set(head, PREFIX_BYTES)
    payload.set(body, PREFIX_BYTES + head.length)
    return sealFrame(FORMAT, payload)
  }

  /** Throws on whatever {@link encode} cannot have made: corrupt, truncated, foreign or hostile bytes. */
  decode(encoded: Uint8Array): DecodedEntry {
    if (!(encoded instanceof Uint8Array)) throw new Error('an entry must be bytes')
    const payload = openFrame(FORMAT, encoded)
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
    if (bytes.length < PREFIX_BYTES) throw new Error('truncated entry')
    const end = PREFIX_BYTES + bytes.readUInt32LE(0)
    if (end > bytes.length) throw new Error('truncated entry')
    const header = checkedHeader(JSON.parse(bytes.toString('utf8', PREFIX_BYTES, end)))
    if (header.codec !== this.#codec.name) throw new Error(`entry of another codec: ${header.codec}`)
    const value = this.#codec.decode(bytes.subarray(end))
    silence(value)
    const inspected = inspectValue(value, this.types)
    if (inspected.unsupported !== undefined) throw new Error(`entry holds ${inspected.unsupported}`)
    // Another machine's monotonic clock means nothing here; a writer's wall clock ahead of ours counts as age zero.
    const age = Math.max(0, this.#clock.wall() - header.at)
    return {
      bytes: inspected.bytes,
      entry: {
        value,
        copy: inspected.copy,
        tags: header.tags,
        stamps: header.stamps,
        epoch: header.epoch,
        ttl: header.ttl,
        monotonicAt: this.#clock.monotonic() - age,
        wallAt: this.#clock.wall() - age,
      },
    }
  }
}

function checkedHeader(header: unknown): Header {
  const { codec, tags, stamps, epoch, ttl, at } = (header ?? {}) as Record<string, unknown>
  const sound =
    typeof codec === 'string' &&
    isTexts(tags) &&
    isTexts(stamps) &&
    tags.length === stamps.length &&
    tags.length > 0 &&
    typeof epoch === 'string' &&
    Number.isFinite(ttl) &&
    Number.isFinite(at)
  if (!sound) throw new Error('damaged entry header')
  return header as Header
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string')
}
