/** Finds the tables that an SQL text reads and writes, and what in it forbids caching. */

import { QueryScanner } from './query-scanner.ts'
import { scanStatement } from './scan-statement.ts'
import type { Dialect, StatementTables } from './statement-tables.ts'
import { TableFacts } from './table-facts.ts'
import { TokenCursor } from './token-cursor.ts'
import { tokenize } from './tokenize.ts'

/**
 * Analyses a text, which may hold several statements. Pure; time grows linearly with the text; never throws.
 *
 * It promises not to miss a table that the text names: the lists may hold too much (a WITH name that could also
 * be a table), and whatever does not have a known shape is `unknown`. It cannot see what only the database knows:
 * the tables behind views, triggers, rules, policies and cascades.
 *
 * Names are normalised by `tableKey` and `columnKey`. In MySQL the control `commit` also stands for implicit commits
 * (DDL, TRUNCATE, LOCK TABLES, switching autocommit on).
 */
export function analyzeSql(sql: string, dialect: Dialect): StatementTables {
  try {
    return analyzeCounted(sql, dialect).tables
  } catch (error) {
    // A fault in the analysis must not become a fault of the query.
    const facts = new TableFacts()
    facts.fail(`the analysis failed: ${String(error).slice(0, 100)}`, true)
    return facts.result()
  }
}

/** The analysis with the number of looks at tokens that it took, by which its cost can be tested without a clock. */
export function analyzeCounted(
  sql: string,
  dialect: Dialect,
): { readonly tables: StatementTables; readonly steps: number } {
  const facts = new TableFacts()
  const { tokens, fault } = tokenize(sql, dialect)
  const cursor = new TokenCursor(tokens)
  if (fault !== undefined) facts.fail(`text that could not be read: ${fault}`, true)
  const scanner = new QueryScanner(cursor, facts, dialect)
  while (cursor.peek().kind !== 'end') {
    if (!cursor.eat(';')) scanStatement(scanner)
  }
  return { tables: facts.result(), steps: cursor.steps }
}
