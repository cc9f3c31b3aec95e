/** What an error of a statement or COMMIT says about what the database did. */

import type { Dialect } from '../sql/statement-tables.ts'

/**
 * - `failed`: the server proved that nothing was written.
 * - `ended`: the server has answered, nothing more will come, but part of it may have been written.
 * - `unknown`: the server has not told; the statement may still commit.
 */
export type Outcome = 'failed' | 'ended' | 'unknown'

/** An error as an adapter understands it. */
export interface ServerVerdict {
  /** The SQLSTATE, or errno as text, that the server sent for this very statement; absent for errors that the client made up. */
  readonly serverCode?: string | undefined
  /** The statement never left this process (a pool time-out before a connection was there, refused arguments). */
  readonly notSent?: boolean
}

/** SQLSTATE classes and codes after which a connection is gone or the outcome is not told. */
const UNSURE = /^(08|57P|58|XX|F0|40003|25P03|53)/

/**
 * Classifies the failure of a write. Only PostgreSQL guarantees that a failed statement left nothing behind;
 * MySQL's non-transactional tables and SQLite's OR FAIL keep what was written before the error.
 *
 * `statements` is the number of statements in the text: with several, an earlier one may have committed.
 */
export function outcomeOf(verdict: ServerVerdict | undefined, dialect: Dialect, statements: number): Outcome {
  if (verdict?.notSent) return 'failed'
  const code = verdict?.serverCode
  if (code === undefined) return 'unknown'
  if (dialect === 'postgres') {
    if (!/^[0-9A-Z]{5}$/.test(code) || UNSURE.test(code)) return 'unknown'
    return statements === 1 ? 'failed' : 'ended'
  }
  if (dialect === 'mysql') return isMysqlServerError(code) ? 'ended' : 'unknown'
  return 'ended'
}

/** Errors that end the connection while a statement may still run. */
const MYSQL_CONNECTION_ENDS: ReadonlySet<number> = new Set([
  1053, 1077, 1078, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 4031,
])

/** Errors of the server proper: 2000 to 2999 and above 5000 are made up by clients and connectors. */
function isMysqlServerError(code: string): boolean {
  const errno = Number(code)
  const isServers = (errno >= 1000 && errno < 2000) || (errno >= 3000 && errno < 5000)
  return Number.isInteger(errno) && isServers && !MYSQL_CONNECTION_ENDS.has(errno)
}
