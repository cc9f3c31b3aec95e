/** What the errors of Prisma's driver adapters prove about a statement. */

import type { ServerVerdict } from '@larder/core'

/** What the core asks, and whether the write was refused by Larder itself. */
export interface DriverVerdict extends ServerVerdict {
  readonly refused?: boolean
}

/** Errors of connecting, when they carry no code of a server: the statement never left. */
const NOT_SENT: ReadonlySet<string> = new Set(['DatabaseNotReachable', 'TlsConnectionError'])

/** mariadb's connector: no connection from the pool in time. */
const MARIADB_POOL_TIMEOUT = '45028'
/** PostgreSQL: too many connections. A statement that is running cannot get it. */
const POSTGRES_TOO_MANY_CONNECTIONS = '53300'
/** pg-pool's words for a time-out; its error carries no code. */
const PG_POOL_TIMEOUT = 'timeout exceeded when trying to connect'

/** Whatever carries no code of the server proves nothing: connection lost, client time-outs, results that could not be read. */
export function driverVerdict(error: unknown): DriverVerdict {
  const { name, message, code, cause } = (error ?? {}) as Record<string, unknown>
  if (code === 'AUTHORITY_UNAVAILABLE') return { notSent: true, refused: true }
  if (message === PG_POOL_TIMEOUT) return { notSent: true }
  if (name === 'DriverAdapterError' && typeof cause === 'object' && cause !== null) {
    const { kind, originalCode } = cause as Record<string, unknown>
    if (originalCode === MARIADB_POOL_TIMEOUT || originalCode === POSTGRES_TOO_MANY_CONNECTIONS)
      return { notSent: true }
    if (typeof originalCode === 'string') return { serverCode: originalCode }
    return NOT_SENT.has(String(kind)) ? { notSent: true } : {}
  }
  // libsql's COMMIT rejects with the driver's own error.
  if (name === 'LibsqlError' && typeof code === 'string' && code.startsWith('SQLITE_')) return { serverCode: code }
  return {}
}
