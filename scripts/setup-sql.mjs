// Writes the tables of prisma/schema.prisma into prisma/sql/ and keeps what is written by hand. MySQL is all by hand.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from './lib/repository-root.mjs'
import { handWritten, tablesByDialect } from './lib/schema-sql.mjs'

for (const [dialect, tables] of Object.entries(await tablesByDialect())) {
  const file = join(repositoryRoot, 'prisma', 'sql', `${dialect}.sql`)
  const before = readFileSync(file, 'utf8')
  const [title] = before.split('\n', 1)
  const kept = before.slice(before.indexOf(handWritten))
  writeFileSync(file, `${title}\n\n${tables}\n\n${kept}`)
  console.log(`prisma/sql/${dialect}.sql`)
}
console.log('prisma/sql/mysql.sql has to be changed by hand')
