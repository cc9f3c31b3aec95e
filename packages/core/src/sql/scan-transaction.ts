/** Reads the statements that begin, end or configure a transaction. */

import { wordList } from './functions/word-list.ts'
import type { QueryScanner } from './query-scanner.ts'

/** Reads such a statement. False, with nothing read, when it is none. */
export function scanTransactionStatement(scanner: QueryScanner): boolean {
  const { cursor, facts } = scanner
  const next = cursor.peek(1).key
  switch (cursor.peek().key) {
    case 'begin':
      scanBegin(scanner)
      return true
    case 'start':
      if (next !== 'transaction') return false
      scanBegin(scanner)
      return true
    case 'commit':
    case 'end':
      scanEnd(scanner, 'commit')
      return true
    case 'rollback':
    case 'abort':
      scanEnd(scanner, 'rollback')
      return true
    case 'savepoint':
      facts.control('savepoint')
      skipNames(scanner)
      return true
    case 'release':
      facts.control('release')
      skipNames(scanner)
      return true
    case 'xa':
      twoPhase(scanner)
      return true
    case 'prepare':
      if (next !== 'transaction') return false
      twoPhase(scanner)
      return true
  }
  return false
}

function scanBegin(scanner: QueryScanner): void {
  const { cursor, facts } = scanner
  facts.control('begin')
  cursor.next()
  while (!cursor.statementEnded) {
    const { key, kind } = cursor.next()
    if (key === 'isolation') facts.control('set-transaction')
    else if (!beginWords.has(key) && kind !== 'number') facts.fail('a BEGIN that could not be read', true)
  }
}
const beginWords = new Set(
  wordList(`transaction work level serializable repeatable read committed uncommitted write only not deferrable
    deferred immediate exclusive concurrent with consistent snapshot ,`),
)

function scanEnd(scanner: QueryScanner, control: 'commit' | 'rollback'): void {
  const { cursor, facts } = scanner
  cursor.next()
  if (cursor.peek().key === 'prepared') return twoPhase(scanner)
  cursor.eat('work')
  cursor.eat('transaction')
  cursor.eat('tran')
  if (control === 'rollback' && cursor.eat('to')) {
    facts.control('rollback-to')
    return skipNames(scanner)
  }
  facts.control(control)
  if (cursor.eat('and')) {
    const isChained = !cursor.eat('no')
    cursor.eat('chain')
    if (isChained) facts.control('begin')
  }
  cursor.eat('no')
  cursor.eat('release')
  while (!cursor.statementEnded) {
    cursor.next()
    facts.fail(`a ${control.toUpperCase()} that could not be read`, true)
  }
}

/** What the other phase of this transaction wrote is not in this text, and maybe not of this connection. */
function twoPhase(scanner: QueryScanner): void {
  scanner.facts.control('two-phase')
  scanner.facts.fail('a transaction in two phases', true)
  while (!scanner.cursor.statementEnded) scanner.cursor.next()
}

function skipNames(scanner: QueryScanner): void {
  while (!scanner.cursor.statementEnded) scanner.cursor.next()
}
