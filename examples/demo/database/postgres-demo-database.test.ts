// The demo's own database on a server.

import { expect, it } from 'vitest'
import { describeDatabases } from '../../../test/servers/databases.ts'
import { openPostgresDemoDatabase } from './postgres-demo-database.ts'

await describeDatabases(
  "the demo's database",
  (source) => {
    it('is restored as it was filled, and removed although a client is connected', async () => {
      await using server = await source.open()
      const name = `${new URL(server.url as string).pathname.slice(1)}_demo`
      const exists = async (): Promise<boolean> =>
        (await server.query(`SELECT 1 FROM pg_database WHERE datname = '${name}'`)).length === 1

      const database = await openPostgresDemoDatabase(server.url as string, name)
      try {
        let rows = 0
        await database.fill(async (exec) => {
          rows = await exec('CREATE TABLE numbers (n INT); INSERT INTO numbers VALUES (1), (2)')
        })
        expect(rows).toBe(2)
        const first = await database.connect().connect()
        await first.executeRaw({ sql: 'DELETE FROM numbers', args: [], argTypes: [] })
        await first.dispose()
        await database.restore()
        const second = await database.connect().connect()
        const left = await second.queryRaw({ sql: 'SELECT n FROM numbers ORDER BY n', args: [], argTypes: [] })
        expect(left.rows).toEqual([[1], [2]])
        expect(await exists()).toBe(true)
        // The connection is still open.
        await database.remove()
        expect(await exists()).toBe(false)
        await second.dispose()
      } finally {
        await database.remove()
      }
    })

    it('says which option to change when the server cannot be reached', async () => {
      await expect(openPostgresDemoDatabase('postgres://nobody@127.0.0.1:1/none')).rejects.toThrow(
        /^--database-url: .*ECONNREFUSED/,
      )
    })
  },
  ['postgres'],
)
