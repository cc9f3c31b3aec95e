/** `npm run bench`: all benchmarks, one table, and which goals were met. */

import { benchCoreHit, benchEntryOverhead, benchInvalidation } from './core-hit.ts'
import { assess, type Result } from './goals.ts'
import { benchPrismaHit } from './prisma-hit.ts'
import { benchPrismaMiss, benchWriteOverhead } from './prisma-miss.ts'

const BENCHMARKS: readonly (readonly [name: string, run: () => Promise<Result[]>])[] = [
  ['core hit', benchCoreHit],
  ['write overhead', benchWriteOverhead],
  ['Prisma hit', benchPrismaHit],
  ['Prisma miss on PostgreSQL', benchPrismaMiss],
  ['entry overhead', benchEntryOverhead],
  ['invalidation', benchInvalidation],
]

const only = process.argv[2]
const rows: Record<string, string>[] = []
let missed = 0
for (const [name, run] of BENCHMARKS) {
  if (only !== undefined && !name.toLowerCase().includes(only.toLowerCase())) continue
  console.log(`measuring: ${name} ...`)
  try {
    for (const result of await run()) {
      const { row, met } = assess(result)
      rows.push(row)
      if (!met) missed++
    }
  } catch (error) {
    console.log(`  left out: ${error instanceof Error ? error.message : String(error)}`)
  }
}
console.table(rows)
console.log(missed === 0 ? 'All goals met.' : `${missed} goals not met.`)
process.exit(missed === 0 ? 0 : 1)
