/** A position in a list of tokens, with the little looking ahead and back that the analysis needs. */

import type { Token } from './token.ts'

/** Reads tokens in order. It never goes past the `end` token, so callers need no bounds checks. */
export class TokenCursor {
  readonly #tokens: readonly Token[]
  readonly #end: Token
  #at = 0
  #steps = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
    const offset = tokens.at(-1)?.end ?? 0
    this.#end = { kind: 'end', text: '', key: '', start: offset, end: offset }
  }

  /** The token `ahead` places further (0: the current one, -1: the one before). */
  peek(ahead = 0): Token {
    this.#steps++
    return this.#tokens[this.#at + ahead] ?? this.#end
  }

  /** Returns the current token and moves on. */
  next(): Token {
    const token = this.peek()
    if (this.#at < this.#tokens.length) this.#at++
    return token
  }

  /** Moves past the current token if it is this keyword or symbol. */
  eat(key: string): boolean {
    if (this.peek().key !== key) return false
    this.next()
    return true
  }

  /** Moves past any number of these keywords. */
  eatAll(keys: ReadonlySet<string>): void {
    while (keys.has(this.peek().key)) this.next()
  }

  /** Moves past everything. */
  toEnd(): void {
    this.#at = this.#tokens.length
  }

  /** True at `;`, at a closing bracket and after the last token. */
  get closed(): boolean {
    const { key, kind } = this.peek()
    return kind === 'end' || key === ')' || key === ']' || key === ';'
  }

  /** True at `;` and after the last token. */
  get statementEnded(): boolean {
    const { key, kind } = this.peek()
    return kind === 'end' || key === ';'
  }

  /** Place in the token list; only for telling whether anything was read. */
  get position(): number {
    return this.#at
  }

  /** Number of looks so far: the measure by which tests prove that the analysis is linear. */
  get steps(): number {
    return this.#steps
  }
}
