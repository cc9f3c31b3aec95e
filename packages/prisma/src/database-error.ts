/** What the errors of Prisma's driver adapters prove about a statement. */

import type { ServerVerdict } from '@larder/core'

/** Errors of connecting: the statement never left. */
const NOT_SENT: ReadonlySet<string> = new Set([
  'DatabaseNotReachable',
  'AuthenticationFailed',
  'DatabaseDoesNotExist',
  'TooManyConnections',
  'TlsConnectionError',
])

/** mariadb's connector: no connection from the pool in time. */
const MARIADB_POOL_TIMEOUT = '45028'
/** pg-pool's words for the same; its error carries no code. */
const PG_POOL_TIMEOUT = 'timeout exceeded when trying to connect'

/** Whatever carries no code of the server proves nothing: connection lost, client time-outs, results that could not be read. */
export function driverVerdict(error: unknown): ServerVerdict {
  const { name, message, code, cause } = (error ?? {}) as Record<string, unknown>
  if (code === 'AUTHORITY_UNAVAILABLE' || message === PG_POOL_TIMEOUT) return { notSent: true }
  if (name === 'DriverAdapterError' && typeof cause === 'object' && cause !== null) {
    const { kind, originalCode } = cause as Record<string, unknown>
    if (NOT_SENT.has(String(kind)) || originalCode === MARIADB_POOL_TIMEOUT) return { notSent: true }
    return { serverCode: typeof originalCode === 'string' ? originalCode : undefined }
  }
  // libsql's COMMIT rejects with the driver's own error.
  if (name === 'LibsqlError' && typeof code === 'string' && code.startsWith('SQLITE_')) return { serverCode: code }
  return {}
}
