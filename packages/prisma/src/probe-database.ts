/** Asks a database, once, which one it is and whether its settings keep what caching assumes of it. */

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
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
  // Addresses repeat inside containers, and clones share identifiers: the time at which the server started does not.
  const [row = []] = await rows(
    adapter,
    `SELECT pg_is_in_recovery()::text, current_database()::text, current_user::text, current_setting('search_path'),
            coalesce(host(inet_server_addr()), ''), coalesce(inet_server_port(), 0)::text, pg_postmaster_start_time()::text,
            (SELECT string_agg(name || '=' || setting, ';' ORDER BY name) FROM pg_settings
              WHERE source IN ('client', 'user', 'database', 'database user', 'session') AND name <> 'application_name')`,
  )
  const [recovery, ...identity] = row
  if (recovery === undefined) throw new Error('the database did not say what it is')
  const database = isPglite(adapter) ? undefined : nameOf([...identity, connectionOptions(adapter)])
  return recovery === 'true' || recovery === 't' ? { database, problem: REPLICA } : { database }
}

const MYSQL_IDENTITY = [
  ...['server_uuid', 'server_uid', 'hostname', 'port', 'datadir'],
  ...['time_zone', 'sql_mode', 'sql_auto_is_null', 'sql_select_limit', 'group_concat_max_len', 'lc_time_names'],
  ...['character_set_client', 'character_set_results', 'collation_connection', 'div_precision_increment', 'old_mode'],
]

async function probeMysql(adapter: SqlDriverAdapter): Promise<DatabaseProbe> {
  const [[schema, user] = []] = await rows(adapter, 'SELECT DATABASE(), CURRENT_USER()')
  const names = ['tx_isolation', 'transaction_isolation', 'autocommit', 'read_only', ...MYSQL_IDENTITY]
  const shown = await rows(
    adapter,
    `SHOW VARIABLES WHERE Variable_name IN (${names.map((name) => `'${name}'`).join(', ')})`,
  )
  const variables = new Map(shown.map(([name, value]) => [String(name), String(value)]))
  const isolation = variables.get('transaction_isolation') ?? variables.get('tx_isolation')
  if (isolation === undefined || user === undefined) throw new Error('the database did not say what it is')
  // A host name and a port repeat in other networks: without an identifier of the server there is no name.
  const hasIdentifier = variables.has('server_uuid') || variables.has('server_uid')
  const identity = MYSQL_IDENTITY.map((name) => variables.get(name) ?? null)
  const database = hasIdentifier ? nameOf([schema, user, ...identity, connectionOptions(adapter)]) : undefined
  if (isolation === 'READ-UNCOMMITTED') {
    const message =
      'The default isolation level is READ UNCOMMITTED: reads see what may be rolled back, and are not cached.'
    return { database, problem: { code: 'read-uncommitted', message } }
  }
  if (variables.get('autocommit') === 'OFF') {
    const message =
      'autocommit is off: statements outside a transaction are never committed by themselves. Reads are not cached.'
    return { database, problem: { code: 'autocommit-off', message } }
  }
  return variables.get('read_only') === 'ON' ? { database, problem: REPLICA } : { database }
}

async function probeSqlite(adapter: SqlDriverAdapter): Promise<DatabaseProbe> {
  const main = (await rows(adapter, 'PRAGMA database_list')).find(([, name]) => name === 'main')
  const [[uncommitted] = []] = await rows(adapter, 'PRAGMA read_uncommitted')
  const file = String(main?.[2] ?? '')
  // Of a remote database the path is the server's, which another server may have too.
  const database = file !== '' && existsSync(file) ? nameOf([file]) : undefined
  if (Number(uncommitted) !== 1) return { database }
  const message = 'PRAGMA read_uncommitted is on: reads see what may be rolled back, and are not cached.'
  return { database, problem: { code: 'read-uncommitted', message } }
}

/** Every PGlite is a database of its own, whatever it calls itself. */
function isPglite(adapter: SqlDriverAdapter): boolean {
  return adapter.adapterName.includes('pglite')
}

/** What the connection was opened with, as far as the adapter shows it: the schema, and settings that nobody can ask for. */
function connectionOptions(adapter: SqlDriverAdapter): unknown {
  const { schemaName } = adapter.getConnectionInfo?.() ?? {}
  const driver = (adapter as { underlyingDriver?: () => unknown }).underlyingDriver?.() as
    | { options?: unknown }
    | undefined
  return [schemaName ?? null, driver?.options ?? null, process.env['PGOPTIONS'] ?? null]
}

/** A digest: the parts may hold a password. */
function nameOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}

async function rows(adapter: SqlDriverAdapter, sql: string): Promise<unknown[][]> {
  return (await adapter.queryRaw({ sql, args: [], argTypes: [] })).rows
}
