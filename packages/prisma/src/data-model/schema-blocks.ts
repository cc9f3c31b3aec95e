/** Groups the tokens of a Prisma schema into blocks (`model X { ... }`), lines and attributes. */

import { SchemaProblem } from './schema-problem.ts'
import type { Token } from './schema-tokens.ts'

export interface Block {
  readonly keyword: string
  readonly name: string
  /** Statements in the braces, one per line. */
  readonly lines: readonly (readonly Token[])[]
}

/** `@map("x")`, `@@index([a, b])`, `@db.VarChar(20)`: the name without its at-signs. */
export interface Attribute {
  readonly name: string
  /** Arguments by name; a positional one by its index. */
  readonly args: ReadonlyMap<string | number, readonly Token[]>
}

export function schemaBlocks(tokens: readonly Token[]): Block[] {
  const blocks: Block[] = []
  let at = 0
  while (at < tokens.length) {
    const token = tokens[at]
    if (token?.kind === 'newline') {
      at++
      continue
    }
    const name = tokens[at + 1]
    if (token?.kind !== 'word' || name?.kind !== 'word' || tokens[at + 2]?.text !== '{') {
      throw new SchemaProblem(`'${token?.text}' is not the start of a block`)
    }
    const body = readLines(tokens, at + 3, name.text)
    blocks.push({ keyword: token.text, name: name.text, lines: body.lines })
    at = body.end
  }
  return blocks
}

function readLines(tokens: readonly Token[], start: number, block: string): { lines: Token[][]; end: number } {
  const lines: Token[][] = []
  let line: Token[] = []
  for (let at = start; at < tokens.length; at++) {
    const token = tokens[at] as Token
    const end = isMark(token, '}')
    // Prisma lets no attribute span lines, so a line is a statement whatever its brackets.
    if ((end || token.kind === 'newline') && line.length > 0) {
      lines.push(line)
      line = []
    }
    if (end) return { lines, end: at + 1 }
    if (token.kind !== 'newline') line.push(token)
  }
  throw new SchemaProblem(`the block of '${block}' is not closed`)
}

/** The attributes in a line, from `start`. */
export function readAttributes(line: readonly Token[], start: number): Attribute[] {
  const attributes: Attribute[] = []
  let at = start
  while (at < line.length) {
    if (!isMark(line[at], '@')) throw new SchemaProblem(`'${line[at]?.text}' is not an attribute`)
    while (isMark(line[at], '@')) at++
    let name = ''
    while (line[at]?.kind === 'word' || isMark(line[at], '.')) name += line[at++]?.text
    const end = isMark(line[at], '(') ? closing(line, at) : at
    attributes.push({ name, args: readArguments(line.slice(at + 1, end)) })
    at = end === at ? at : end + 1
  }
  return attributes
}

/** The index of the bracket that closes the one at `open`. */
export function closing(line: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < line.length; at++) {
    const token = line[at] as Token
    if (token.kind !== 'mark') continue
    if ('(['.includes(token.text)) depth++
    else if (')]'.includes(token.text) && --depth === 0) return at
  }
  throw new SchemaProblem('a bracket is not closed')
}

export function isMark(token: Token | undefined, text: string): boolean {
  return token?.kind === 'mark' && token.text === text
}

function readArguments(tokens: readonly Token[]): Map<string | number, readonly Token[]> {
  const args = new Map<string | number, readonly Token[]>()
  let argument: Token[] = []
  let depth = 0
  const add = (): void => {
    const [name, colon] = argument
    if (name?.kind === 'word' && isMark(colon, ':')) args.set(name.text, argument.slice(2))
    else if (argument.length > 0) args.set(args.size, argument)
    argument = []
  }
  for (const token of tokens) {
    if (token.kind === 'mark' && '(['.includes(token.text)) depth++
    else if (token.kind === 'mark' && ')]'.includes(token.text)) depth--
    if (depth === 0 && isMark(token, ',')) add()
    else argument.push(token)
  }
  add()
  return args
}
