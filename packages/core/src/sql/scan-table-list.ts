/** Reads lists of tables: what follows FROM, JOIN, USING and UPDATE. The one place where a shape that is not understood makes the result unknown. */

import { endsJoinCondition, endsTableList, isJoinModifier, isUpsertClause, startsQuery } from './clause-words.ts'
import { newFrame, type TableReference } from './frame.ts'
import type { QueryScanner } from './query-scanner.ts'
import type { Dialect } from './statement-tables.ts'
import { foldUnquoted, tableKey } from './table-key.ts'
import { isName, type Token } from './token.ts'

/** What a table is named for. A target is never a WITH name, and the caller says how it is written. */
export type TableRole = 'read' | 'target'

export interface TableListOptions {
  readonly role?: TableRole
  /** Filled with the tables of the list, for statements that must tell targets from sources. */
  readonly references?: TableReference[]
  /** MERGE: the ON condition is not part of the list. */
  readonly endsAtOn?: boolean
  /** DELETE and MERGE: USING begins the list of sources. */
  readonly endsAtUsing?: boolean
}

/** Reads a list; the cursor is after FROM, USING or UPDATE. */
export function scanTableList(scanner: QueryScanner, options: TableListOptions = {}): void {
  readTable(scanner, options)
  restOfList(scanner, options)
}

/** Reads on at a JOIN that stands where no list was expected: it can only name tables. */
export function joinTables(scanner: QueryScanner): void {
  restOfList(scanner, {})
}

function restOfList(scanner: QueryScanner, options: TableListOptions): void {
  const { cursor, facts } = scanner
  let hasAlias = false
  while (!cursor.closed) {
    const { key } = cursor.peek()
    if (key === ',' || key === 'join' || key === 'straight_join') {
      cursor.next()
      readTable(scanner, options)
      hasAlias = false
    } else if (isJoinModifier(cursor)) {
      cursor.next()
    } else if (key === 'on') {
      if (options.endsAtOn === true || isUpsertClause(cursor)) return
      cursor.next()
      scanner.body(newFrame(), endsJoinCondition)
    } else if (key === 'using') {
      if (options.endsAtUsing === true) return
      cursor.next()
      if (cursor.peek().key !== '(') return facts.fail('a USING that could not be read', true)
      scanner.skipBracket()
      hasAlias = false
    } else if (!readDecoration(scanner)) {
      if (endsTableList(cursor)) return
      const isAlias = cursor.eat('as')
      if (isAlias && cursor.peek().key === '(') {
        // Column definitions of a function's result: AS (a int, b text).
        scanner.bracket()
      } else if (
        !hasAlias &&
        (isAlias || (key !== 'from' && key !== 'select')) &&
        (isName(cursor.peek()) || cursor.peek().kind === 'string')
      ) {
        const alias = cursor.next().text.toLowerCase()
        options.references?.at(-1)?.names.push(alias)
        hasAlias = true
        if (cursor.peek().key === '(') scanner.bracket()
      } else return facts.fail('a list of tables that could not be read', true)
    }
  }
}

function readTable(scanner: QueryScanner, options: TableListOptions): void {
  const { cursor, facts, dialect } = scanner
  if (dialect === 'postgres') cursor.eat('only')
  if (cursor.peek().key === 'lateral' && (dialect === 'postgres' || cursor.peek(1).key === '(')) cursor.next()
  const token = cursor.peek()
  const next = cursor.peek(1).key
  if (token.key === '(') {
    const inner: TableReference[] = []
    readBracket(scanner, options.references === undefined ? options : { ...options, references: inner })
    options.references?.push(...(inner.length > 0 ? inner : [{ table: undefined, names: [] }]))
  } else if (token.key === 'rows' && next === 'from') {
    cursor.next()
    cursor.next()
    if (cursor.peek().key !== '(') return facts.fail('a ROWS FROM that could not be read', true)
    scanner.bracket()
  } else if (token.key === 'select' || token.key === 'values' || (token.key === 'table' && next === '(')) {
    facts.fail('a list of tables that could not be read', true)
  } else if (isName(token) || token.key === '.' || (token.kind === 'string' && dialect === 'sqlite')) {
    const table = readTableName(scanner, options.role)
    const last = cursor.peek(-1)
    options.references?.push({
      table,
      names: table === undefined ? [] : [last.key === '*' ? table : last.text.toLowerCase()],
    })
  } else facts.fail('a list of tables that could not be read', true)
}

