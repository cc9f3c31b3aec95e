// One type for the sample clients of all databases, and how to load the right one.

import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import type { Prisma, PrismaClient } from '../../prisma/generated/postgres-joins/client.ts'
import type { Dialect } from '../../prisma/shop-sql.ts'

/**
 * The client of PostgreSQL with relationJoins stands for all, because it has the most features. What another database
 * lacks (`labels`, `relationLoadStrategy`, `createManyAndReturn` on MySQL ...) compiles and is rejected by Prisma.
 */
export type ShopClient = PrismaClient<Prisma.LogLevel>

/** Options of PrismaClient as they are, and the flavour. */
export interface ShopClientOptions extends Omit<Prisma.PrismaClientOptions, 'adapter' | 'accelerateUrl'> {
  /** The client generated with the preview feature relationJoins. SQLite has none and ignores it. Default false. */
  readonly relationJoins?: boolean
  /** Default: `connect()` of the database. */
  readonly adapter?: SqlDriverAdapterFactory
}

/** Makes clients of one dialect; loading their code is asynchronous, making one is not. */
export type ShopClientFactory = (options: ShopClientOptions & { adapter: SqlDriverAdapterFactory }) => ShopClient

export async function loadShopClient(dialect: Dialect): Promise<ShopClientFactory> {
  const [plain, joins] = await modules(dialect)
  return ({ relationJoins = false, ...options }) => {
    // The classes differ in their types only by what ShopClient says it may have too much.
    const Client = (relationJoins ? joins : plain).PrismaClient as new (
      options: Prisma.PrismaClientOptions,
    ) => ShopClient
    return new Client(options)
  }
}

async function modules(dialect: Dialect): Promise<[{ PrismaClient: unknown }, { PrismaClient: unknown }]> {
  switch (dialect) {
    case 'postgres':
      return Promise.all([
        import('../../prisma/generated/postgres/client.ts'),
        import('../../prisma/generated/postgres-joins/client.ts'),
      ])
    case 'mysql':
      return Promise.all([
        import('../../prisma/generated/mysql/client.ts'),
        import('../../prisma/generated/mysql-joins/client.ts'),
      ])
    case 'sqlite': {
      const sqlite = await import('../../prisma/generated/sqlite/client.ts')
      return [sqlite, sqlite]
    }
  }
}
