/** A database with the sample shop, for benchmarks: PGlite, or a PostgreSQL as the tests find one. */

import { randomBytes } from 'node:crypto'
import { findServer } from '../../test/servers/find-server.ts'
import { openPgliteDatabase } from '../../test/servers/pglite-database.ts'
import { openPostgresDatabase } from '../../test/servers/postgres-database.ts'
import { TestDatabase } from '../../test/servers/test-database.ts'

export async function openBenchDatabase(
  kind: 'pglite' | 'postgres',
): Promise<TestDatabase & { stop(): Promise<void> }> {
  if (kind === 'pglite') {
    const database = await TestDatabase.of(await openPgliteDatabase())
    await database.load({ scale: 0.05 })
    return Object.assign(database, { stop: () => database.close() })
  }
  const server = await findServer('postgres')
  if (!('url' in server)) throw new Error(server.missing)
  const database = await TestDatabase.of(
    await openPostgresDatabase(server.url, `larder_test_bench_${randomBytes(4).toString('hex')}`),
  )
  await database.load({ scale: 0.05 })
  return Object.assign(database, {
    async stop() {
      await database.close()
      await server.stop()
    },
  })
}
