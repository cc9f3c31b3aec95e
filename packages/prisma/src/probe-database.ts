/** Asks a database, once, which one it is and whether its settings keep what caching assumes of it. */

import type { Dialect } from '@larder/core'
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils'

export interface DatabaseProbe {
  /** Names the database, the user and the search path; undefined where the database has no name that others share. */
  readonly database: string | undefined
  /** Why reads must not be cached (assumption A1), and what to change. */
  readonly problem?: { readonly code: string; readonly message: string }
}

/** Rejects when the database does not answer. */
export function probeDatabase(adapter: SqlDriverAdapter, dialect: Dialect): Promise<DatabaseProbe> {
  switch (dialect) {
    case 'postgres':
      return probePostgres(adapter)
    case 'mysql':
      return probeMysql(adapter)
    case 'sqlite':
      return probeSqlite(adapter)
  }
}

const REPLICA = {
  code: 'replica',
  message: 'The connection is to a replica, which shows commits late: reads are not cached. Connect to the primary.',
}

async function probePostgres(adapter: SqlDriverAdapter): Promise<DatabaseProbe> {
  const [row = []] = await rows(
    adapter,
    `SELECT pg_is_in_recovery()::text, current_database()::text, current_user::text, current_setting('search_path'),
            coalesce(host(inet_server_addr()), ''), coalesce(inet_server_port(), 0)::text, pg_postmaster_start_time()::text`,
  )
  const [recovery, database, user, searchPath, address, port, started] = row.map(String)
  if (database === undefined) throw new Error('the database did not say what it is')
  // Without a network address (sockets, PGlite) only this very server process can be told from others.
  const server = address === '' ? started : `${address}:${port}`
  const name = JSON.stringify([server, database, user, searchPath])
  const { schemaName } = adapter.getConnectionInfo?.() ?? {}
  const identity = isPglite(adapter) ? undefined : `${name}${schemaName ?? ''}`
  return recovery === 'true' || recovery === 't' ? { database: identity, problem: REPLICA } : { database: identity }
}

async function probeMysql(adapter: SqlDriverAdapter): Promise<DatabaseProbe> {
  const [[database, user] = []] = await rows(adapter, 'SELECT DATABASE(), CURRENT_USER()')
  const variables = new Map(
    (
      await rows(
        adapter,
        `SHOW VARIABLES WHERE Variable_name IN ('tx_isolation', 'transaction_isolation', 'autocommit', 'hostname', 'port', 'read_only')`,
      )
    ).map(([name, value]) => [String(name), String(value)]),
  )
  const isolation = variables.get('transaction_isolation') ?? variables.get('tx_isolation')
  if (isolation === undefined || user === undefined) throw new Error('the database did not say what it is')
  const identity = JSON.stringify([variables.get('hostname'), variables.get('port'), database, user])
  if (isolation === 'READ-UNCOMMITTED') {
    const message = 'The default isolation level is READ UNCOMMITTED: reads see what may be rolled back, and are not cached.'
    return { database: identity, problem: { code: 'read-uncommitted', message } }
  }
  if (variables.get('autocommit') === 'OFF') {
    const message = 'autocommit is off: statements outside a transaction are never committed by themselves. Reads are not cached.'
    return { database: identity, problem: { code: 'autocommit-off', message } }
  }
  return variables.get('read_only') === 'ON' ? { database: identity, problem: REPLICA } : { database: identity }
}

async function probeSqlite(adapter: SqlDriverAdapter): Promise<DatabaseProbe> {
  const main = (await rows(adapter, 'PRAGMA database_list')).find(([, name]) => name === 'main')
  const [[uncommitted] = []] = await rows(adapter, 'PRAGMA read_uncommitted')
  const file = String(main?.[2] ?? '')
  const database = file === '' ? undefined : file
  if (Number(uncommitted) !== 1) return { database }
  const message = 'PRAGMA read_uncommitted is on: reads see what may be rolled back, and are not cached.'
  return { database, problem: { code: 'read-uncommitted', message } }
}

/** Every PGlite is a database of its own, whatever it calls itself. */
function isPglite(adapter: SqlDriverAdapter): boolean {
  return adapter.adapterName.includes('pglite')
}

async function rows(adapter: SqlDriverAdapter, sql: string): Promise<unknown[][]> {
  return (await adapter.queryRaw({ sql, args: [], argTypes: [] })).rows
}
