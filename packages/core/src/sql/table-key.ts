/** How table and column names are normalised, so that a name from SQL text and one from an ORM's schema agree. */

import type { Dialect } from './statement-tables.ts'

/** PostgreSQL keeps this many bytes of an identifier and drops the rest without an error (NAMEDATALEN - 1). */
const postgresNameBytes = 63

/**
 * The name that a table tag carries. `name` is as the database stores it (an unquoted PostgreSQL name already folded).
 *
 * - `postgres`: exact, cut to 63 bytes as the server does.
 * - `mysql`: lower case. Whether `Users` and `users` are one table depends on `lower_case_table_names`; joining them is the safe superset.
 * - `sqlite`: lower case, since SQLite never tells `Users` from `users`.
 */
export function tableKey(name: string, dialect: Dialect): string {
  return dialect === 'postgres' ? cutToBytes(name, postgresNameBytes) : name.toLowerCase()
}

/** The same for a column name; MySQL and SQLite compare columns without regard to case. */
export function columnKey(name: string, dialect: Dialect): string {
  return tableKey(name, dialect)
}

/**
 * An unquoted PostgreSQL identifier as the server reads it. Only ASCII letters are folded: in UTF-8 databases
 * the server leaves all others alone, so `toLowerCase()` would name a different table.
 */
export function foldUnquoted(name: string): string {
  return isAscii(name) ? name.toLowerCase() : name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

function isAscii(name: string): boolean {
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) > 127) return false
  return true
}

function cutToBytes(name: string, limit: number): string {
  if (name.length * 3 <= limit || Buffer.byteLength(name) <= limit) return name
  let bytes = 0
  let kept = ''
  for (const character of name) {
    bytes += Buffer.byteLength(character)
    if (bytes > limit) break
    kept += character
  }
  return kept
}
