/** Reads the statements that change or show the session: SET, RESET, USE, PRAGMA, SHOW, cursors, LISTEN. */

import { newFrame } from './frame.ts'
import { wordList } from './functions/word-list.ts'
import type { QueryScanner } from './query-scanner.ts'

/** Reads such a statement. False, with nothing read, when it is none. */
export function scanSessionStatement(scanner: QueryScanner): boolean {
  const { cursor, facts, dialect } = scanner
  switch (cursor.peek().key) {
    case 'set':
      scanSet(scanner)
      return true
    case 'reset':
      if (dialect !== 'postgres') return false
      facts.control(cursor.peek(1).key === 'transaction_isolation' ? 'set-transaction' : 'session')
      break
    case 'discard':
    case 'deallocate':
      facts.control('session')
      break
    case 'use':
      if (dialect !== 'mysql') return false
      facts.control('session')
      break
    case 'unlock':
      // MySQL: UNLOCK TABLES commits what LOCK TABLES began.
      if (dialect !== 'mysql') return false
      facts.control('commit')
      break
    case 'attach':
    case 'detach':
      facts.control('session')
      facts.fail('another database is attached', true)
      break
    case 'pragma':
      scanPragma(scanner)
      return true
    case 'show':
    case 'help':
      facts.fail('SHOW reads the state of the server', false)
      break
    case 'listen':
    case 'unlisten':
    case 'notify':
      facts.trait('side-effect')
      break
    case 'declare':
      scanDeclare(scanner)
      return true
    case 'fetch':
    case 'move':
    case 'close':
      // What the cursor's query may write was counted when it was declared.
      facts.trait('session-state')
      facts.fail('reads from a cursor', dialect !== 'postgres')
      break
    default:
      return false
  }
  while (!cursor.statementEnded) cursor.next()
  return true
}

function scanSet(scanner: QueryScanner): void {
  const { cursor, facts, dialect } = scanner
  cursor.next()
  // On MySQL LOCAL is another word for SESSION.
  const isLocal = dialect === 'postgres' && cursor.peek().key === 'local'
  cursor.eatAll(setScopes)
  const first = cursor.peek()
  if (first.key === 'statement') facts.fail('SET STATEMENT runs a statement', true)
  let isTransaction = first.key === 'transaction' || first.key === 'characteristics' || first.key === 'constraints'
  let isAutocommitOn = false
  // SET takes subqueries and functions, and several assignments.
  while (!cursor.statementEnded) {
    const token = cursor.peek()
    const name = (token.key || token.text).toLowerCase().replace(/^@@(?:\w+\.)?/, '')
    if (transactionSettings.has(name)) isTransaction = true
    if (name === 'autocommit') {
      const equals = cursor.peek(1).key === ':' ? 2 : 1
      const value = cursor.peek(equals + 1)
      isAutocommitOn = !['0', 'off', 'false'].includes(value.text.toLowerCase())
    }
    const before = cursor.position
    scanner.body(newFrame(), (at) => at.position > before)
    if (cursor.position === before) {
      facts.fail('brackets that do not match', true)
      cursor.next()
    }
  }
  facts.control(isTransaction ? 'set-transaction' : isLocal ? 'session-local' : 'session')
  // Switching autocommit on commits what is open.
  if (dialect === 'mysql' && isAutocommitOn) facts.control('commit')
}
const setScopes = new Set(wordList('session local global'))
const transactionSettings = new Set(
  wordList(`autocommit transaction_isolation tx_isolation transaction_read_only tx_read_only
    default_transaction_isolation default_transaction_read_only default_transaction_deferrable`),
)

/** Pragmas answer from the database's state; those not in the list may change it. */
function scanPragma(scanner: QueryScanner): void {
  const { cursor, facts } = scanner
  cursor.next()
  if (cursor.peek(1).key === '.') {
    cursor.next()
    cursor.next()
  }
  const name = cursor.next().text.toLowerCase()
  facts.fail(`PRAGMA ${name.slice(0, 30)}`, !harmlessPragmas.has(name))
  const sets = cursor.peek().key === '=' || cursor.peek().key === '('
  if (name === 'read_uncommitted') facts.control('set-transaction')
  else if (sets && !readingPragmas.has(name)) facts.control('session')
  while (!cursor.statementEnded) cursor.next()
}
const readingPragmas = new Set(
  wordList(`collation_list compile_options database_list data_version foreign_key_check foreign_key_list freelist_count
    function_list index_info index_list index_xinfo integrity_check module_list page_count pragma_list quick_check stats
    table_info table_list table_xinfo`),
)
const harmlessPragmas = new Set([
  ...readingPragmas,
  ...wordList(`analysis_limit application_id automatic_index busy_timeout cache_size cache_spill case_sensitive_like
    cell_size_check checkpoint_fullfsync defer_foreign_keys encoding foreign_keys fullfsync hard_heap_limit
    ignore_check_constraints journal_mode journal_size_limit locking_mode max_page_count mmap_size page_size query_only
    read_uncommitted recursive_triggers secure_delete soft_heap_limit synchronous temp_store threads trusted_schema
    user_version wal_autocheckpoint wal_checkpoint shrink_memory optimize`),
])

/** DECLARE c CURSOR FOR query */
function scanDeclare(scanner: QueryScanner): void {
  const { cursor, facts } = scanner
  facts.trait('session-state')
  cursor.next()
  while (!cursor.statementEnded && cursor.peek().key !== 'for') cursor.next()
  if (cursor.eat('for')) scanner.body()
  else facts.fail('a DECLARE that could not be read', true)
}
