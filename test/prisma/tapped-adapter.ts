// A Prisma driver adapter whose statements pass a StatementTap. Larder wraps what this returns, so the tap is below it.

import type {
  ConnectionInfo,
  IsolationLevel,
  SqlDriverAdapter,
  SqlDriverAdapterFactory,
  SqlQuery,
  Transaction,
} from '@prisma/driver-adapter-utils'
import type { StatementTap } from '../contract/statement-tap.ts'

export interface TappedAdapterOptions {
  /** Lowers the number of parameters that a statement may have, to see what Prisma does beyond it. */
  readonly maxBindValues?: number | undefined
}

/**
 * BEGIN, COMMIT and ROLLBACK pass as such texts on every database. Some adapters send COMMIT as a statement, for
 * which `commit()` only gives the connection back; others have no statement and `commit()` sends it.
 */
export function tappedAdapter(
  factory: SqlDriverAdapterFactory,
  tap: StatementTap,
  { maxBindValues }: TappedAdapterOptions = {},
): SqlDriverAdapterFactory {
  // Not a proxy: Larder replaces `connect` of the factory that it is given.
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => {
      const adapter = await factory.connect()
      return over(adapter, {
        ...queries(adapter, tap),
        ...(maxBindValues === undefined
          ? {}
          : { getConnectionInfo: () => ({ ...connectionInfo(adapter), maxBindValues }) }),
        startTransaction: async (isolationLevel?: IsolationLevel) =>
          tappedTransaction(await tap.run('BEGIN', () => adapter.startTransaction(isolationLevel)), tap),
      })
    },
  }
}

function connectionInfo(adapter: SqlDriverAdapter): ConnectionInfo {
  return adapter.getConnectionInfo?.() ?? { supportsRelationJoins: false }
}

function tappedTransaction(transaction: Transaction, tap: StatementTap): Transaction {
  const silent = transaction.options.usePhantomQuery
  return over(transaction, {
    ...queries(transaction, tap),
    commit: () => (silent ? tap.run('COMMIT', () => transaction.commit()) : transaction.commit()),
    rollback: () => (silent ? tap.run('ROLLBACK', () => transaction.rollback()) : transaction.rollback()),
  })
}

function queries(driver: Pick<SqlDriverAdapter, 'queryRaw' | 'executeRaw'>, tap: StatementTap) {
  return {
    queryRaw: (query: SqlQuery) => tap.run(query.sql, () => driver.queryRaw(query)),
    executeRaw: (query: SqlQuery) => tap.run(query.sql, () => driver.executeRaw(query)),
  }
}

/** The object with some members replaced. Others run on the object itself: adapters have private fields. */
function over<T extends object>(object: T, members: Partial<Record<keyof T, unknown>>): T {
  return new Proxy(object, {
    get(target, key) {
      if (Object.hasOwn(members, key)) return members[key as keyof T]
      const member: unknown = Reflect.get(target, key, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
