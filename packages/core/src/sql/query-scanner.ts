/**
 * Walks the tokens of a statement and finds the tables of queries: SELECT, WITH, subqueries wherever they stand.
 *
 * It is no parser. Brackets nest, and only the places where a table can be named are read exactly (FROM lists, WITH,
 * write targets); the rest is looked through for subqueries and function calls. Where such a place does not have the
 * expected shape the result is unknown, so that a misreading costs a cache hit and never a stale row.
 */

import { callsWithFrom, isDistinctFrom, isSyntaxBeforeBracket, startsPart } from './clause-words.ts'
import type { CteScope } from './cte-scope.ts'
import { type Frame, newFrame } from './frame.ts'
import { type FunctionCatalog, functionCatalogs } from './functions/function-catalog.ts'
import { isMovingDateText } from './moving-date.ts'
import { joinTables, readTableName, scanTableList } from './scan-table-list.ts'
import { scanWith } from './scan-with.ts'
import { scanWrite, scanWriteClause } from './scan-write.ts'
import type { Dialect } from './statement-tables.ts'
import type { TableFacts } from './table-facts.ts'
import { foldUnquoted } from './table-key.ts'
import { isName, type Token } from './token.ts'
import type { TokenCursor } from './token-cursor.ts'

/** Decides whether a token ends the part being read. Asked once per token at the part's own depth. */
export type Stop = (cursor: TokenCursor) => boolean

/** Deeper texts are not analysed. Far above real queries, far below the stack. */
const maxDepth = 150

export class QueryScanner {
  readonly dialect: Dialect
  readonly cursor: TokenCursor
  readonly facts: TableFacts
  readonly #functions: FunctionCatalog
  scope: CteScope | undefined
  #depth = 0

  constructor(cursor: TokenCursor, facts: TableFacts, dialect: Dialect) {
    this.cursor = cursor
    this.facts = facts
    this.dialect = dialect
    this.#functions = functionCatalogs[dialect]
  }

  /** Reads up to a closing bracket, `;`, the end, or where `stop` says. Every round reads at least one token. */
  body(frame: Frame = newFrame(), stop?: Stop): void {
    while (!this.cursor.closed && !stop?.(this.cursor)) this.#step(frame)
  }

  /** Reads a bracket and what is in it; the cursor is at the opening one. */
  bracket(frame: Frame = newFrame()): void {
    this.nested(() => this.body(frame))
  }

  /** Runs `read` between an opening and a closing bracket, with its own scope of WITH names. */
  nested(read: () => void): void {
    const close = this.cursor.next().key === '[' ? ']' : ')'
    this.deeper(() => {
      const outer = this.scope
      read()
      this.scope = outer
      if (!this.cursor.eat(close)) this.facts.fail('brackets that do not match', true)
    })
  }

