// Every way in which Prisma writes, at every depth: whatever is cached of the tables concerned ends.

import { describe, expect, it } from 'vitest'
import { sameValue } from '../../packages/core/src/value/same-value.ts'
import type { ShopClient } from '../servers/shop-client.ts'
import { describeShop, type PrismaShop } from './prisma-shop.ts'
import { makeGraph, readsOfEachTable, type ShopGraph } from './shop-graph.ts'

interface WriteCase {
  readonly name: string
  readonly write: (client: ShopClient, graph: ShopGraph) => PromiseLike<unknown>
  /** The reads whose results the write changes. */
  readonly changes: readonly string[]
  /** MySQL cannot return the rows of a statement. */
  readonly notOn?: 'mysql'
}

const unitPrice = '1.00'

const NESTED: readonly WriteCase[] = [
  {
    name: 'create, two levels down',
    write: (client, { user, otherProduct }) =>
      client.user.update({
        where: { id: user },
        data: { orders: { create: { note: 'new', items: { create: { productId: otherProduct, unitPrice } } } } },
      }),
    changes: ['orders', 'order_items'],
  },
  {
    name: 'create of the parent',
    write: (client, { mark, product }) =>
      client.product.update({ where: { id: product }, data: { category: { create: { name: `${mark} new` } } } }),
    changes: ['Category', 'products'],
  },
  {
    name: 'createMany',
    write: (client, { user }) =>
      client.user.update({
        where: { id: user },
        data: { orders: { createMany: { data: [{ note: 'x' }, { note: 'y' }] } } },
      }),
    changes: ['orders'],
  },
  {
    name: 'connect, many to many',
    write: (client, { product, tags }) =>
      client.product.update({ where: { id: product }, data: { tags: { connect: { id: tags[2] } } } }),
    changes: ['_ProductToTag'],
  },
  {
    name: 'connect of children',
    write: (client, { categories, otherProduct }) =>
      client.category.update({ where: { id: categories[0] }, data: { products: { connect: { id: otherProduct } } } }),
    changes: ['products'],
  },
  {
    name: 'connectOrCreate that creates',
    write: (client, { product, mark }) =>
      client.product.update({
        where: { id: product },
        data: { tags: { connectOrCreate: { where: { name: `${mark} new` }, create: { name: `${mark} new` } } } },
      }),
    changes: ['tags', '_ProductToTag'],
  },
  {
    name: 'connectOrCreate that connects',
    write: (client, { product, mark }) =>
      client.product.update({
        where: { id: product },
        data: { tags: { connectOrCreate: { where: { name: `${mark} c` }, create: { name: `${mark} c` } } } },
      }),
    changes: ['_ProductToTag'],
  },
  {
    name: 'disconnect, many to many',
    write: (client, { product, tags }) =>
      client.product.update({ where: { id: product }, data: { tags: { disconnect: { id: tags[0] } } } }),
    changes: ['_ProductToTag'],
  },
  {
    name: 'disconnect of the parent',
    write: (client, { product }) =>
      client.product.update({ where: { id: product }, data: { category: { disconnect: true } } }),
    changes: ['products'],
  },
  {
    name: 'disconnect, three levels down',
    write: (client, { categories, product, tags }) =>
      client.category.update({
        where: { id: categories[0] },
        data: {
          children: {
            update: {
              where: { id: categories[1] },
              data: {
                products: { update: { where: { id: product }, data: { tags: { disconnect: { id: tags[1] } } } } },
              },
            },
          },
        },
      }),
    changes: ['_ProductToTag'],
  },
  {
    name: 'set, many to many',
    write: (client, { tags, otherProduct }) =>
      client.tag.update({ where: { id: tags[1] }, data: { products: { set: [{ id: otherProduct }] } } }),
    changes: ['_ProductToTag'],
  },
  {
    name: 'set of children',
    write: (client, { user }) => client.user.update({ where: { id: user }, data: { reviews: { set: [] } } }),
    changes: ['ProductReviews'],
  },
  {
    name: 'update, one to one',
    write: (client, { user }) =>
      client.user.update({ where: { id: user }, data: { profile: { update: { bio: 'new' } } } }),
    changes: ['profiles in full'],
  },
  {
    name: 'update, two levels down',
    write: (client, { user, orders, product }) =>
      client.user.update({
        where: { id: user },
        data: {
          orders: {
            update: {
              where: { id: orders[0] },
              data: {
                items: {
                  update: {
                    where: { orderId_productId: { orderId: orders[0], productId: product } },
                    data: { quantity: 7 },
                  },
                },
              },
            },
          },
        },
      }),
    changes: ['order_items'],
  },
  {
    name: 'updateMany',
    write: (client, { user }) =>
      client.user.update({
        where: { id: user },
        data: { orders: { updateMany: { where: { note: 'two' }, data: { note: 'new' } } } },
      }),
    changes: ['orders'],
  },
  {
    name: 'upsert that inserts',
    write: (client, { product }) =>
      client.product.update({
        where: { id: product },
        data: {
          prices: {
            upsert: {
              where: { productId_currency: { productId: product, currency: 'USD' } },
              create: { currency: 'USD', amount: '10.90' },
              update: { amount: '0.00' },
            },
          },
        },
      }),
    changes: ['prices'],
  },
  {
    name: 'upsert that updates, one to one',
    write: (client, { user }) =>
      client.user.update({
        where: { id: user },
        data: { profile: { upsert: { create: { bio: 'x' }, update: { bio: 'new' } } } },
      }),
    changes: ['profiles in full'],
  },
  {
    name: 'delete',
    write: (client, { user, orders }) =>
      client.user.update({ where: { id: user }, data: { orders: { delete: { id: orders[0] } } } }),
    changes: ['orders', 'order_items'],
  },
  {
    name: 'delete, one to one',
    write: (client, { user }) => client.user.update({ where: { id: user }, data: { profile: { delete: true } } }),
    changes: ['profiles', 'profiles in full'],
  },
  {
    name: 'deleteMany, two levels down',
    write: (client, { user, orders }) =>
      client.user.update({
        where: { id: user },
        data: { orders: { update: { where: { id: orders[0] }, data: { items: { deleteMany: {} } } } } },
      }),
    changes: ['order_items'],
  },
  {
    name: 'several kinds at once',
    write: (client, { product, tags, mark, categories }) =>
      client.product.update({
        where: { id: product },
        data: {
          name: 'new',
          tags: { connect: { id: tags[2] }, disconnect: { id: tags[0] }, create: { name: `${mark} d` } },
          prices: { deleteMany: {}, create: { currency: 'CHF', amount: '3.00' } },
          category: { update: { name: `${mark} renamed`, parent: { disconnect: true } } },
          reviews: { updateMany: { where: {}, data: { rating: 1 } } },
          views: { create: { path: `${mark} new` } },
        },
        include: { tags: true, category: { include: { parent: categories.length > 0 } } },
      }),
    changes: ['products', 'tags', '_ProductToTag', 'prices', 'Category', 'ProductReviews', 'page_views'],
  },
]

