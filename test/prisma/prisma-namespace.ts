// `Prisma` of each sample client: markers such as `DbNull` belong to the client that they came with.

import { Prisma as MysqlPrisma } from '../../prisma/generated/mysql/client.ts'
import { Prisma as PostgresPrisma } from '../../prisma/generated/postgres/client.ts'
import { Prisma as SqlitePrisma } from '../../prisma/generated/sqlite/client.ts'
import type { Dialect } from '../../prisma/shop-sql.ts'

/** Typed as PostgreSQL's, like the clients. */
export function prismaNamespace(dialect: Dialect): typeof PostgresPrisma {
  const own = { postgres: PostgresPrisma, mysql: MysqlPrisma, sqlite: SqlitePrisma }[dialect]
  return own as unknown as typeof PostgresPrisma
}
