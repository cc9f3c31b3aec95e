// A fresh database on a PostgreSQL server.

import { PrismaPg } from '@prisma/adapter-pg'
import { Client } from 'pg'
import { shopDefinition, shopReset } from '../../prisma/shop-sql.ts'
import type { DatabaseConnection } from './test-database.ts'

/** @param server URL of a server and of a database that exists, for the CREATE and DROP statements */
export async function openPostgresDatabase(server: string, name: string): Promise<DatabaseConnection> {
  await onServer(server, `CREATE DATABASE "${name}"`)
  const address = new URL(server)
  address.pathname = `/${name}`
  const url = address.href
  const connection = new Client({ connectionString: url })
  // Without a listener the end of the server would end the test process; the next query fails anyway.
  connection.on('error', () => {})
  await connection.connect()
  await connection.query(shopDefinition('postgres'))
  let removed = false
  return {
    kind: 'postgres',
    dialect: 'postgres',
    url,
    connect: () => new PrismaPg({ connectionString: url }),
    exec: async (script) => void (await connection.query(script)),
    query: async (sql) => (await connection.query(sql)).rows,
    reset: async () => void (await connection.query(shopReset('postgres'))),
    async remove() {
      if (removed) return
      removed = true
      await connection.end()
      await onServer(server, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
    },
  }
}

/** Drops what a run that was broken off has left on a server that outlives it. */
export async function dropPostgresDatabases(server: string, prefix: string): Promise<void> {
  const names = await onServer(server, 'SELECT datname AS name FROM pg_database')
  for (const { name } of names) {
    if (name.startsWith(prefix)) await onServer(server, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
  }
}

async function onServer(server: string, sql: string): Promise<{ name: string }[]> {
  const client = new Client({ connectionString: server })
  await client.connect()
  try {
    return (await client.query<{ name: string }>(sql)).rows
  } finally {
    await client.end()
  }
}
