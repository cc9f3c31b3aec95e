/**
 * What a hit pays for its fresh copy, against structuredClone, and what a fill pays for inspection.
 * `node --conditions=larder-source --import tsx bench/src/copy.ts`
 */

import { inspectValue } from '../../packages/core/src/value/inspect-value.ts'
import { ValueTypes } from '../../packages/core/src/value/value-types.ts'

/** Results of as many queries take turns, as in an application: with one, V8 optimises for its hidden class alone. */
const QUERIES = 20

const row = (query: number, id: number): Record<string, unknown> => ({
  [`id${query}`]: id,
  email: `customer${id}@example.com`,
  name: `customer ${id}`,
  price: id * 1.5,
  stock: id % 100,
  active: id % 2 === 0,
  createdAt: new Date(1.7e12 + id),
  deletedAt: null,
})

const rows = (query: number, count: number) => Array.from({ length: count }, (_, id) => row(query, id))

const withIncludes = (query: number) =>
  rows(query, 100).map((parent, id) => ({ ...parent, posts: rows(query, 3), author: row(query, id) }))

const cases: Record<string, (query: number) => unknown> = {
  '1 row': (query) => row(query, 1),
  '100 rows': (query) => rows(query, 100),
  '100 rows with includes': withIncludes,
}

/** Microseconds per call: the median of rounds that alternate between the candidates. */
function race(candidates: Record<string, (query: number) => unknown>): Record<string, number> {
  const samples: Record<string, number[]> = {}
  let kept: unknown
  for (let round = 0; round < 21; round++) {
    for (const [name, run] of Object.entries(candidates)) {
      const start = process.hrtime.bigint()
      let calls = 0
      while (process.hrtime.bigint() - start < 8_000_000n) {
        for (let query = 0; query < QUERIES; query++) kept = run(query)
        calls += QUERIES
      }
      const took = Number(process.hrtime.bigint() - start) / 1000 / calls
      samples[name] = [...(samples[name] ?? []), took]
    }
  }
  if (kept === undefined) throw new Error('Nothing was copied')
  return Object.fromEntries(Object.entries(samples).map(([name, all]) => [name, median(all.slice(5))]))
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] as number
}

const table: Record<string, Record<string, string>> = {}
for (const [name, make] of Object.entries(cases)) {
  const stored = Array.from({ length: QUERIES }, (_, query) => {
    const inspection = inspectValue(make(query), ValueTypes.builtIn)
    if (inspection.unsupported !== undefined) throw new Error(inspection.unsupported)
    return { value: inspection.copy(make(query)), copy: inspection.copy }
  })
  const at = (query: number) => stored[query] as (typeof stored)[number]
  const took = race({
    copy: (query) => at(query).copy(at(query).value),
    structuredClone: (query) => structuredClone(at(query).value),
    inspect: (query) => inspectValue(at(query).value, ValueTypes.builtIn),
  }) as { copy: number; structuredClone: number; inspect: number }
  table[name] = {
    'copy (us)': took.copy.toFixed(2),
    'structuredClone (us)': took.structuredClone.toFixed(2),
    'times faster': (took.structuredClone / took.copy).toFixed(1),
    'inspect (us)': took.inspect.toFixed(2),
  }
}
console.table(table)
