/** Date texts whose meaning moves with the clock, such as PostgreSQL's `'today'`. */

import type { Dialect } from './statement-tables.ts'

const postgresWord = /\b(?:now|today|tomorrow|yesterday)\b/i
const longestDateText = 60

/**
 * True when a value, cast to a date or time type (PostgreSQL also does so silently: `created_at > 'today'`) or given
 * to a date function (SQLite), means another moment each time it is evaluated. Text analysis asks it about literals;
 * it holds for parameter values just the same. MySQL has no such texts.
 */
export function isMovingDateText(text: string, dialect: Dialect): boolean {
  if (dialect === 'mysql' || text.length > longestDateText) return false
  if (dialect === 'sqlite') return text.trim().toLowerCase() === 'now'
  if (!postgresWord.test(text)) return false
  // 'today 04:00', 'tomorrow allballs' and 'now UTC' are dates; 'pay now' is prose.
  const rest = text.replace(postgresWord, '')
  return !/[a-z]/i.test(rest) || /\d/.test(rest) || /\b(?:allballs|utc|gmt|zulu|z)\b/i.test(rest)
}
