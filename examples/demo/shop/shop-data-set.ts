/** The generated shop of the repository as a data set of the demo. */

import { PrismaClient } from '../../../prisma/generated/postgres/client.ts'
import { loadShop, shopCounts } from '../../../prisma/shop-data.ts'
import { shopDefinition, shopTableNames } from '../../../prisma/shop-sql.ts'
import type { RowNaming } from '../ledger/find-rows.ts'
import type { DataSet, Page } from '../workload/data-set.ts'
import { shopPages } from './shop-pages.ts'
import { shopWrites } from './shop-writes.ts'

export interface ShopOptions {
  readonly scale: number
  readonly seed: number
}

const naming: RowNaming = {
  keys: {
    User: ['id'],
    Profile: ['id'],
    Category: ['id'],
    Tag: ['id'],
    Product: ['id'],
    Price: ['id'],
    Order: ['id'],
    OrderItem: ['orderId', 'productId'],
    Review: ['id'],
  },
  relations: {
    user: 'User',
    profile: 'Profile',
    category: 'Category',
    parent: 'Category',
    children: 'Category',
    tags: 'Tag',
    product: 'Product',
    prices: 'Price',
    items: 'OrderItem',
    reviews: 'Review',
  },
}

export function shopDataSet({ scale, seed }: ShopOptions): DataSet<PrismaClient> {
  const counts = shopCounts(scale)
  return {
    name: 'generated shop',
    naming,
    notes: [],
    async load(exec, onProgress) {
      await exec(shopDefinition('postgres'))
      const onRows = (loaded: number, total: number): void => onProgress(loaded / total)
      const rows = await loadShop(exec, 'postgres', { scale, seed, onProgress: onRows })
      return `${rows.toLocaleString('en')} generated rows in ${shopTableNames.length} tables`
    },
    client: (adapter) => new PrismaClient({ adapter }),
    pages: (): readonly Page<PrismaClient>[] => [...shopPages(counts), ...shopWrites(counts, naming)],
    totals,
  }
}

async function totals(client: PrismaClient): Promise<Record<string, number>> {
  const _count = { _all: true } as const
  const versions = await client.product.aggregate({ _sum: { version: true } })
  const known: Record<string, number> = {
    orders: await client.order.count(),
    reviews: await client.review.count(),
    'versions of all products': versions._sum.version ?? 0,
  }
  for (const group of await client.review.groupBy({ by: ['productId'], _count })) {
    known[`reviews of product ${group.productId}`] = group._count._all
  }
  for (const group of await client.orderItem.groupBy({ by: ['productId'], _count })) {
    known[`order items of product ${group.productId}`] = group._count._all
  }
  for (const group of await client.order.groupBy({ by: ['userId'], _count })) {
    known[`orders of user ${group.userId}`] = group._count._all
  }
  return known
}
