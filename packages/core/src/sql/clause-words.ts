/** Which keywords end a list of tables, and which words before a bracket are syntax and not the name of a function. */

import { wordList } from './functions/word-list.ts'
import type { Dialect } from './statement-tables.ts'
import type { Token } from './token.ts'
import type { TokenCursor } from './token-cursor.ts'

const reservedEnds = new Set(wordList('where group having order limit union into'))
/** Ends that some dialect also allows as the name of a column or alias. */
const possibleEnds = new Set(
  wordList('offset fetch for window intersect except minus returning set values lock procedure'),
)
/** What follows a name and never begins what follows a keyword of `possibleEnds`. */
const continuesName = new Set(
  wordList(', . = < > ! * / % | & ^ ) ] and or xor is in like ilike rlike regexp glob between on using as join'),
)

/** True when the current token ends a list of tables or the condition of a join. */
export function endsTableList(cursor: TokenCursor): boolean {
  const { key } = cursor.peek()
  if (reservedEnds.has(key)) return true
  if (key === 'lock' && cursor.peek(1).key === 'in') return cursor.peek(2).key === 'share'
  // MySQL: `FROM a offset, b`. Taking that offset for the clause would lose b.
  return possibleEnds.has(key) && !continuesName.has(cursor.peek(1).key)
}

/**
 * True where the value of an assignment (`SET a = 1`) ends, besides a comma. Narrower than {@link endsTableList}:
 * ending too early would lose the columns that follow, and VALUES(a) is a function there.
 */
export function endsAssignment(cursor: TokenCursor): boolean {
  const { key } = cursor.peek()
  if (key === 'from') return !isDistinctFrom(cursor)
  if (key === 'returning') return !continuesName.has(cursor.peek(1).key)
  return key === 'where' || key === 'order' || key === 'limit' || isUpsertClause(cursor)
}

/** `LEFT JOIN` and the like, but not the functions LEFT() and RIGHT(). */
export function isJoinModifier(cursor: TokenCursor): boolean {
  return joinModifiers.has(cursor.peek().key) && cursor.peek(1).key !== '('
}
const joinModifiers = new Set(wordList('natural left right full inner outer cross'))

/** `IS [NOT] DISTINCT FROM`: a comparison, not a list of tables. */
export function isDistinctFrom(cursor: TokenCursor): boolean {
  if (cursor.peek().key !== 'from' || cursor.peek(-1).key !== 'distinct') return false
  const before = cursor.peek(-2).key
  return before === 'is' || before === 'not'
}

/** `ON CONFLICT (..) | DO | ON CONSTRAINT` and `ON DUPLICATE KEY`. */
export function isUpsertClause(cursor: TokenCursor): boolean {
  if (cursor.peek().key !== 'on') return false
  const word = cursor.peek(1).key
  const after = cursor.peek(2).key
  if (word === 'duplicate') return after === 'key'
  return word === 'conflict' && (after === '(' || after === 'do' || after === 'on')
}

/** True where the condition of a join, `ON a.x = b.x`, ends. */
export function endsJoinCondition(cursor: TokenCursor): boolean {
  switch (cursor.peek().key) {
    case ',':
    case 'join':
    case 'straight_join':
    case 'on':
    case 'using':
      return true
    case 'from':
      return !isDistinctFrom(cursor)
  }
  return isJoinModifier(cursor) || endsTableList(cursor)
}

/** True where a query begins: the first word in a bracket tells a subquery from a list. */
export function startsQuery(cursor: TokenCursor): boolean {
  return queryStarts.has(cursor.peek().key)
}
const queryStarts = new Set(wordList('select with values table'))

/** True when what follows this token is the first in its bracket or statement. */
export function startsPart(before: Token): boolean {
  return before.kind === 'end' || before.key === '(' || before.key === ';'
}

/** Calls in which FROM separates arguments: `EXTRACT(year FROM x)`. */
export const callsWithFrom: ReadonlySet<string> = new Set(wordList('extract substring substr mid trim overlay'))

/** Reserved in every dialect (a few only where the others have no such function). */
const syntaxEverywhere = wordList(`
  select distinct all where from having and or not in exists case when then else between is like as on using values
  union intersect except limit offset returning to default lateral unique primary references with collate constraint
  check join group`)
const syntaxWords: Record<Dialect, ReadonlySet<string>> = {
  postgres: new Set([
    ...syntaxEverywhere,
    ...wordList('any some array row only symmetric ilike similar variadic both leading trailing window fetch placing'),
  ]),
  mysql: new Set([
    ...syntaxEverywhere,
    ...wordList(
      'any some row regexp rlike div mod xor binary interval of against both leading trailing value key index',
    ),
  ]),
  sqlite: new Set([...syntaxEverywhere, 'glob', 'match', 'regexp', 'isnull', 'notnull']),
}
/** Words that are syntax only after certain others; elsewhere they may name a function. */
const syntaxAfter: Readonly<Record<string, ReadonlySet<string>>> = {
  over: new Set([')', 'nulls', 'first', 'last']),
  by: new Set(['order', 'group', 'partition']),
  first: new Set(['fetch']),
  next: new Set(['fetch']),
  filter: new Set([')']),
  sets: new Set(['grouping']),
  zone: new Set(['time']),
  escape: new Set(['']),
  conflict: new Set(['on']),
  columns: new Set(['', ')']),
  materialized: new Set(['as', 'not']),
}

/** True when this word before a bracket is not a call. `previous` is the key of the token before it. */
export function isSyntaxBeforeBracket(word: string, previous: string, dialect: Dialect): boolean {
  return syntaxWords[dialect].has(word) || (syntaxAfter[word]?.has(previous) ?? false)
}