const SIMPLE: readonly WriteCase[] = [
  {
    name: 'createMany',
    write: (client, { mark }) => client.tag.createMany({ data: [{ name: `${mark} d` }, { name: `${mark} e` }] }),
    changes: ['tags', '_ProductToTag'],
  },
  {
    name: 'createManyAndReturn',
    write: (client, { mark }) => client.tag.createManyAndReturn({ data: [{ name: `${mark} d` }] }),
    changes: ['tags', '_ProductToTag'],
    notOn: 'mysql',
  },
  {
    name: 'updateManyAndReturn',
    write: (client, { user }) => client.order.updateManyAndReturn({ where: { userId: user }, data: { note: 'new' } }),
    changes: ['orders'],
    notOn: 'mysql',
  },
  {
    name: 'updateMany with a filter on another table',
    write: (client, { mark }) => client.order.updateMany({ where: { user: { email: mark } }, data: { note: 'new' } }),
    changes: ['orders'],
  },
  {
    name: 'update with a selection',
    write: (client, { user }) =>
      client.user.update({ where: { id: user }, data: { name: 'new' }, select: { orders: true } }),
    changes: ['users'],
  },
  {
    name: 'deleteMany with a filter on another table',
    write: (client, { mark }) => client.profile.deleteMany({ where: { user: { email: mark } } }),
    changes: ['profiles', 'profiles in full'],
  },
]

/** What the database does by itself, by Prisma's default actions too. */
const CASCADES: readonly WriteCase[] = [
  {
    name: 'delete: cascade over two keys, and set null',
    write: (client, { user }) => client.user.delete({ where: { id: user } }),
    changes: ['users', 'profiles', 'orders', 'order_items', 'ProductReviews'],
  },
  {
    name: 'deleteMany: set null in another table and in its own',
    write: (client, { categories }) => client.category.deleteMany({ where: { id: categories[0] } }),
    changes: ['Category'],
  },
  {
    name: 'delete: set null by default',
    write: (client, { categories }) => client.category.delete({ where: { id: categories[1] } }),
    changes: ['Category', 'products'],
  },
  {
    name: 'delete: rows of the implicit join table',
    write: (client, { tags }) => client.tag.delete({ where: { id: tags[0] } }),
    changes: ['tags', '_ProductToTag'],
  },
  {
    name: 'deleteMany: everything that hangs on a product',
    write: (client, { otherProduct }) => client.product.deleteMany({ where: { id: otherProduct } }),
    changes: ['products', 'prices', '_ProductToTag', 'page_views'],
  },
  {
    name: 'update of an id: cascade by default',
    write: (client, { user }) => client.user.update({ where: { id: user }, data: { id: user + 1_000_000 } }),
    changes: ['users', 'orders', 'profiles'],
  },
  {
    name: 'nested delete',
    write: (client, { categories, otherProduct }) =>
      client.category.update({ where: { id: categories[1] }, data: { products: { delete: { id: otherProduct } } } }),
    changes: ['products', 'prices', '_ProductToTag', 'page_views'],
  },
]

await describeShop('writes', writes)

function writes(shop: PrismaShop): void {
  const cases = (all: readonly WriteCase[]): readonly WriteCase[] => all.filter(({ notOn }) => notOn !== shop.dialect)
  describe.each([
    ['H24 nested', cases(NESTED)],
    ['H25', cases(SIMPLE)],
    ['H23', cases(CASCADES)],
  ] as const)('%s', (_, group) => {
    it.each(group)('$name', async ({ write, changes }) => {
      const { prisma, cache } = await shop.cached()
      const client = prisma as unknown as ShopClient
      const graph = await makeGraph(shop)
      const reads = Object.entries(readsOfEachTable(graph))
      const before = new Map<string, unknown>()
      for (const [name, read] of reads) before.set(name, await read(client))
      expect(cache.stats()).toMatchObject({ fills: reads.length, bypasses: 0 })

      await write(client, graph)
      const changed: string[] = []
      for (const [name, read] of reads) {
        const [served, stored] = [await read(client), await read(shop.plain)]
        expect(sameValue(served, stored), `what is cached of ${name}`).toBeUndefined()
        if (sameValue(stored, before.get(name)) !== undefined) changed.push(name)
      }
      expect(changed).toEqual(expect.arrayContaining([...changes]))
    })
  })
}
