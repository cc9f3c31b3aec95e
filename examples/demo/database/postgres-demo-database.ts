/** A database of its own on a PostgreSQL server. */

import { randomBytes } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import { Client } from 'pg'
import type { DemoDatabase, Load } from './demo-database.ts'

/** How long the server may take to accept a connection, in milliseconds. */
const patience = 10_000

/**
 * @param server URL of a server and of a database that exists, for the CREATE and DROP statements
 * @param name of the database that is made
 * @throws {Error} when the server does not answer or does not allow CREATE DATABASE
 */
export async function openPostgresDemoDatabase(
  server: string,
  name = `larder_demo_${randomBytes(5).toString('hex')}`,
): Promise<DemoDatabase> {
  const address = new URL(server)
  address.pathname = `/${name}`
  const url = address.href
  const version = await on(server, async (client) => {
    await client.query(`CREATE DATABASE "${name}"`)
    return (await client.query<{ server_version: string }>('SHOW server_version')).rows[0]?.server_version
  }).catch((error: unknown) => {
    throw new Error(`--database-url: ${messageOf(error)}`, { cause: error })
  })
  const drop = (): Promise<unknown> =>
    on(server, (client) => client.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`))

  const run = (load: Load): Promise<void> =>
    on(url, async (client) => {
      await load(async (sql) => {
        // Several statements in one text have several results, which the types do not say.
        const results = [await client.query(sql)].flat()
        return results.reduce((rows, { rowCount }) => rows + (rowCount ?? 0), 0)
      })
      await client.query('ANALYZE')
    })

  let loaded: Load | undefined
  let removed: Promise<unknown> | undefined
  return {
    title: `PostgreSQL ${version?.split(' ')[0]}, database ${name}`,
    async fill(load) {
      loaded = load
      await run(load)
    },
    async restore() {
      if (loaded === undefined) throw new Error('restore() comes after fill()')
      await drop()
      await on(server, (client) => client.query(`CREATE DATABASE "${name}"`))
      await run(loaded)
    },
    connect: () => new PrismaPg({ connectionString: url }),
    async remove() {
      removed ??= drop()
      await removed
    },
  }
}

async function on<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: patience })
  // DROP ... WITH (FORCE) ends this connection too when the demo is broken off while it loads; the query rejects anyway.
  client.on('error', () => {})
  try {
    await client.connect()
    return await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}

function messageOf(error: unknown): string {
  // A refused connection is an AggregateError without a message, one error for each address that was tried.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