  /** Guards the stack: every recursion goes through here. */
  deeper(read: () => void): void {
    if (this.#depth >= maxDepth) return this.giveUp()
    this.#depth++
    read()
    this.#depth--
  }

  /** Leaves the rest of the text unread. */
  giveUp(): void {
    this.facts.fail('nested too deeply', true)
    this.cursor.toEnd()
  }

  /** Moves past a bracket that holds only names. */
  skipBracket(): void {
    let depth = 0
    while (this.cursor.peek().kind !== 'end') {
      const { key } = this.cursor.next()
      if (key === '(') depth++
      else if (key === ')' && --depth === 0) return
    }
    this.facts.fail('brackets that do not match', true)
  }

  /** A function call; the cursor is at its bracket. */
  call(path: readonly Token[], outer: Frame = newFrame()): void {
    const name = this.#functionName(path)
    const trait = name === undefined ? 'unknown-function' : this.#functions.traitOf(name)
    if (trait !== 'pure') this.facts.trait(trait)
    if (trait === 'unknown-function') this.facts.fail(`function ${path.at(-1)?.text}() is not known`, true)
    const clock = (outer.clock ?? false) || (name !== undefined && this.#functions.readsClockByValue(name))
    const frame: Frame = { ...newFrame(), call: name, clock }
    const before = this.cursor.position
    this.bracket(frame)
    if (name === undefined) return
    if (name === 'set_config') {
      const isLocal = this.cursor.peek(-2).key === 'true' && this.cursor.peek(-3).key === ','
      this.facts.control(isLocal ? 'session-local' : 'session')
    }
    const isEmpty = this.cursor.position - before <= 2
    if (this.#functions.readsClockWith(name, isEmpty ? 0 : frame.commas + 1)) this.facts.trait('non-deterministic')
  }

  /** The traits of words such as CURRENT_DATE. True when the word is one. */
  keyword(token: Token): boolean {
    const trait = token.kind === 'word' ? this.#functions.keywordTrait(token.key) : undefined
    if (trait !== undefined) this.facts.trait(trait)
    return trait !== undefined
  }

  /** `a.b.c` or `a.*`; the cursor is at its first name. */
  path(): Token[] {
    const path = [this.cursor.next()]
    while (this.cursor.peek().key === '.' && (isName(this.cursor.peek(1)) || this.cursor.peek(1).key === '*')) {
      this.cursor.next()
      path.push(this.cursor.next())
    }
    return path
  }

  /** An alias after AS, or the type after `::` and in CAST(.. AS ..), with its size. */
  aliasOrType(): void {
    const { cursor } = this
    if (cursor.peek().kind === 'string') {
      cursor.next()
      return
    }
    if (!isName(cursor.peek())) return
    const path = this.path()
    if (this.dialect === 'postgres' && path.at(-1)?.key.startsWith('reg')) this.facts.trait('session-state')
    cursor.eatAll(typeWords)
    if (cursor.peek().key === '(') this.bracket()
  }

  #step(frame: Frame): void {
    const { cursor } = this
    const token = cursor.peek()
    switch (token.kind) {
      case 'word':
      case 'quoted':
      case 'either':
        return this.#name(token, frame)
      case 'string':
        if (isMovingDateText(token.text, this.dialect)) this.facts.trait('non-deterministic')
        if (frame.clock && token.text.startsWith('subsec')) this.facts.trait('non-deterministic')
        break
      case 'parameter':
        if (frame.clock) this.facts.trait('non-deterministic')
        break
      case 'variable':
        this.facts.trait('session-state')
        break
      default:
        break
    }
    switch (token.key) {
      case '(':
      case '[':
        return this.bracket({ ...newFrame(), call: frame.call, clock: frame.clock ?? false })
      case '::':
        cursor.next()
        return this.aliasOrType()
      case '.':
        // `(row).from`: after a dot no word is a keyword.
        cursor.next()
        if (isName(cursor.peek())) this.path()
        return
      case '{':
        this.facts.fail('an escape in braces', true)
        break
      case ',':
        frame.commas++
        break
    }
    cursor.next()
  }

  #name(token: Token, frame: Frame): void {
    const { cursor } = this
    const after = cursor.peek(1)
    if (after.key === '.' && !this.#isTableAfterLeadingDot(token, after)) {
      const path = this.path()
      if (path.length === 1) cursor.next()
      else if (cursor.peek().key === '(') this.call(path, frame)
      return
    }
    if (token.kind === 'word' && this.#keyword(token, frame)) return
    cursor.next()
    if (cursor.peek().key !== '(') return
    if (token.kind === 'word' && isSyntaxBeforeBracket(token.key, cursor.peek(-2).key, this.dialect)) return
    this.call([token], frame)
  }

  /** MySQL reads `FROM .t` as the table t of the current database, but `from.t` as a column. */
  #isTableAfterLeadingDot(token: Token, dot: Token): boolean {
    return this.dialect === 'mysql' && token.end !== dot.start && beforeTable.has(token.key)
  }

  /** Acts on a keyword. False when the word has no meaning here and may be a name. */
  #keyword(token: Token, frame: Frame): boolean {
    const { cursor } = this
    if (frame.write !== undefined && scanWriteClause(this, frame.write)) return true
    switch (token.key) {
      case 'select':
        frame.query = true
        frame.fromSeen = false
        cursor.next()
        if (cursor.peek().key === 'sql_calc_found_rows') this.facts.trait('session-state')
        return true
      case 'from':
        return this.#from(frame)
      case 'join':
      case 'straight_join':
        if (token.key === 'straight_join' && !frame.fromSeen) return false
        joinTables(this)
        return true
      case 'with':
        return scanWith(this, frame)
      case 'table':
        cursor.next()
        if (isName(cursor.peek())) readTableName(this)
        return true
      case 'into':
        return this.#into(frame)
      case 'for':
        if (lockStrengths.has(cursor.peek(1).key)) this.facts.trait('row-lock')
        return false
      case 'lock':
        if (cursor.peek(1).key === 'in') this.facts.trait('row-lock')
        return false
      case 'in':
        // SQLite: `x IN t` reads the table t.
        if (this.dialect !== 'sqlite' || cursor.peek(1).key === '(') return false
        cursor.next()
        if (isName(cursor.peek()) || cursor.peek().kind === 'string') readTableName(this)
        return true
      case 'as':
        cursor.next()
        this.aliasOrType()
        return true
      case 'collate':
        cursor.next()
        if (isName(cursor.peek())) this.path()
        return true
      case 'next':
      case 'previous':
        // MariaDB: NEXT VALUE FOR sequence.
        if (cursor.peek(1).key === 'value' && cursor.peek(2).key === 'for') this.facts.trait('side-effect')
        return false
      case 'insert':
      case 'update':
      case 'delete':
      case 'merge':
      case 'replace':
        return this.#writeInBracket(frame)
      case 'last_value':
      case 'is_called':
        // Only sequences have these columns, and nextval() changes them without a write to a table.
        if (this.dialect === 'postgres' && cursor.peek(1).key !== '(') this.facts.fail('state of a sequence', false)
        return false
    }
    if (!this.keyword(token)) return false
    cursor.next()
    if (cursor.peek().key === '(') this.bracket()
    return true
  }

