// A small piece of the shop with rows in every table, and queries that look at each of them.

import type { ShopClient } from '../servers/shop-client.ts'
import type { PrismaShop } from './prisma-shop.ts'

/** Ids of the rows. No test sees those of another one. */
export interface ShopGraph {
  readonly user: number
  /** Of the user; the first has an item with the product. */
  readonly orders: readonly [number, number]
  readonly review: number
  readonly profile: number
  readonly product: number
  /** Has no items, so that it can be deleted. */
  readonly otherProduct: number
  /** Of the product: the first two. */
  readonly tags: readonly [number, number, number]
  /** A parent and its child, the product's category. */
  readonly categories: readonly [number, number]
  /** Begins names and texts that only this graph has. */
  readonly mark: string
}

export async function makeGraph(shop: PrismaShop): Promise<ShopGraph> {
  const { plain } = shop
  const mark = shop.email()
  const parent = await plain.category.create({ data: { name: `${mark} parent` } })
  const child = await plain.category.create({ data: { name: `${mark} child`, parentId: parent.id } })
  const tags: number[] = []
  for (const name of ['a', 'b', 'c']) tags.push((await plain.tag.create({ data: { name: `${mark} ${name}` } })).id)
  const [first, second, third] = tags as [number, number, number]
  const other = await plain.product.create({
    data: {
      ...{ sku: `${mark} other`, name: `${mark} other`, price: '1.50', categoryId: child.id },
      tags: { connect: [{ id: first }] },
      prices: { create: { currency: 'USD', amount: '2.50' } },
      views: { create: { path: `${mark} other` } },
    },
  })
  const product = await plain.product.create({
    data: {
      ...{ sku: mark, name: `${mark} product`, price: '9.90', stock: 5n, categoryId: child.id },
      tags: { connect: [{ id: first }, { id: second }] },
      prices: { create: { currency: 'EUR', amount: '9.90' } },
      views: { create: { path: mark } },
    },
  })
  const user = await plain.user.create({
    data: {
      email: mark,
      name: 'Ada',
      profile: { create: { bio: 'a bio' } },
      reviews: { create: { productId: product.id, rating: 5 } },
      orders: {
        create: [{ note: 'one', items: { create: { productId: product.id, unitPrice: '9.90' } } }, { note: 'two' }],
      },
    },
    include: { orders: { orderBy: { id: 'asc' } }, reviews: true, profile: true },
  })
  const [one, two] = user.orders.map(({ id }) => id) as [number, number]
  return {
    user: user.id,
    orders: [one, two],
    review: user.reviews[0]?.id ?? 0,
    profile: user.profile?.id ?? 0,
    product: product.id,
    otherProduct: other.id,
    tags: [first, second, third],
    categories: [parent.id, child.id],
    mark,
  }
}

/** Reads of one table each, and of the implicit join table. None depends on what another table's tag would invalidate. */
export function readsOfEachTable({
  mark,
  product,
  otherProduct,
  user,
  review,
}: ShopGraph): Readonly<Record<string, (client: ShopClient) => Promise<unknown>>> {
  const products = [product, otherProduct]
  const id = 'asc' as const
  return {
    users: (client) => client.user.findMany({ where: { email: { startsWith: mark } }, orderBy: { id } }),
    profiles: (client) => client.profile.count({ where: { userId: user } }),
    'profiles in full': (client) => client.profile.findMany({ where: { userId: user } }),
    orders: (client) => client.order.findMany({ where: { userId: user }, orderBy: { id } }),
    order_items: (client) =>
      client.orderItem.findMany({ where: { productId: { in: products } }, orderBy: { orderId: id } }),
    ProductReviews: (client) =>
      client.review.findMany({ where: { OR: [{ id: review }, { productId: { in: products } }] }, orderBy: { id } }),
    products: (client) => client.product.findMany({ where: { sku: { startsWith: mark } }, orderBy: { id } }),
    prices: (client) => client.price.findMany({ where: { productId: { in: products } }, orderBy: { id } }),
    tags: (client) => client.tag.findMany({ where: { name: { startsWith: mark } }, orderBy: { id } }),
    Category: (client) => client.category.findMany({ where: { name: { startsWith: mark } }, orderBy: { id } }),
    page_views: (client) => client.pageView.findMany({ where: { path: { startsWith: mark } }, orderBy: { path: id } }),
    _ProductToTag: (client) =>
      client.tag.findMany({
        where: { name: { startsWith: mark } },
        orderBy: { id },
        select: { id: true, products: { select: { id: true }, orderBy: { id } } },
      }),
  }
}
