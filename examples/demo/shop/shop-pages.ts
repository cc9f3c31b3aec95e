/** The pages of the shop that people look at. */

import type { PrismaClient } from '../../../prisma/generated/postgres/client.ts'
import type { ShopCounts } from '../../../prisma/shop-data.ts'
import type { Page } from '../workload/data-set.ts'
import type { Draw } from '../workload/draw.ts'
import type { Visit } from '../workload/session.ts'

type ShopVisit = Visit<PrismaClient>

const searchWords = 'oak tin red wool blue bread glass lamp salt paper cedar linen copper honey stone rye'.split(' ')
/** Views of products fall a little faster than by 1 / rank. */
export const productSkew = 1.1
const reviewsShown = 10
const ordersShown = 10
const newestReviews = 5

export function shopPages(counts: ShopCounts): readonly Page<PrismaClient>[] {
  /** A third of the visitors are signed in. */
  const visitor = (draw: Draw): number | undefined =>
    draw.fraction() < 0.33 ? draw.zipf(counts.users, 0.8) : undefined

  return [
    {
      name: 'product page',
      weight: 40,
      plan(draw) {
        const user = visitor(draw)
        const id = draw.zipf(counts.products, productSkew)
        return async (visit) => {
          const [product] = await Promise.all([readProduct(visit, id), readReviews(visit, id), readHeader(visit, user)])
          if (product?.categoryId != null) await readListing(visit, product.categoryId, { take: 5, skip: 0 })
        }
      },
    },
    {
      name: 'category listing',
      weight: 20,
      plan(draw) {
        const user = visitor(draw)
        const id = draw.zipf(counts.categories, 0.8)
        const page = { take: 12, skip: 12 * (draw.zipf(4, 1.5) - 1) }
        return async (visit) => {
          const { read, client } = visit
          await Promise.all([
            readHeader(visit, user),
            read({
              model: 'Category',
              run: () => client.category.findUnique({ where: { id }, include: { parent: true, children: true } }),
            }),
            readListing(visit, id, page),
            read({ run: () => client.product.count({ where: { categoryId: id, active: true } }) }),
          ])
        }
      },
    },
    {
      name: 'home page',
      weight: 18,
      plan(draw) {
        const user = visitor(draw)
        return async (visit) => {
          await Promise.all([readHeader(visit, user), readTopProducts(visit), readNewestReviews(visit)])
        }
      },
    },
    {
      name: 'order history',
      weight: 10,
      plan(draw) {
        const user = draw.zipf(counts.users, 0.8)
        return async (visit) => {
          await Promise.all([readHeader(visit, user), readOrders(visit, user)])
        }
      },
    },
    {
      name: 'search',
      weight: 8,
      plan(draw) {
        const user = visitor(draw)
        const where = { name: { contains: searchWords[draw.zipf(searchWords.length) - 1] as string } }
        return async (visit) => {
          const { read, client } = visit
          const options = { where, take: 12, orderBy: { id: 'asc' }, include: { prices: true } } as const
          await Promise.all([
            readHeader(visit, user),
            read({ model: 'Product', run: () => client.product.findMany(options) }),
            read({ run: () => client.product.count({ where }) }),
          ])
        }
      },
    },
    { name: 'dashboard', weight: 4, plan: () => readDashboard },
  ]
}

async function readHeader({ read, client }: ShopVisit, user: number | undefined): Promise<void> {
  const topLevel = { where: { parentId: null }, include: { children: true }, orderBy: { id: 'asc' } } as const
  await Promise.all([
    read({ model: 'Category', run: () => client.category.findMany(topLevel) }),
    user !== undefined &&
      read({ model: 'User', run: () => client.user.findUnique({ where: { id: user }, include: { profile: true } }) }),
  ])
}

function readProduct({ read, client }: ShopVisit, id: number) {
  const include = { category: true, tags: true, prices: true } as const
  return read({ model: 'Product', run: () => client.product.findUnique({ where: { id }, include }) })
}