/** `(SELECT ..)`, `((SELECT ..) UNION ..)`, `(a JOIN b ON ..)`, `((a))`. */
function readBracket(scanner: QueryScanner, options: TableListOptions): void {
  const { cursor } = scanner
  scanner.nested(() => {
    if (startsQuery(cursor)) scanner.body()
    else if (cursor.peek().key === '(') {
      readBracket(scanner, options)
      if (endsTableList(cursor)) scanner.body(newFrame(true))
      else restOfList(scanner, options)
    } else scanTableList(scanner, options)
  })
}

/** Hints and options after a table, each of which would otherwise look like an alias. */
function readDecoration(scanner: QueryScanner): boolean {
  const { cursor, facts } = scanner
  const { key } = cursor.peek()
  const next = cursor.peek(1).key
  switch (key) {
    case '*': // PostgreSQL: `t *`, with its children.
      cursor.next()
      return true
    case 'partition':
      if (next !== '(') return false
      cursor.next()
      scanner.skipBracket()
      return true
    case 'use':
    case 'force':
    case 'ignore':
      if (next !== 'index' && next !== 'key') return false
      cursor.next()
      cursor.next()
      if (cursor.eat('for') && !cursor.eat('join')) {
        cursor.next()
        cursor.eat('by')
      }
      if (cursor.peek().key === '(') scanner.skipBracket()
      return true
    case 'indexed':
      if (next !== 'by') return false
      cursor.next()
      cursor.next()
      cursor.next()
      return true
    case 'not':
      if (next !== 'indexed') return false
      cursor.next()
      cursor.next()
      return true
    case 'tablesample':
      if (!isName(cursor.peek(1)) || scanner.dialect !== 'postgres') return false
      facts.trait('non-deterministic')
      cursor.next()
      scanner.path()
      if (cursor.peek().key === '(') scanner.bracket()
      if (cursor.eat('repeatable') && cursor.peek().key === '(') scanner.bracket()
      return true
    case 'with':
      if (next !== 'ordinality') return false
      cursor.next()
      cursor.next()
      return true
    case 'for':
      if (next !== 'system_time' && next !== 'portion') return false
      facts.fail('rows of another time', true)
      cursor.next()
      cursor.next()
      return true
  }
  return false
}

/**
 * Reads `schema.table` or a table function. A table that is read is recorded, unless it is a WITH name; a target is not.
 * Returns the name for its tag, `undefined` for a function.
 */
export function readTableName(scanner: QueryScanner, role: TableRole = 'read'): string | undefined {
  const { cursor, facts, dialect } = scanner
  if (dialect === 'postgres') cursor.eat('only')
  cursor.eat('.')
  if (!isName(cursor.peek()) && cursor.peek().kind !== 'string') {
    facts.fail('a table name that could not be read', true)
    return undefined
  }
  const path = scanner.path().filter((part) => part.key !== '*')
  const last = path.at(-1) as Token
  const isCall = cursor.peek().key === '(' && role === 'read'
  if (isCall) scanner.call(path)
  // SQLite: a virtual table may be named like a function: FROM documents('query').
  if (isCall && dialect !== 'sqlite') return undefined
  if (path.length === 1 && role === 'read') {
    if (scanner.scope?.has(scanner.cteName(last))) return undefined
    if (dialect === 'postgres') scanner.keyword(last)
    if (dialect === 'mysql' && last.key === 'dual') return undefined
  }
  const table = tableKey(storedName(last, dialect), dialect)
  const schema = path.length > 1 ? storedName(path.at(-2) as Token, dialect).toLowerCase() : undefined
  judgePlace(scanner, schema, table, role)
  if (role === 'read') facts.read(table)
  return table
}

/** Temporary tables are of one session; changes of catalogs cannot be seen. */
function judgePlace(scanner: QueryScanner, schema: string | undefined, table: string, role: TableRole): void {
  const { facts, dialect } = scanner
  const isTemporary = dialect === 'postgres' ? schema?.startsWith('pg_temp') : dialect === 'sqlite' && schema === 'temp'
  if (isTemporary === true) facts.trait('temporary-table')
  else if (isCatalog(schema, table, dialect)) facts.fail('a system catalog', role === 'target')
}

function isCatalog(schema: string | undefined, table: string, dialect: Dialect): boolean {
  switch (dialect) {
    case 'postgres':
      if (schema === undefined) return table.startsWith('pg_')
      return schema === 'information_schema' || schema.startsWith('pg_')
    case 'mysql':
      return schema !== undefined && mysqlCatalogs.has(schema)
    case 'sqlite':
      return table.startsWith('sqlite_') || table.startsWith('pragma_') || table === 'dbstat'
  }
}
const mysqlCatalogs = new Set(['information_schema', 'performance_schema', 'mysql', 'sys'])

/** The name that the database looks for. */
export function storedName(token: Token, dialect: Dialect): string {
  return token.kind === 'word' && dialect === 'postgres' ? foldUnquoted(token.text) : token.text
}
