/** Compares the analysis with tables that a real PostgreSQL locked, or that people wrote down, for some 3,300 statements. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { analyzeSql } from './analyze-sql.ts'
import type { Dialect } from './statement-tables.ts'

interface OracleRow {
  readonly id?: string
  readonly sql: string
  readonly dialects?: readonly string[]
  readonly reads?: readonly string[]
  readonly writes?: readonly string[]
  /** Read or written. */
  readonly tables?: readonly string[]
}

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const folder = join(process.env['LARDER_DATA_DIR'] ?? join(root, '../shared/data'), 'sql-oracle')
const summary: Record<string, string | number>[] = []

/** Where the expected name stands in the text as something else. */
const otherMeaning: readonly string[] = [
  // A view over a table `id`; the text has a column `id`.
  'update id_ordered set name',
  // BigQuery quotes the whole path; in our dialects it is one name.
  '`schema-with-dash.tablename`',
]

function load(name: string): readonly OracleRow[] {
  const text = gunzipSync(readFileSync(join(folder, `${name}.jsonl.gz`))).toString()
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as OracleRow)
}

/** The last part of a path, without quotes and case: how the oracle's spelling and ours agree. */
const bare = (name: string) => (name.split('.').at(-1) ?? name).replace(/^["`]|["`]$/g, '').toLowerCase()

function standsIn(name: string, text: string): boolean {
  const escaped = name.replace(/\W/g, '\\$&')
  return new RegExp(`(?<![\\w$])${escaped}(?![\\w$])`).test(text)
}

type Verdict = { readonly kind: 'exact' | 'superset' | 'unknown' | 'missed'; readonly reason?: string }

function judge(row: OracleRow, dialect: Dialect): Verdict {
  const found = analyzeSql(row.sql, dialect)
  const text = row.sql.replace(/'[^']*'/g, "''").toLowerCase()
  const expected = (names: readonly string[] = []) => names.map(bare).filter((name) => standsIn(name, text))
  const written = new Set(found.writes.map(({ table }) => table.toLowerCase()))
  const touched = new Set([...found.reads.map((table) => table.toLowerCase()), ...written])
  const lostWrites = expected(row.writes).filter((table) => !written.has(table))
  if (found.unknown !== undefined) {
    return lostWrites.length > 0 && !found.mayWrite ? { kind: 'missed' } : { kind: 'unknown', reason: found.unknown }
  }
  const lost = [...expected(row.reads), ...expected(row.tables)].filter((table) => !touched.has(table))
  if (lost.length + lostWrites.length > 0 && !otherMeaning.some((part) => row.sql.includes(part)))
    return { kind: 'missed' }
  const all = new Set([...(row.reads ?? []), ...(row.writes ?? []), ...(row.tables ?? [])].map(bare))
  return { kind: [...touched].every((table) => all.has(table)) ? 'exact' : 'superset' }
}

function run(file: string, rows: readonly OracleRow[], dialectOf: (row: OracleRow) => Dialect) {
  const counts = { exact: 0, superset: 0, unknown: 0, missed: 0 }
  const reasons: Record<string, number> = {}
  const missed: string[] = []
  for (const row of rows) {
    const { kind, reason } = judge(row, dialectOf(row))
    counts[kind]++
    if (kind === 'missed') missed.push(row.sql)
    const group = reason?.replace(/function \S+ is/, 'a function is')
    if (group !== undefined) reasons[group] = (reasons[group] ?? 0) + 1
  }
  const [mostCommon = ['', 0]] = Object.entries(reasons).sort((a, b) => b[1] - a[1])
  summary.push({ file, rows: rows.length, ...counts, 'most common reason': mostCommon.join(' x ') })
  return { missed, unknownShare: counts.unknown / rows.length }
}

describe.skipIf(!existsSync(folder))(`H20 H22 H25 H26 the SQL oracle (${folder})`, () => {
  afterAll(() => console.table(summary))

  it('misses no table of the benchmark queries, and knows nearly all', () => {
    const { missed, unknownShare } = run('benchmarks', load('benchmarks'), () => 'postgres')
    expect(missed).toEqual([])
    expect(unknownShare).toBeLessThan(0.02)
  })

  it('misses no table of the Spider queries, and knows nearly all', () => {
    const { missed, unknownShare } = run('spider-dev', load('spider-dev'), () => 'sqlite')
    expect(missed).toEqual([])
    expect(unknownShare).toBeLessThan(0.02)
  })

  it('misses no table of the PostgreSQL regression statements, and knows most', () => {
    const { missed, unknownShare } = run('pg-regress', load('pg-regress'), () => 'postgres')
    expect(missed).toEqual([])
    expect(unknownShare).toBeLessThan(0.25)
  })

  it('knows most plain SELECTs of the regression statements', () => {
    const rows = load('pg-regress').filter(({ sql }) => /^\s*select/i.test(sql))
    const { missed, unknownShare } = run('pg-regress SELECT', rows, () => 'postgres')
    expect(rows.length).toBeGreaterThan(1_000)
    expect(missed).toEqual([])
    expect(unknownShare).toBeLessThan(0.1)
  })

  it('misses no table of the statements in other libraries’ tests, foreign dialects included', () => {
    const isMysql = (row: OracleRow) =>
      row.sql.includes('`') || (row.dialects ?? []).some((name) => /mysql|mariadb/.test(name))
    const { missed } = run('library-tests', load('library-tests'), (row) => (isMysql(row) ? 'mysql' : 'postgres'))
    expect(missed).toEqual([])
  })

  for (const dialect of ['postgres', 'mysql', 'sqlite'] as const) {
    it(`misses no table of plain queries when they are read as ${dialect}`, () => {
      const { missed } = run(
        `benchmarks and spider as ${dialect}`,
        [...load('benchmarks'), ...load('spider-dev')],
        () => dialect,
      )
      expect(missed).toEqual([])
    })
  }
})
