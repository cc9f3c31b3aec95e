/**
 * What a look-up pays for the text of its arguments, and a store for its digest.
 * `node --conditions=larder-source --import tsx bench/src/identity.ts`
 */

import { canonicalText, sqlText } from '../../packages/core/src/identity/canonical-text.ts'
import { entryDigest } from '../../packages/core/src/identity/entry-digest.ts'

const sql = 'select "id", "email", "name" from "users" where "team_id" = $1 and "active" = $2 order by "id" limit $3'
const small = (id: number) => ({ where: { id }, include: { posts: true } })
const large = (id: number) => ({
  where: { AND: [{ teamId: id }, { OR: [{ email: { contains: 'example' } }, { name: { startsWith: 'a' } }] }] },
  include: { posts: { where: { publishedAt: { gte: new Date(id) } }, orderBy: { id: 'desc' }, take: 5 }, author: true },
  orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
  skip: 20,
  take: 10,
})

/** Looked up as a key, so that the work of joining the text is paid for. */
const seen = new Map<string, number>([['', 0]])

const cases: Record<string, (id: number) => string> = {
  'where id, include posts': (id) => canonicalText(small(id)),
  'the same, JSON.stringify': (id) => JSON.stringify(small(id)),
  'filters, includes, order': (id) => canonicalText(large(id)),
  'the same filters, JSON.stringify': (id) => JSON.stringify(large(id)),
  'SQL and 3 parameters': (id) => sqlText(sql, [id, true, 20]),
  'digest of 120 characters': (id) =>
    entryDigest({ database: 'main', version: '1', scope: null, adapter: 'prisma', text: `${sql}${id}` }),
}

const table: Record<string, Record<string, string>> = {}
for (const [name, run] of Object.entries(cases)) {
  const samples: number[] = []
  for (let round = 0; round < 15; round++) {
    const start = process.hrtime.bigint()
    let hits = 0
    for (let id = 0; id < 20_000; id++) if (seen.has(run(id))) hits++
    if (hits > 0) throw new Error('A text was empty')
    samples.push(Number(process.hrtime.bigint() - start) / 20_000)
  }
  table[name] = { 'ns with look-up': (samples.sort((a, b) => a - b)[7] as number).toFixed(0) }
}
console.table(table)
