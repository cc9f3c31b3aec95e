/** Reads INSERT, REPLACE, UPDATE, DELETE and MERGE: which tables they write, how, and which columns they assign. */

import { endsAssignment, isUpsertClause } from './clause-words.ts'
import { type Frame, newFrame, type TableReference, type WriteTarget } from './frame.ts'
import { wordList } from './functions/word-list.ts'
import type { QueryScanner } from './query-scanner.ts'
import { readTableName, scanTableList, storedName } from './scan-table-list.ts'
import { columnKey } from './table-key.ts'
import { isName, type Token } from './token.ts'
import type { TokenCursor } from './token-cursor.ts'

export const writeVerbs: ReadonlySet<string> = new Set(wordList('insert replace update delete merge'))

/** Reads a write up to where the walk over its remaining clauses goes on; the cursor is at its verb. */
export function scanWrite(scanner: QueryScanner, frame: Frame): void {
  frame.query = true
  frame.fromSeen = false
  switch (scanner.cursor.peek().key) {
    case 'insert':
    case 'replace':
      return scanInsert(scanner, frame)
    case 'update':
      return scanUpdate(scanner, frame)
    case 'delete':
      return scanDelete(scanner, frame)
    case 'merge':
      return scanMerge(scanner, frame)
  }
}

/** Reads a clause that belongs to the write of this frame. False when the current word begins none. */
export function scanWriteClause(scanner: QueryScanner, write: WriteTarget): boolean {
  const { cursor, facts } = scanner
  switch (cursor.peek().key) {
    case 'returning':
      for (const table of write.tables) facts.read(table)
      return false
    case 'on':
      if (write.verb !== 'insert' || !isUpsertClause(cursor)) return false
      cursor.next()
      if (cursor.next().key !== 'duplicate') return true
      cursor.next()
      if (cursor.eat('update')) writeAssigned(scanner, write)
      return true
    case 'do':
      if (write.verb !== 'insert' || cursor.peek(1).key !== 'update') return false
      cursor.next()
      cursor.next()
      if (cursor.eat('set')) writeAssigned(scanner, write)
      else facts.fail('an ON CONFLICT that could not be read', true)
      return true
    case 'set':
      // MySQL: INSERT INTO t SET a = 1
      if (write.verb !== 'insert') return false
      cursor.next()
      scanAssignments(scanner, write.verb)
      return true
    case 'then':
      return write.verb === 'merge' && scanMergeArm(scanner, write)
  }
  return false
}

function writeAssigned(scanner: QueryScanner, write: WriteTarget): void {
  const columns = scanAssignments(scanner, write.verb)?.map((assigned) => assigned.column)
  for (const table of write.tables) scanner.facts.write(table, 'update', columns)
}

function scanInsert(scanner: QueryScanner, frame: Frame): void {
  const { cursor, facts, dialect } = scanner
  const replaces = cursor.next().key === 'replace'
  const conflict = readModifiers(cursor)
  // Only MySQL lets INTO be left out; elsewhere this is a statement of another database (INSERT OVERWRITE t).
  if (!cursor.eat('into') && dialect !== 'mysql') facts.fail('an INSERT that could not be read', true)
  const table = readTableName(scanner, 'target')
  if (table === undefined) return
  facts.write(table, 'insert')
  if (replaces || conflict === 'replace') facts.write(table, 'delete')
  frame.write = { verb: 'insert', tables: [table] }
  if (cursor.peek().key === 'partition' && cursor.peek(1).key === '(') {
    cursor.next()
    scanner.skipBracket()
  }
  if (cursor.eat('as')) cursor.next()
  // The column list; a query in brackets is read by the walk.
  if (cursor.peek().key === '(' && isColumnList(cursor)) scanner.skipBracket()
}

function isColumnList(cursor: TokenCursor): boolean {
  const { key, kind } = cursor.peek(1)
  return (
    key !== '(' && !(kind === 'word' && (key === 'select' || key === 'with' || key === 'values' || key === 'table'))
  )
}

function scanUpdate(scanner: QueryScanner, frame: Frame): void {
  const { cursor, facts, dialect } = scanner
  cursor.next()
  const conflict = readModifiers(cursor)
  const references: TableReference[] = []
  scanTableList(scanner, { role: 'target', references })
  const tables = references.flatMap(({ table }) => table ?? [])
  frame.write = { verb: 'update', tables }
  if (tables.length === 0 || (dialect !== 'mysql' && references.length > 1))
    facts.fail('an UPDATE that could not be read', true)
  if (conflict === 'replace') for (const table of tables) facts.write(table, 'delete')
  const assigned = cursor.eat('set') ? scanAssignments(scanner, 'update') : undefined
  for (const [table, columns] of shareColumns(references, assigned)) {
    if (references.length > 1) facts.read(table)
    if (columns === undefined || columns.length > 0) facts.write(table, 'update', columns)
  }
}

/** Which columns of which table an UPDATE assigns; with several tables (MySQL) qualifiers tell, and a bare name may be of any. */
function shareColumns(
  references: readonly TableReference[],
  assigned: readonly Assignment[] | undefined,
): readonly (readonly [string, readonly string[] | undefined])[] {
  const isSingle = references.length === 1
  const isReadable = assigned?.every(
    ({ qualifier }) => isSingle || qualifier === undefined || references.some(({ names }) => names.includes(qualifier)),
  )
  return references.flatMap(({ table, names }) => {
    if (table === undefined) return []
    const columns = assigned
      ?.filter(({ qualifier }) => isSingle || qualifier === undefined || names.includes(qualifier))
      .map(({ column }) => column)
    return [[table, isReadable === true ? columns : undefined] as const]
  })
}

