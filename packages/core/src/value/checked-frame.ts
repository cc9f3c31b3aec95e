/**
 * A check sum around encoded entries. A flipped bit in a number or a text is still a valid entry to any format, and
 * would be served as the truth. It finds accidents, not forgeries: those need encryption.
 */

import { crc32 } from 'node:zlib'
import { CodecError } from './codec.ts'

const HEADER = 5

/** `format` is one byte that changes whenever the layout of the payload does. */
export function sealFrame(format: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEADER + payload.byteLength)
  frame[0] = format
  frame.set(payload, HEADER)
  checksumOf(frame).setUint32(1, crc32(frame.subarray(HEADER), format), false)
  return frame
}

/** A view of the payload. Throws `CodecError` when the frame was damaged or belongs to another format. */
export function openFrame(format: number, frame: Uint8Array): Uint8Array {
  if (frame.byteLength < HEADER) throw new CodecError('An entry is shorter than its header')
  if (frame[0] !== format) throw new CodecError(`An entry has format ${frame[0]}, expected ${format}`)
  const payload = new Uint8Array(frame.buffer, frame.byteOffset + HEADER, frame.byteLength - HEADER)
  if (checksumOf(frame).getUint32(1, false) !== crc32(payload, format)) {
    throw new CodecError('The check sum of an entry does not match: it was damaged')
  }
  return payload
}

function checksumOf(frame: Uint8Array): DataView {
  return new DataView(frame.buffer, frame.byteOffset, HEADER)
}
