/**
 * A look over MessagePack bytes before they are unpacked. It lets through what the wire format uses and nothing else:
 * no extensions (the library would make functions, regular expressions and shared references from them), no maps, no
 * lengths beyond the end, no deep nesting.
 */

import { CodecError } from './codec.ts'

/** Throws `CodecError` unless `bytes` is exactly one value of the subset, nested no deeper than `maxDepth`. */
export function scanMessagePack(bytes: Uint8Array, maxDepth: number): void {
  const end = bytes.length
  // How many values are still to come, at each level of nesting.
  const open: number[] = [1]
  let at = 0
  while (open.length > 0) {
    const left = open[open.length - 1] as number
    if (left === 0) {
      open.pop()
      continue
    }
    open[open.length - 1] = left - 1
    if (at >= end) throw truncated()
    const token = bytes[at++] as number

    if (token < 0x80 || token >= 0xe0 || token === 0xc0 || token === 0xc2 || token === 0xc3) continue
    let elements = -1
    if (token >= 0xa0 && token < 0xc0) at += token - 0xa0
    else if (token >= 0x90 && token < 0xa0) elements = token - 0x90
    else {
      const width = WIDTHS[token]
      if (width === undefined) throw new CodecError(`An entry has the unexpected token 0x${token.toString(16)}`)
      if (at + width > end) throw truncated()
      if (token === UNDEFINED) {
        if (bytes[at] !== 0 || bytes[at + 1] !== 0) throw new CodecError('An entry has an extension in it')
        at += width
      } else if (PREFIXED.has(token)) {
        const length = bigEndian(bytes, at, width)
        at += width
        if (token === 0xdc || token === 0xdd) elements = length
        else at += length
      } else at += width
    }
    if (at > end) throw truncated()
    if (elements >= 0 && open.push(elements) > maxDepth) throw new CodecError('An entry is nested too deeply')
  }
  if (at !== end) throw new CodecError('An entry goes on after its end')
}

const UNDEFINED = 0xd4

/** Bytes that follow a token: of its number, or of its length when it is one of `PREFIXED`. */
const WIDTHS: Readonly<Record<number, number>> = {
  196: 1, // bin
  197: 2,
  198: 4,
  202: 4, // float
  203: 8,
  204: 1, // uint
  205: 2,
  206: 4,
  207: 8,
  208: 1, // int
  209: 2,
  210: 4,
  211: 8,
  212: 2, // msgpackr's undefined: an extension of type 0 and one byte
  217: 1, // str
  218: 2,
  219: 4,
  220: 2, // array
  221: 4,
}

const PREFIXED: ReadonlySet<number> = new Set([0xc4, 0xc5, 0xc6, 0xd9, 0xda, 0xdb, 0xdc, 0xdd])

function bigEndian(bytes: Uint8Array, at: number, width: number): number {
  let value = 0
  for (let i = 0; i < width; i++) value = value * 256 + (bytes[at + i] as number)
  return value
}

function truncated(): CodecError {
  return new CodecError('An entry ends too early')
}