function scanDelete(scanner: QueryScanner, frame: Frame): void {
  const { cursor, facts } = scanner
  cursor.next()
  readModifiers(cursor)
  const targets: TableReference[] = []
  const sources: TableReference[] = []
  if (cursor.eat('from')) {
    scanTableList(scanner, { role: 'target', references: targets, endsAtUsing: true })
    if (cursor.eat('using')) scanTableList(scanner, { references: sources })
  } else {
    // MySQL: DELETE a, b FROM a JOIN b
    do readTarget(scanner, targets)
    while (cursor.eat(','))
    if (cursor.eat('from')) scanTableList(scanner, { references: sources })
    else facts.fail('a DELETE that could not be read', true)
  }
  frame.fromSeen = true
  const tables = targets.flatMap((target) => resolve(target, sources, scanner.dialect === 'mysql'))
  for (const table of tables) facts.write(table, 'delete')
  if (tables.length === 0) facts.fail('a DELETE that could not be read', true)
  frame.write = { verb: 'delete', tables }
}

function readTarget(scanner: QueryScanner, targets: TableReference[]): void {
  const table = readTableName(scanner, 'target')
  const last = scanner.cursor.peek(-1)
  if (table !== undefined) targets.push({ table, names: [last.key === '*' ? table : last.text.toLowerCase()] })
}

/** In MySQL's multi-table DELETE a target may be the alias of a source. */
function resolve(target: TableReference, sources: readonly TableReference[], byAlias: boolean): readonly string[] {
  const own = target.table === undefined ? [] : [target.table]
  if (!byAlias || sources.length === 0) return own
  const meant = sources.filter(({ names }) => names.some((name) => target.names.includes(name)))
  const tables = meant.flatMap(({ table }) => table ?? [])
  return tables.length > 0 ? tables : [...own, ...sources.flatMap(({ table }) => table ?? [])]
}

function scanMerge(scanner: QueryScanner, frame: Frame): void {
  const { cursor, facts } = scanner
  cursor.next()
  cursor.eat('into')
  const references: TableReference[] = []
  scanTableList(scanner, { role: 'target', references, endsAtUsing: true })
  const tables = references.flatMap(({ table }) => table ?? [])
  frame.write = { verb: 'merge', tables }
  if (tables.length === 1 && cursor.eat('using')) scanTableList(scanner, { endsAtOn: true })
  else facts.fail('a MERGE that could not be read', true)
}

function scanMergeArm(scanner: QueryScanner, write: WriteTarget): boolean {
  const { cursor, facts } = scanner
  const verb = cursor.peek(1).key
  switch (verb) {
    case 'update':
      cursor.next()
      cursor.next()
      if (cursor.eat('set')) writeAssigned(scanner, write)
      else facts.fail('a MERGE that could not be read', true)
      return true
    case 'insert':
    case 'delete':
      cursor.next()
      cursor.next()
      for (const table of write.tables) facts.write(table, verb)
      if (cursor.peek().key === '(') scanner.skipBracket()
      return true
  }
  return false
}

interface Assignment {
  /** MySQL: the table or alias before the column, in lower case. */
  readonly qualifier: string | undefined
  readonly column: string
}

/** Reads `a = 1, (b, c) = (..)`. `undefined` when a target could not be read. */
function scanAssignments(scanner: QueryScanner, verb: WriteTarget['verb']): readonly Assignment[] | undefined {
  const { cursor } = scanner
  const assigned: Assignment[] = []
  let isReadable = true
  do {
    isReadable = readAssigned(scanner, assigned) && isReadable
    scanner.body(newFrame(), valueEnd(verb === 'merge'))
  } while (cursor.eat(','))
  if (isReadable) return assigned
  scanner.facts.fail('an assignment that could not be read', true)
  return undefined
}

function readAssigned(scanner: QueryScanner, assigned: Assignment[]): boolean {
  const { cursor } = scanner
  if (cursor.eat('(')) {
    do if (!readColumn(scanner, assigned)) return false
    while (cursor.eat(','))
    if (!cursor.eat(')')) return false
  } else if (!readColumn(scanner, assigned)) return false
  cursor.eat(':')
  return cursor.eat('=')
}

function readColumn(scanner: QueryScanner, assigned: Assignment[]): boolean {
  const { cursor, dialect } = scanner
  if (!isName(cursor.peek()) && cursor.peek().kind !== 'string') return false
  const path = scanner.path()
  // PostgreSQL: what follows the column is a field of it or an element.
  const column = (dialect === 'postgres' ? path[0] : path.at(-1)) as Token
  const qualifier = dialect === 'mysql' ? path.at(-2)?.text.toLowerCase() : undefined
  assigned.push({ qualifier, column: columnKey(storedName(column, dialect), dialect) })
  while (cursor.peek().key === '[' || cursor.peek().key === '.') {
    if (cursor.peek().key === '[') scanner.bracket()
    else cursor.next()
    if (isName(cursor.peek())) cursor.next()
  }
  return true
}

/** Stops at the end of a value. In a MERGE the next arm's WHEN ends it, but not the WHEN of a CASE. */
function valueEnd(isMerge: boolean): (cursor: TokenCursor) => boolean {
  let cases = 0
  return (cursor) => {
    const { key } = cursor.peek()
    if (key === 'case') cases++
    else if (key === 'end' && cases > 0) cases--
    return key === ',' || (isMerge && key === 'when' && cases === 0) || endsAssignment(cursor)
  }
}

/** Moves past LOW_PRIORITY, IGNORE and the like. Returns SQLite's conflict action: `INSERT OR REPLACE`. */
function readModifiers(cursor: TokenCursor): string | undefined {
  cursor.eatAll(modifiers)
  return cursor.eat('or') ? cursor.next().key : undefined
}
const modifiers = new Set(wordList('low_priority high_priority delayed quick ignore'))
