/** Reads one statement of a text: finds out its kind by its first word and hands it to the reader of that kind. */

import { newFrame } from './frame.ts'
import { wordList } from './functions/word-list.ts'
import { QueryScanner } from './query-scanner.ts'
import { scanDefinition } from './scan-definition.ts'
import { scanSessionStatement } from './scan-session.ts'
import { readTableName } from './scan-table-list.ts'
import { scanTransactionStatement } from './scan-transaction.ts'
import { scanWrite } from './scan-write.ts'
import { TableFacts } from './table-facts.ts'
import { isName } from './token.ts'

/** Reads a statement up to its `;` or the end of the text. */
export function scanStatement(scanner: QueryScanner): void {
  const { cursor, facts } = scanner
  scanner.scope = undefined
  facts.statement()
  scanKnown(scanner)
  while (!cursor.statementEnded) {
    facts.fail('brackets that do not match', true)
    cursor.next()
    scanner.body()
  }
}

function scanKnown(scanner: QueryScanner): void {
  const { cursor, facts } = scanner
  const { key, text } = cursor.peek()
  switch (key) {
    case 'select':
    case 'with':
    case 'values':
    case 'table':
    case '(':
      return scanner.body()
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
    case 'replace': {
      const frame = newFrame()
      scanWrite(scanner, frame)
      return scanner.body(frame)
    }
    case 'explain':
    case 'describe':
    case 'desc':
      return scanExplain(scanner)
    case 'truncate':
      return scanTruncate(scanner)
    case 'copy':
      return scanCopy(scanner)
    case 'refresh':
      return scanRefresh(scanner)
    case 'load':
      return scanLoad(scanner)
    case 'lock':
      return scanLock(scanner)
  }
  if (scanTransactionStatement(scanner) || scanSessionStatement(scanner) || scanDefinition(scanner)) return
  facts.fail(`statement ${text.slice(0, 30).toUpperCase()} is not known`, true)
  skim(scanner)
}

/** Looks through a statement without a known shape: what is found is a lower bound. */
function skim(scanner: QueryScanner): void {
  const { cursor } = scanner
  while (!cursor.statementEnded) {
    if (cursor.peek().key === 'select' || cursor.peek().key === 'with') scanner.body()
    if (!cursor.statementEnded) cursor.next()
  }
}

/** A plan depends on statistics, so it is never cached; only EXPLAIN ANALYZE runs what it explains. */
function scanExplain(scanner: QueryScanner): void {
  const { cursor, facts, dialect } = scanner
  cursor.next()
  const isRun = readExplainOptions(scanner)
  facts.fail('EXPLAIN', false)
  if (!explained.has(cursor.peek().key)) {
    // DESCRIBE t
    if (isName(cursor.peek()) && dialect === 'mysql') readTableName(scanner)
    else if (!cursor.statementEnded) facts.fail('an EXPLAIN that could not be read', true)
    while (!cursor.statementEnded) cursor.next()
    return
  }
  if (isRun) return scanKnown(scanner)
  const unrun = new TableFacts()
  scanKnown(new QueryScanner(cursor, unrun, dialect))
  facts.addAsReads(unrun)
}
const explained = new Set(wordList('select with values table ( insert update delete merge replace'))

function readExplainOptions(scanner: QueryScanner): boolean {
  const { cursor } = scanner
  let isRun = false
  if (cursor.peek().key === '(' && !explained.has(cursor.peek(1).key)) {
    while (!cursor.closed) {
      const isAnalyze = cursor.next().key.startsWith('analy')
      // ANALYZE OFF is the one way to switch it off that is common; any other value counts as on.
      if (isAnalyze && cursor.peek().key !== 'off' && cursor.peek().key !== 'false') isRun = true
    }
    cursor.eat(')')
    return isRun
  }
  for (;;) {
    const { key } = cursor.peek()
    if (key === 'analyze' || key === 'analyse') isRun = true
    else if (!explainOptions.has(key)) return isRun
    cursor.next()
    if (key === 'format') {
      cursor.eat('=')
      cursor.next()
    }
  }
}
const explainOptions = new Set(wordList('verbose extended partitions format query plan'))

function scanTruncate(scanner: QueryScanner): void {
  const { cursor, facts, dialect } = scanner
  cursor.next()
  cursor.eat('table')
  do {
    const table = readTableName(scanner, 'target')
    if (table !== undefined) facts.write(table, 'truncate')
    cursor.eat('*')
  } while (cursor.eat(','))
  if (dialect === 'mysql') facts.control('commit')
  while (!cursor.statementEnded) {
    if (!truncateOptions.has(cursor.next().key)) facts.fail('a TRUNCATE that could not be read', true)
  }
}
const truncateOptions = new Set(wordList('restart continue identity cascade restrict wait nowait'))

/** `COPY t FROM` writes, `COPY t TO` and `COPY (query) TO` read. */
function scanCopy(scanner: QueryScanner): void {
  const { cursor, facts, dialect } = scanner
  cursor.next()
  facts.trait('side-effect')
  if (dialect !== 'postgres') facts.fail('statement COPY is not known', true)
  if (cursor.peek().key === '(') {
    scanner.bracket()
  } else {
    cursor.eat('binary')
    const table = readTableName(scanner, 'target')
    if (cursor.peek().key === '(') scanner.skipBracket()
    if (table !== undefined && cursor.peek().key === 'from') facts.write(table, 'insert')
    else if (table !== undefined && cursor.peek().key === 'to') facts.read(table)
    else facts.fail('a COPY that could not be read', true)
  }
  if (!cursor.statementEnded) cursor.next()
  scanner.body(newFrame())
}

/** Every row of the view may be another one afterwards; its base tables do not change. */
function scanRefresh(scanner: QueryScanner): void {
  const { cursor, facts } = scanner
  cursor.next()
  const isView = cursor.eat('materialized') && cursor.eat('view')
  cursor.eat('concurrently')
  const view = isView ? readTableName(scanner, 'target') : undefined
  if (view === undefined) facts.fail('statement REFRESH is not known', true)
  else {
    facts.write(view, 'delete')
    facts.write(view, 'insert')
  }
  while (!cursor.statementEnded) cursor.next()
}

/** MySQL: LOAD DATA .. [REPLACE] INTO TABLE t. */
function scanLoad(scanner: QueryScanner): void {
  const { cursor, facts } = scanner
  let replaces = false
  while (!cursor.statementEnded && cursor.peek().key !== 'into') replaces = cursor.next().key === 'replace' || replaces
  const table = cursor.eat('into') && cursor.eat('table') ? readTableName(scanner, 'target') : undefined
  if (table === undefined) facts.fail('statement LOAD is not known', true)
  else {
    facts.write(table, 'insert')
    if (replaces) facts.write(table, 'delete')
  }
  facts.trait('side-effect')
  scanner.body()
}

function scanLock(scanner: QueryScanner): void {
  const { cursor, facts, dialect } = scanner
  cursor.next()
  facts.trait('row-lock')
  // LOCK TABLES commits the open transaction.
  if (dialect === 'mysql') facts.control('commit')
  if (!cursor.eat('table')) cursor.eat('tables')
  do {
    readTableName(scanner)
    cursor.eat('*')
    while (!cursor.statementEnded && cursor.peek().key !== ',') cursor.next()
  } while (cursor.eat(','))
}
