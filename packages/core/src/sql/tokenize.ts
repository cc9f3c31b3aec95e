/** Cuts an SQL text into tokens, by the lexical rules of each dialect. One pass, linear time, never throws. */

import type { Dialect } from './statement-tables.ts'
import type { Token, TokenKind } from './token.ts'

/** The tokens of a text, and why they may not be what the server sees (`undefined` when they are). */
export interface TokenizedText {
  readonly tokens: readonly Token[]
  readonly fault?: string | undefined
}

/**
 * Cuts a text into tokens. Where the rules depend on server settings that a text does not show (MySQL
 * NO_BACKSLASH_ESCAPES, versioned comments) or the text is broken, `fault` says so and the tokens are a guess.
 */
export function tokenize(sql: string, dialect: Dialect): TokenizedText {
  return new Lexer(sql, dialect).run()
}

const wordPattern: Record<Dialect, RegExp> = {
  postgres: /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y,
  sqlite: /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y,
  // MySQL names may begin with a digit or a dollar sign.
  mysql: /[\w$\u0080-\uffff]+/y,
}
const numberPattern = /0[xX][\dA-Fa-f_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?/y
const mysqlInteger = /^(?:\d+|0x[\dA-Fa-f]+|0b[01]+|\d+[eE]\d+)$/
const dollarQuote = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y
const namedParameter = /[:@$#][\w$\u0080-\uffff]+/y
const mysqlVariable = /@@?[\w.$\u0080-\uffff]*/y
const digits = /\d+/y
const unescapeUnicode = /\\(?:\\|([\dA-Fa-f]{4})|\+([\dA-Fa-f]{6}))/g

/** The first version whose comments not every supported server runs: MariaDB skips 5.7 and later ones of MySQL. */
const firstDivergingVersion = 50_700

class Lexer {
  readonly #sql: string
  readonly #dialect: Dialect
  readonly #tokens: Token[] = []
  #at = 0
  #fault: string | undefined
  #inConditionalComment = false
  /** The last token is a PostgreSQL E'' string; a string after it on a new line continues it, escapes included. */
  #afterEscapeString = false

  constructor(sql: string, dialect: Dialect) {
    this.#sql = sql
    this.#dialect = dialect
  }

  run(): TokenizedText {
    if (this.#sql.includes('\0')) this.#blame('a NUL character')
    while (this.#at < this.#sql.length) this.#step()
    if (this.#inConditionalComment) this.#blame('a comment without an end')
    return { tokens: this.#tokens, fault: this.#fault }
  }

  #step(): void {
    const sql = this.#sql
    const at = this.#at
    const c = sql[at] as string
    switch (c) {
      case ' ':
      case '\n':
      case '\t':
      case '\r':
      case '\f':
      case '\v':
        this.#at++
        return
      case '-':
        if (sql[at + 1] === '-' && this.#startsDashComment(at + 2)) return this.#lineComment()
        return this.#symbol(1)
      case '#':
        if (this.#dialect === 'mysql') return this.#lineComment()
        return this.#symbol(1)
      case '/':
        if (sql[at + 1] === '*') return this.#blockComment()
        return this.#symbol(1)
      case '*':
        if (this.#inConditionalComment && sql[at + 1] === '/') {
          this.#inConditionalComment = false
          this.#at += 2
          return
        }
        return this.#symbol(1)
      case "'":
        return this.#string(at, at, this.#afterEscapeString || this.#dialect === 'mysql')
      case '"':
        if (this.#dialect === 'mysql') return this.#quoted(at, '"', 'either', true)
        return this.#quoted(at, '"', 'quoted', false)
      case '`':
        if (this.#dialect === 'postgres') return this.#symbol(1)
        return this.#quoted(at, '`', 'quoted', false)
      case '[':
        if (this.#dialect === 'sqlite') return this.#bracketed()
        return this.#symbol(1)
      case '?':
        return this.#question()
      case '$':
        return this.#dollar()
      case ':':
        if (sql[at + 1] === ':') return this.#symbol(2)
        // PostgreSQL has array slices, a[low:high], and no named parameters.
        if (this.#dialect !== 'postgres' && this.#match(namedParameter, 'parameter')) return
        return this.#symbol(1)
      case '@':
        if (this.#dialect === 'sqlite' && this.#match(namedParameter, 'parameter')) return
        if (this.#dialect === 'mysql' && this.#match(mysqlVariable, 'variable')) return
        return this.#symbol(1)
      case '\\':
        this.#blame('a backslash outside a string')
        return this.#symbol(1)
      case '\ufeff':
        if (at === 0) {
          this.#at++
          return
        }
    }
    this.#wordOrNumber(c)
  }

  #wordOrNumber(c: string): void {
    const sql = this.#sql
    const at = this.#at
    const next = sql[at + 1]
    if (this.#dialect === 'postgres') {
      if ((c === 'e' || c === 'E') && next === "'") return this.#string(at, at + 1, true)
      if ((c === 'u' || c === 'U') && next === '&') {
        if (sql[at + 2] === "'") return this.#string(at, at + 2, false)
        if (sql[at + 2] === '"') return this.#unicodeName()
      }
    }
    const isDigit = c >= '0' && c <= '9'
    if (isDigit || (c === '.' && next !== undefined && next >= '0' && next <= '9')) {
      if (this.#dialect === 'mysql' && this.#mysqlNameWithDigit(c)) return
      if (this.#match(numberPattern, 'number')) return
    }
    const pattern = wordPattern[this.#dialect]
    pattern.lastIndex = at
    const word = pattern.exec(sql)?.[0]
    if (word === undefined) return this.#symbol(1)
    // Every character up to the name's end is consumed here, so the lookups stay linear.
    if (word.length === 7 && this.#dialect === 'postgres' && word.toLowerCase() === 'uescape') this.#blame('UESCAPE')
    this.#push('word', word, word.toLowerCase(), at, at + word.length)
  }

  /** MySQL: `2020_sales` is a name, `1e5` is not, and after `db.` even `2020` is. */
  #mysqlNameWithDigit(c: string): boolean {
    const at = this.#at
    const last = this.#tokens.at(-1)
    const afterName = last?.kind === 'word' || last?.kind === 'quoted'
    if (c === '.') {
      // `db.2020`: a dot right after a name separates names, it does not begin a number.
      if (!afterName || last.end !== at) return false
      this.#symbol(1)
      return true
    }
    const pattern = wordPattern.mysql
    pattern.lastIndex = at
    const word = pattern.exec(this.#sql)?.[0] ?? ''
    const afterDot = last?.key === '.' && last.end === at
    if (!afterDot && (mysqlInteger.test(word) || /^\d+[eE]$/.test(word))) return false
    this.#push('word', word, word.toLowerCase(), at, at + word.length)
    return true
  }

  #startsDashComment(after: number): boolean {
    if (this.#dialect !== 'mysql') return true
    const c = this.#sql.charCodeAt(after)
    return Number.isNaN(c) || c <= 32 || c === 127
  }

  #lineComment(): void {
    const sql = this.#sql
    let end = this.#at
    while (end < sql.length && sql[end] !== '\n' && !(sql[end] === '\r' && this.#dialect === 'postgres')) end++
    this.#at = end
  }

  #blockComment(): void {
    const sql = this.#sql
    if (this.#dialect === 'mysql') {
      const mark = sql[this.#at + 2]
      if (mark === '!') return this.#conditionalComment(3, false)
      if (mark === 'M' && sql[this.#at + 3] === '!') return this.#conditionalComment(4, true)
    }
    if (this.#dialect === 'postgres') return this.#nestedComment()
    const end = sql.indexOf('*/', this.#at + 2)
    // SQLite lets the end of the text close a comment; elsewhere such a text is broken.
    if (end < 0 && this.#dialect === 'mysql') this.#blame('a comment without an end')
    this.#at = end < 0 ? sql.length : end + 2
  }

  #nestedComment(): void {
    const sql = this.#sql
    let depth = 0
    let at = this.#at
    do {
      if (sql.startsWith('/*', at)) {
        depth++
        at += 2
      } else if (sql.startsWith('*/', at)) {
        depth--
        at += 2
      } else at++
    } while (depth > 0 && at < sql.length)
    if (depth > 0) this.#blame('a comment without an end')
    this.#at = at
  }

  #conditionalComment(markLength: number, mariaOnly: boolean): void {
    this.#inConditionalComment = true
    this.#at += markLength
    digits.lastIndex = this.#at
    const version = digits.exec(this.#sql)?.[0]
    if (version !== undefined) this.#at += version.length
    if (mariaOnly || (version !== undefined && Number(version) >= firstDivergingVersion)) {
      this.#blame('a comment that only some servers run')
    }
  }

  /** A string whose opening quote stands at `quoteAt`; `start` is where its prefix begins. */
  #string(start: number, quoteAt: number, escapes: boolean): void {
    const end = this.#closingQuote(quoteAt, "'", escapes)
    this.#push('string', this.#sql.slice(quoteAt + 1, end - 1), '', start, end)
    this.#afterEscapeString = escapes && this.#dialect === 'postgres'
  }

  #quoted(start: number, quote: string, kind: TokenKind, escapes: boolean): void {
    const end = this.#closingQuote(start, quote, escapes)
    const content = this.#sql.slice(start + 1, end - 1)
    this.#push(kind, content.includes(quote) ? content.replaceAll(quote + quote, quote) : content, '', start, end)
  }

  /** The offset after the closing quote; the end of the text, with blame, when there is none. */
  #closingQuote(open: number, quote: string, escapes: boolean): number {
    const sql = this.#sql
    for (let at = open + 1; at < sql.length; at++) {
      const c = sql[at]
      if (c === '\\' && escapes) {
        at++
        // Under NO_BACKSLASH_ESCAPES the string ends at this quote, and what follows is code.
        if (this.#dialect === 'mysql' && sql[at] === quote) this.#blame('a backslash before a quote')
      } else if (c === quote) {
        if (sql[at + 1] !== quote) return at + 1
        at++
      }
    }
    this.#blame('a string or name without an end')
    return sql.length + 1
  }

  #bracketed(): void {
    const end = this.#sql.indexOf(']', this.#at)
    if (end < 0) this.#blame('a name without an end')
    const stop = end < 0 ? this.#sql.length : end
    this.#push('quoted', this.#sql.slice(this.#at + 1, stop), '', this.#at, stop + 1)
  }

  #unicodeName(): void {
    const start = this.#at
    const end = this.#closingQuote(start + 2, '"', false)
    const text = this.#sql
      .slice(start + 3, end - 1)
      .replaceAll('""', '"')
      .replace(unescapeUnicode, (whole, short: string | undefined, long: string | undefined) => {
        const code = Number.parseInt(short ?? long ?? '5c', 16)
        return code <= 0x10ffff ? String.fromCodePoint(code) : whole
      })
    this.#push('quoted', text, '', start, end)
  }

  #question(): void {
    if (this.#dialect === 'postgres') return this.#symbol(1)
    digits.lastIndex = this.#at + 1
    const length = 1 + (digits.exec(this.#sql)?.[0].length ?? 0)
    this.#push('parameter', '?', '', this.#at, this.#at + length)
  }

  #dollar(): void {
    const sql = this.#sql
    const at = this.#at
    if (this.#dialect === 'sqlite' && this.#match(namedParameter, 'parameter')) return
    if (this.#dialect === 'postgres') {
      digits.lastIndex = at + 1
      const number = digits.exec(sql)?.[0]
      if (number !== undefined) return this.#push('parameter', number, '', at, at + 1 + number.length)
      dollarQuote.lastIndex = at
      const quote = dollarQuote.exec(sql)?.[0]
      if (quote !== undefined) {
        const close = sql.indexOf(quote, at + quote.length)
        if (close < 0) this.#blame('a string without an end')
        const stop = close < 0 ? sql.length : close
        return this.#push('string', sql.slice(at + quote.length, stop), '', at, stop + quote.length)
      }
    }
    if (this.#dialect === 'mysql' && this.#match(wordPattern.mysql, 'word')) return
    this.#symbol(1)
  }

  #match(pattern: RegExp, kind: TokenKind): boolean {
    pattern.lastIndex = this.#at
    const text = pattern.exec(this.#sql)?.[0]
    if (text === undefined) return false
    this.#push(kind, text, kind === 'word' ? text.toLowerCase() : '', this.#at, this.#at + text.length)
    return true
  }

  #symbol(length: number): void {
    const text = this.#sql.slice(this.#at, this.#at + length)
    this.#push('symbol', text, text, this.#at, this.#at + length)
  }

  #push(kind: TokenKind, text: string, key: string, start: number, end: number): void {
    this.#afterEscapeString = false
    this.#at = Math.min(end, this.#sql.length)
    this.#tokens.push({ kind, text, key, start, end: this.#at })
  }

  #blame(fault: string): void {
    this.#fault ??= fault
  }
}
