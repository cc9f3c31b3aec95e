// Prisma for the contract suites.

import type { ContractClient, ContractSuite } from '../contract/contract-orm.ts'
import type { ShopClient } from '../servers/shop-client.ts'
import type { PrismaShop } from './prisma-shop.ts'

export function prismaContract(shop: PrismaShop): ContractSuite {
  return {
    kind: shop.kind,
    singleConnection: shop.kind === 'pglite',
    // The adapter of libSQL locks its one connection for a transaction.
    exclusiveTransactions: shop.kind === 'pglite' || shop.kind === 'sqlite',
    // The adapter of PGlite has no savepoints.
    nestedTransactions: shop.kind !== 'pglite',
    async open(options) {
      const { prisma, cache, tap } = await shop.cached(options)
      const email = (): string => shop.email()
      return {
        client: contractClient(prisma, email),
        companion: async () => contractClient((await shop.cached({ ...options, cache })).prisma, email),
        cache,
        tap,
      }
    },
    get uncached() {
      return contractClient(shop.plain, () => shop.email())
    },
  }
}

function contractClient(client: unknown, email: () => string): ContractClient {
  const { user, $transaction, $cache } = client as ShopClient & {
    $cache: { invalidate(target: { tables: string[] }): Promise<void> }
  }
  return {
    // Not findUnique: Prisma merges those of one tick.
    nameOf: async (id) => (await user.findFirst({ where: { id } }))?.name,
    rename: async (id, name) => void (await user.updateMany({ where: { id }, data: { name } })),
    add: async (name) => (await user.create({ data: { email: email(), name } })).id,
    transaction: (body) =>
      $transaction.call(client, (tx: unknown) => body(contractClient(tx, email))) as Promise<never>,
    invalidate: (table) => $cache.invalidate({ tables: [table] }),
  }
}
