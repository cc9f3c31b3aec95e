// A fresh SQLite file, opened with libSQL.

import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createClient } from '@libsql/client'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { shopDefinition, shopReset } from '../../prisma/shop-sql.ts'
import type { DatabaseConnection } from './test-database.ts'

/** How long a connection waits for another one's lock, in milliseconds. Without it a second writer fails at once. */
const busyTimeout = 5_000

/** @param parent an existing folder that is removed after the tests, whatever becomes of them */
export async function openSqliteDatabase(parent: string): Promise<DatabaseConnection> {
  const folder = await mkdtemp(join(parent, 'sqlite_'))
  const url = pathToFileURL(join(folder, 'shop.db')).href
  const client = createClient({ url, timeout: busyTimeout })
  // Write-ahead logging stays with the file, so clients read while another connection writes.
  await client.executeMultiple(`PRAGMA journal_mode = WAL; BEGIN; ${shopDefinition('sqlite')}; COMMIT;`)
  let removed = false
  return {
    kind: 'sqlite',
    dialect: 'sqlite',
    url,
    connect: () => new PrismaLibSql({ url, timeout: busyTimeout }),
    exec: (script) => client.executeMultiple(script),
    query: async (sql) => {
      const { columns, rows } = await client.execute(sql)
      return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])))
    },
    reset: () => client.executeMultiple(shopReset('sqlite')),
    async remove() {
      if (removed) return
      removed = true
      client.close()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
