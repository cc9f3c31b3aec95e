/** The pieces of an SQL text, as {@link tokenize} cuts them. */

/**
 * - `word`: an unquoted name or keyword
 * - `quoted`: a quoted identifier; `text` is its content
 * - `either`: MySQL `"..."`, a string or (with ANSI_QUOTES) an identifier
 * - `string`: a string literal; `text` is its content, backslash escapes left as written
 * - `parameter`: `$1`, `?`, `:name`, `@name`
 * - `variable`: MySQL `@user` and `@@system` variables
 * - `symbol`: one character of punctuation or of an operator, or `::`
 * - `end`: after the last piece
 */
export type TokenKind = 'word' | 'quoted' | 'either' | 'string' | 'number' | 'parameter' | 'variable' | 'symbol' | 'end'

/** One piece of an SQL text. Comments and white space are not tokens. */
export interface Token {
  readonly kind: TokenKind
  readonly text: string
  /** Lower case of a `word`, the characters of a `symbol`, otherwise empty: a quoted `"from"` is no keyword. */
  readonly key: string
  /** Offsets in the text, end exclusive. */
  readonly start: number
  readonly end: number
}

/** True when the token can name a table, column or function. */
export function isName(token: Token): boolean {
  return token.kind === 'word' || token.kind === 'quoted' || token.kind === 'either'
}
