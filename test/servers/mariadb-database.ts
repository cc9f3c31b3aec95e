// A fresh database on a MariaDB (or MySQL) server.

import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { type Connection, createConnection } from 'mariadb'
import { shopDefinition, shopReset } from '../../prisma/shop-sql.ts'
import { mariadbUrl } from './mariadb-url.ts'
import type { DatabaseConnection } from './test-database.ts'

/** The driver opens as many connections as it may, at once and for each client; a server with usual settings has 151. */
const POOL = { connectionLimit: '4' }

/** @param server URL of a server, with or without a database */
export async function openMariadbDatabase(server: string, name: string): Promise<DatabaseConnection> {
  await onServer(server, (connection) => connection.query(`CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4`))
  const url = mariadbUrl(server, name)
  const connection = await createConnection(mariadbUrl(server, name, { multipleStatements: 'true', timezone: 'Z' }))
  // Without a listener the end of the server would end the test process; the next query fails anyway.
  connection.on('error', () => {})
  await connection.query(shopDefinition('mysql'))
  let removed = false
  return {
    kind: 'mariadb',
    dialect: 'mysql',
    url,
    connect: () => new PrismaMariaDb(mariadbUrl(server, name, POOL)),
    exec: async (script) => void (await connection.query(script)),
    query: async (sql) => [...(await connection.query<Record<string, unknown>[]>(sql))],
    async reset() {
      // MySQL 8 answers the second question from a cache unless told not to; MariaDB reads the rest as a comment.
      await connection.query('SET @larder = 1 /*!80000 , SESSION information_schema_stats_expiry = 0 */')
      const counted = await connection.query<{ name: string }[]>(
        'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND auto_increment > 1',
      )
      await connection.query(
        shopReset(
          'mysql',
          counted.map(({ name }) => name),
        ),
      )
    },
    async remove() {
      if (removed) return
      removed = true
      await connection.query(`DROP DATABASE IF EXISTS \`${name}\``)
      await connection.end()
    },
  }
}

/** Drops what a run that was broken off has left on a server that outlives it. */
export async function dropMariadbDatabases(server: string, prefix: string): Promise<void> {
  await onServer(server, async (connection) => {
    const names = await connection.query<{ name: string }[]>(
      'SELECT schema_name AS name FROM information_schema.schemata',
    )
    for (const { name } of names) {
      if (name.startsWith(prefix)) await connection.query(`DROP DATABASE IF EXISTS \`${name}\``)
    }
  })
}

async function onServer(server: string, work: (connection: Connection) => Promise<unknown>): Promise<void> {
  const connection = await createConnection(mariadbUrl(server))
  try {
    await work(connection)
  } finally {
    await connection.end()
  }
}
