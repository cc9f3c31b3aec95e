/** Splits Prisma schema text into tokens, without comments. Linear in the length of the text. */

import { SchemaProblem } from './schema-problem.ts'

export interface Token {
  readonly kind: 'word' | 'string' | 'mark' | 'newline'
  /** The word, the decoded string or the single mark. */
  readonly text: string
}

const PATTERN = /(?<space>[^\S\n]+|\/\/[^\n]*)|(?<word>[\p{L}\p{N}_-]+)|(?<string>"(?:[^"\\\n]|\\.)*")|(?<newline>\n)/uy
const NEWLINE: Token = { kind: 'newline', text: '\n' }

export function schemaTokens(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2)
      if (end < 0) throw new SchemaProblem('a comment is not closed')
      at = end + 2
      continue
    }
    PATTERN.lastIndex = at
    const groups = PATTERN.exec(text)?.groups
    if (groups === undefined) {
      if (text[at] === '"') throw new SchemaProblem('a string is not closed')
      tokens.push({ kind: 'mark', text: text[at] ?? '' })
      at++
      continue
    }
    if (groups.word !== undefined) tokens.push({ kind: 'word', text: groups.word })
    else if (groups.string !== undefined) tokens.push({ kind: 'string', text: decode(groups.string) })
    else if (groups.newline !== undefined) tokens.push(NEWLINE)
    at = PATTERN.lastIndex
  }
  return tokens
}

function decode(literal: string): string {
  try {
    return JSON.parse(literal)
  } catch {
    throw new SchemaProblem(`the string ${literal} cannot be read`)
  }
}
