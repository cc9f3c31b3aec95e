/** Reads WITH lists: their bodies, and from where on their names hide tables of the same name. */

import { startsPart, startsQuery } from './clause-words.ts'
import { CteScope } from './cte-scope.ts'
import type { Frame } from './frame.ts'
import type { QueryScanner } from './query-scanner.ts'
import { scanWrite, writeVerbs } from './scan-write.ts'
import { isName } from './token.ts'

/** WITH after WITH without brackets between them; real texts have one or two. */
const maxScopes = 150

/** Reads a list; the cursor is at WITH. False, with nothing read, when the word means something else here. */
export function scanWith(scanner: QueryScanner, frame: Frame): boolean {
  const { cursor, facts } = scanner
  const isRecursive = cursor.peek(1).key === 'recursive' && isName(cursor.peek(2)) && cursor.peek(2).key !== 'as'
  const nameAt = isRecursive ? 2 : 1
  const afterName = cursor.peek(nameAt + 1).key
  // WITH also stands in WITH TIES, WITH TIME ZONE, WITH ROLLUP, WITH UNIQUE KEYS.
  if (!isName(cursor.peek(nameAt)) || (afterName !== 'as' && afterName !== '(')) {
    if (startsPart(cursor.peek(-1))) facts.fail('a WITH that could not be read', true)
    return false
  }
  cursor.next()
  if (isRecursive) cursor.next()
  const scope = new CteScope(scanner.scope)
  scanner.scope = scope
  if (scope.depth > maxScopes) {
    scanner.giveUp()
    return true
  }
  do readItem(scanner, scope, isRecursive)
  while (cursor.eat(','))
  if (writeVerbs.has(cursor.peek().key)) scanner.deeper(() => scanWrite(scanner, frame))
  return true
}

/** `name (columns) AS [NOT] [MATERIALIZED] (body)` */
function readItem(scanner: QueryScanner, scope: CteScope, isRecursive: boolean): void {
  const { cursor, facts } = scanner
  if (!isName(cursor.peek())) return facts.fail('a WITH that could not be read', true)
  const name = scanner.cteName(cursor.next())
  if (cursor.peek().key === '(') scanner.skipBracket()
  const hasAs = cursor.eat('as')
  cursor.eat('not')
  cursor.eat('materialized')
  if (!hasAs || cursor.peek().key !== '(') return facts.fail('a WITH that could not be read', true)
  // SQLite needs no RECURSIVE: a body that names itself never means a table.
  if (isRecursive || scanner.dialect === 'sqlite') scope.add(name)
  scanner.bracket()
  scope.add(name)
  if (cursor.peek().key === 'search' || cursor.peek().key === 'cycle') skipSearchClause(scanner)
}

/** PostgreSQL: `SEARCH DEPTH FIRST BY a, b SET c` and `CYCLE a SET b USING c` hold only names. */
function skipSearchClause({ cursor }: QueryScanner): void {
  while (!cursor.closed && !startsQuery(cursor) && !writeVerbs.has(cursor.peek().key)) {
    const after = cursor.peek(2).key
    if (cursor.peek().key === ',' && (after === 'as' || after === '(')) return
    cursor.next()
  }
}
