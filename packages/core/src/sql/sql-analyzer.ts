/** The analysis with a memory: applications send few texts many times. */

import { LRUCache } from 'lru-cache'
import { analyzeSql } from './analyze-sql.ts'
import type { Dialect, StatementTables } from './statement-tables.ts'

/** Analyses texts and remembers the answers. Results are frozen and shared. */
export interface SqlAnalyzer {
  analyze(sql: string, dialect: Dialect): StatementTables
}

/** Bounds of the memory, for each dialect that is asked for. */
export interface SqlAnalyzerOptions {
  /** Number of texts to remember. Default 5,000. */
  readonly maxTexts?: number
  /** Total size of the texts remembered, in bytes. Default 16 MiB. */
  readonly maxBytes?: number
  /** Longer texts (in bytes) are analysed each time: they rarely come twice. Default 64 KiB. */
  readonly maxTextBytes?: number
}

/** V8 may keep two bytes per character, and the frozen result with its lists takes about this much. */
const bytesPerResult = 600

/** @throws TypeError when a bound is not a positive integer. */
export function createSqlAnalyzer(options: SqlAnalyzerOptions = {}): SqlAnalyzer {
  const { maxTexts = 5_000, maxBytes = 16 * 1024 * 1024, maxTextBytes = 64 * 1024 } = options
  for (const [name, value] of Object.entries({ maxTexts, maxBytes, maxTextBytes })) {
    if (!Number.isSafeInteger(value) || value <= 0)
      throw new TypeError(`${name} must be a positive integer, not ${value}`)
  }
  const newMemory = () =>
    new LRUCache<string, StatementTables>({
      max: maxTexts,
      maxSize: maxBytes,
      sizeCalculation: (_, sql) => sql.length * 2 + bytesPerResult,
    })
  const memories = new Map<Dialect, LRUCache<string, StatementTables>>()
  return {
    analyze(sql, dialect) {
      if (sql.length * 2 > maxTextBytes) return analyzeSql(sql, dialect)
      let memory = memories.get(dialect)
      if (memory === undefined) {
        memory = newMemory()
        memories.set(dialect, memory)
      }
      const known = memory.get(sql)
      if (known !== undefined) return known
      const tables = analyzeSql(sql, dialect)
      memory.set(sql, tables)
      return tables
    },
  }
}
