/** Counts the statements that reach a database: at the driver adapter, below Larder. */

import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'

const transactionControl = /^\s*(?:begin|commit|rollback|savepoint|release)\b/i

export class StatementCount {
  #total = 0

  /** Statements since `reset`, without BEGIN, COMMIT and the like, which not every adapter sends as a statement. */
  get total(): number {
    return this.#total
  }

  reset(): void {
    this.#total = 0
  }

  /** The same factory, whose connections are counted. */
  of(factory: SqlDriverAdapterFactory): SqlDriverAdapterFactory {
    const connect = factory.connect.bind(factory)
    factory.connect = async () => this.#counted(await connect())
    return factory
  }

  #counted<T extends object>(connection: T): T {
    return new Proxy(connection, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key, target)
        if (typeof member !== 'function') return member
        if (key === 'queryRaw' || key === 'executeRaw') {
          return (query: { readonly sql: string }) => {
            if (!transactionControl.test(query.sql)) this.#total += 1
            return member.call(target, query)
          }
        }
        if (key === 'startTransaction') {
          return async (...args: unknown[]) => this.#counted((await member.apply(target, args)) as object)
        }
        return member.bind(target)
      },
    })
  }
}