async function readReviews({ read, client }: ShopVisit, productId: number): Promise<void> {
  const list = `reviews of product ${productId}`
  const newest = {
    where: { productId },
    take: reviewsShown,
    orderBy: { id: 'desc' },
    include: { user: { select: { id: true, name: true, version: true } } },
  } as const
  await Promise.all([
    read({
      model: 'Review',
      run: () => client.review.findMany(newest),
      finds: (reviews) => ({ lists: [{ list, keys: reviews.map(({ id }) => id), limit: reviewsShown }] }),
    }),
    read({
      run: () => client.review.aggregate({ where: { productId }, _avg: { rating: true }, _count: { _all: true } }),
      finds: ({ _count }) => ({ totals: { [list]: _count._all } }),
    }),
  ])
}

function readListing({ read, client }: ShopVisit, categoryId: number, page: { take: number; skip: number }) {
  const options = { where: { categoryId, active: true }, orderBy: { name: 'asc' }, include: { prices: true } } as const
  return read({ model: 'Product', run: () => client.product.findMany({ ...options, ...page }) })
}

async function readTopProducts({ read, client }: ShopVisit): Promise<void> {
  const top = await read({
    run: () =>
      client.orderItem.groupBy({
        by: ['productId'],
        _sum: { quantity: true },
        _count: { _all: true },
        orderBy: [{ _sum: { quantity: 'desc' } }, { productId: 'asc' }],
        take: 8,
      }),
    finds: (groups) => ({
      totals: Object.fromEntries(
        groups.map(({ productId, _count }) => [`order items of product ${productId}`, _count._all]),
      ),
    }),
  })
  const where = { id: { in: top.map(({ productId }) => productId).sort((left, right) => left - right) } }
  await read({
    model: 'Product',
    run: () => client.product.findMany({ where, include: { category: true, prices: true }, orderBy: { id: 'asc' } }),
  })
}

async function readNewestReviews({ read, client }: ShopVisit): Promise<void> {
  const include = { product: true, user: { select: { id: true, name: true, version: true } } }
  await read({
    model: 'Review',
    run: () => client.review.findMany({ take: newestReviews, orderBy: { id: 'desc' }, include }),
    finds: (reviews) => ({
      lists: [{ list: 'newest reviews', keys: reviews.map(({ id }) => id), limit: newestReviews }],
    }),
  })
}

async function readOrders({ read, client }: ShopVisit, userId: number): Promise<void> {
  const product = { select: { id: true, name: true, version: true } }
  const list = `orders of user ${userId}`
  await Promise.all([
    read({
      model: 'Order',
      run: () =>
        client.order.findMany({
          where: { userId },
          take: ordersShown,
          orderBy: { id: 'desc' },
          include: { items: { include: { product } } },
        }),
      finds: (orders) => ({ lists: [{ list, keys: orders.map(({ id }) => id), limit: ordersShown }] }),
    }),
    read({
      run: () => client.order.count({ where: { userId } }),
      finds: (count) => ({ totals: { [list]: count } }),
    }),
  ])
}

async function readDashboard({ read, client }: ShopVisit): Promise<void> {
  const sum = (groups: readonly { _count: { _all: number } }[]): number =>
    groups.reduce((total, { _count }) => total + _count._all, 0)
  await Promise.all([
    read({
      run: () => client.product.aggregate({ _sum: { version: true, stock: true }, _avg: { price: true } }),
      finds: ({ _sum }) => ({ totals: { 'versions of all products': _sum.version ?? 0 } }),
    }),
    read({
      run: () => client.order.groupBy({ by: ['status'], _count: { _all: true }, orderBy: { status: 'asc' } }),
      finds: (groups) => ({ totals: { orders: sum(groups) } }),
    }),
    read({
      run: () => client.review.groupBy({ by: ['rating'], _count: { _all: true }, orderBy: { rating: 'asc' } }),
      finds: (groups) => ({ totals: { reviews: sum(groups) } }),
    }),
  ])
}
