/** PostgreSQL inside this process, in memory. */

import { PGlite } from '@electric-sql/pglite'
import { PrismaPGlite } from 'pglite-prisma-adapter'
import type { DemoDatabase } from './demo-database.ts'

export async function openPgliteDemoDatabase(): Promise<DemoDatabase> {
  let pglite = await PGlite.create()
  let image: Blob | undefined
  const { rows } = await pglite.query<{ server_version: string }>('SHOW server_version')
  return {
    title: `PGlite (PostgreSQL ${rows[0]?.server_version}) in this process`,
    async fill(load) {
      await load(async (sql) => {
        const results = await pglite.exec(sql)
        return results.reduce((rows, { affectedRows = 0 }) => rows + affectedRows, 0)
      })
      await pglite.exec('ANALYZE')
      image = await pglite.dumpDataDir('none')
    },
    async restore() {
      if (image === undefined) throw new Error('restore() comes after fill()')
      await pglite.close()
      pglite = await PGlite.create({ loadDataDir: image })
    },
    connect: () => new PrismaPGlite(pglite),
    async remove() {
      image = undefined
      if (!pglite.closed) await pglite.close()
    },
  }
}