  #from(frame: Frame): boolean {
    const { cursor } = this
    if (isDistinctFrom(cursor)) {
      cursor.next()
      return true
    }
    if (!frame.query && frame.call !== undefined && callsWithFrom.has(frame.call)) {
      cursor.next()
      return true
    }
    if (!frame.query || frame.fromSeen) this.facts.fail('a FROM in an unexpected place', true)
    frame.fromSeen = true
    cursor.next()
    scanTableList(this)
    return true
  }

  /** A write may stand first in a bracket (a data-modifying CTE) or after a WITH list; elsewhere these are names. */
  #writeInBracket(frame: Frame): boolean {
    if (frame.query || frame.call !== undefined || !startsPart(this.cursor.peek(-1)) || !isName(this.cursor.peek(1)))
      return false
    scanWrite(this, frame)
    return true
  }

  /** The name by which a WITH item and references to it are compared. */
  cteName(token: Token): string {
    if (token.kind !== 'word') return this.dialect === 'sqlite' ? token.text.toLowerCase() : token.text
    // MySQL: whether case matters depends on the server; comparing exactly can only add a table.
    return this.dialect === 'mysql' ? token.text : foldUnquoted(token.text)
  }

  #into(frame: Frame): boolean {
    const { cursor, facts } = this
    cursor.next()
    if (this.dialect === 'mysql' && frame.query) {
      const { key, kind } = cursor.peek()
      if (key === 'outfile' || key === 'dumpfile') facts.trait('side-effect')
      else if (kind === 'variable') facts.trait('side-effect')
      else facts.fail('an INTO that could not be read', true)
      return true
    }
    if (this.dialect === 'postgres' && frame.query) {
      if (temporaryWords.has(cursor.peek().key)) facts.trait('temporary-table')
      cursor.eatAll(intoWords)
      facts.fail('SELECT INTO creates a table', true)
      const table = isName(cursor.peek()) ? readTableName(this, 'target') : undefined
      if (table !== undefined) facts.write(table, 'ddl')
      return true
    }
    facts.fail('an INTO that could not be read', true)
    return true
  }

  #functionName(path: readonly Token[]): string | undefined {
    const last = path.at(-1)
    if (last === undefined) return undefined
    const isBuiltinSchema =
      path.length === 2 && this.dialect === 'postgres' && this.cteName(path[0] as Token) === 'pg_catalog'
    if (path.length > 1 && !isBuiltinSchema) return undefined
    return this.dialect === 'postgres' && last.kind !== 'word' ? last.text : last.text.toLowerCase()
  }
}

const typeWords = new Set(['varying', 'precision', 'year', 'month', 'day', 'hour', 'minute', 'second'])
const lockStrengths = new Set(['update', 'share', 'no', 'key'])
const beforeTable = new Set(['from', 'join', 'straight_join', 'into', 'update', 'table', 'using'])
const temporaryWords = new Set(['temporary', 'temp', 'local', 'global'])
const intoWords = new Set(['temporary', 'temp', 'local', 'global', 'unlogged', 'table'])
