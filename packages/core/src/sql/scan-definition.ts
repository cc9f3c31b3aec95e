/** Reads DDL. It always counts as a write to everything; the tables that it names are listed beside. */

import { wordList } from './functions/word-list.ts'
import type { QueryScanner } from './query-scanner.ts'
import { readTableName } from './scan-table-list.ts'
import { isName } from './token.ts'

/** Reads such a statement. False, with nothing read, when it is none. */
export function scanDefinition(scanner: QueryScanner): boolean {
  const { cursor, facts, dialect } = scanner
  const verb = cursor.peek().key
  if (!verbs.has(verb)) return false
  const kind = objectKind(scanner)
  facts.fail(`DDL: ${verb.toUpperCase()} ${kind.toUpperCase()}`.trim(), true)
  // MySQL: DDL commits the open transaction, except on temporary tables.
  if (!readTemporary(scanner) && dialect === 'mysql') facts.control('commit')
  skipTo(scanner, kind)
  if (tableKinds.has(kind)) readNames(scanner)
  else if (kind === 'index' || kind === 'trigger') readIndexed(scanner)
  if (bodyKinds.has(kind)) skipDefinitionBody(scanner)
  else readQueries(scanner)
  return true
}

const verbs = new Set(wordList('create alter drop rename comment grant revoke'))
const tableKinds = new Set(wordList('table tables view'))
const bodyKinds = new Set(wordList('function procedure trigger event package'))
const kinds = new Set([
  ...tableKinds,
  ...bodyKinds,
  ...wordList(`index sequence schema database type domain role user extension policy rule aggregate operator collation
    cast conversion server language publication subscription statistics tablespace`),
])
const temporaryWords = new Set(['temp', 'temporary'])
/** The longest way to the kind: CREATE OR REPLACE ALGORITHM = MERGE DEFINER = user@host SQL SECURITY DEFINER VIEW. */
const furthestKind = 16

function objectKind(scanner: QueryScanner): string {
  for (let ahead = 1; ahead <= furthestKind; ahead++) {
    const { key, kind } = scanner.cursor.peek(ahead)
    if (kinds.has(key)) return key
    if (kind === 'end' || key === ';' || key === '(') return ''
  }
  return ''
}

function readTemporary(scanner: QueryScanner): boolean {
  const { cursor, facts } = scanner
  if (
    !temporaryWords.has(cursor.peek(1).key) &&
    !temporaryWords.has(cursor.peek(2).key) &&
    !temporaryWords.has(cursor.peek(3).key)
  ) {
    return false
  }
  facts.trait('temporary-table')
  // From here on the name may mean another table in this session.
  facts.control('session')
  return true
}

function skipTo(scanner: QueryScanner, kind: string): void {
  const { cursor } = scanner
  cursor.next()
  while (kind !== '' && !cursor.statementEnded && cursor.next().key !== kind);
}

function readNames(scanner: QueryScanner): void {
  const { cursor, facts } = scanner
  do {
    cursor.eatAll(beforeName)
    if (!isName(cursor.peek()) && cursor.peek().kind !== 'string') return
    const table = readTableName(scanner, 'target')
    if (table !== undefined) facts.write(table, 'ddl')
    // RENAME TABLE a TO b
    if (!cursor.eat('to') && cursor.peek().key !== ',') return
    cursor.eat(',')
  } while (!cursor.closed)
}
const beforeName = new Set(wordList('if not exists only concurrently'))

/** CREATE INDEX i ON t, CREATE TRIGGER x AFTER INSERT ON t */
function readIndexed(scanner: QueryScanner): void {
  const { cursor, facts } = scanner
  while (!cursor.closed && cursor.peek().key !== 'on') cursor.next()
  if (!cursor.eat('on') || !isName(cursor.peek())) return
  const table = readTableName(scanner, 'target')
  if (table !== undefined) facts.write(table, 'ddl')
}

/** CREATE TABLE .. AS SELECT, CREATE VIEW .. AS SELECT: what they read. */
function readQueries(scanner: QueryScanner): void {
  const { cursor } = scanner
  while (!cursor.statementEnded) {
    const { key } = cursor.peek()
    if (key === 'select' || key === 'with' || (key === 'table' && cursor.peek(-1).key === 'as')) scanner.body()
    if (!cursor.statementEnded) cursor.next()
  }
}

/**
 * A body holds statements of its own, and their `;` and END do not end this one. SQLite and PostgreSQL bodies are
 * BEGIN .. END; MySQL's nest in too many ways, so there the rest of the text belongs to the body.
 */
function skipDefinitionBody(scanner: QueryScanner): void {
  const { cursor, dialect } = scanner
  if (dialect === 'mysql') return cursor.toEnd()
  while (!cursor.statementEnded && cursor.peek().key !== 'begin') cursor.next()
  if (cursor.statementEnded) return
  cursor.next()
  let cases = 0
  while (cursor.peek().kind !== 'end') {
    const { key } = cursor.next()
    if (key === 'case') cases++
    else if (key === 'end' && cases-- === 0) return
  }
}
