// Reads of every shape, with and without relationJoins: a hit is what the database says, and a write to any table they touch ends them.

import { expect, it } from 'vitest'
import { sameValue } from '../../packages/core/src/value/same-value.ts'
import type { ShopClient } from '../servers/shop-client.ts'
import { describeShop, expectHit, type PrismaShop } from './prisma-shop.ts'
import { makeGraph, type ShopGraph } from './shop-graph.ts'

type Query = (client: ShopClient, graph: ShopGraph) => PromiseLike<unknown>

interface QueryCase {
  readonly name: string
  readonly read: Query
  /** Changes what `read` answers, through a table that is not the one read first. */
  readonly write: Query
}

const renote: Query = (client, { user }) => client.order.updateMany({ where: { userId: user }, data: { note: 'new' } })
const retag: Query = (client, { tags, mark }) =>
  client.tag.updateMany({ where: { id: tags[0] }, data: { name: `${mark} 0` } })
const untag: Query = (client, { tags }) => client.tag.deleteMany({ where: { id: tags[0] } })
const recount: Query = (client, { product }) =>
  client.orderItem.updateMany({ where: { productId: product }, data: { quantity: 9 } })
const rename: Query = (client, { user }) => client.user.updateMany({ where: { id: user }, data: { name: 'new' } })
const recategorize: Query = (client, { categories, mark }) =>
  client.category.updateMany({ where: { id: categories[1] }, data: { name: `zz ${mark}` } })

const CASES: readonly QueryCase[] = [
  {
    name: 'include, three levels deep',
    read: (client, { user }) =>
      client.user.findUnique({
        where: { id: user },
        include: {
          orders: { include: { items: { include: { product: { include: { tags: { orderBy: { id: 'asc' } } } } } } } },
        },
      }),
    write: retag,
  },
  {
    name: 'select, nested',
    read: (client, { user }) =>
      client.user.findUniqueOrThrow({
        where: { id: user },
        select: { orders: { select: { items: { select: { quantity: true } } } } },
      }),
    write: recount,
  },
  {
    name: 'a filter: some',
    read: (client, { mark }) => client.user.findMany({ where: { email: mark, orders: { some: { note: 'one' } } } }),
    write: renote,
  },
  {
    name: 'a filter: none',
    read: (client, { mark }) => client.user.findFirst({ where: { email: mark, orders: { none: { note: 'new' } } } }),
    write: renote,
  },
  {
    name: 'a filter: every',
    read: (client, { mark }) => client.user.findFirst({ where: { email: mark, orders: { every: { note: 'new' } } } }),
    write: renote,
  },
  {
    name: 'a filter: is, in NOT and OR',
    read: (client, { orders }) =>
      client.order.findMany({
        where: { OR: [{ id: { in: [...orders] }, NOT: { user: { is: { name: 'Ada' } } } }, { id: -1 }] },
      }),
    write: rename,
  },
  {
    name: 'a filter through the join table',
    read: (client, { mark, tags }) => client.product.count({ where: { sku: mark, tags: { some: { id: tags[0] } } } }),
    write: untag,
  },
  {
    name: 'a filter inside an include',
    read: (client, { categories }) =>
      client.category.findUnique({
        where: { id: categories[1] },
        include: { products: { where: { tags: { some: { name: { endsWith: ' a' } } } }, orderBy: { id: 'asc' } } },
      }),
    write: retag,
  },
  {
    name: '_count of everything',
    read: (client, { user }) => client.user.findUnique({ where: { id: user }, include: { _count: true } }),
    write: (client, { orders }) => client.order.deleteMany({ where: { id: orders[1] } }),
  },
  {
    name: '_count with a filter',
    read: (client, { user }) =>
      client.user.findMany({
        where: { id: user },
        select: { _count: { select: { orders: { where: { note: 'one' } } } } },
      }),
    write: renote,
  },
  {
    name: 'orderBy a relation',
    read: (client, { mark }) =>
      client.order.findMany({
        where: { user: { email: mark } },
        orderBy: [{ user: { name: 'asc' } }, { id: 'asc' }],
        select: { user: { select: { name: true } } },
      }),
    write: rename,
  },
  {
    name: 'orderBy the number of rows of a relation',
    read: (client, { product, otherProduct }) =>
      client.product.findMany({
        where: { id: { in: [product, otherProduct] } },
        orderBy: [{ tags: { _count: 'asc' } }, { id: 'asc' }],
        select: { id: true },
      }),
    write: (client, { otherProduct, tags }) =>
      client.product.update({ where: { id: otherProduct }, data: { tags: { set: tags.map((id) => ({ id })) } } }),
  },
  {
    name: 'count of columns, filtered by a relation',
    read: (client, { mark }) =>
      client.product.count({ where: { category: { name: `${mark} child` } }, select: { _all: true, weight: true } }),
    write: recategorize,
  },
  {
    name: 'aggregate, filtered by a relation',
    read: (client, { mark }) =>
      client.product.aggregate({
        where: { category: { name: `${mark} child` } },
        _sum: { stock: true, price: true },
        _avg: { price: true, weight: true },
        _max: { releasedAt: true },
        _count: true,
      }),
    write: recategorize,
  },
  {
    name: 'groupBy, filtered by a relation',
    read: (client, { mark }) =>
      client.product.groupBy({
        by: ['categoryId', 'active'],
        where: { category: { is: { name: `${mark} child` } } },
        having: { price: { _avg: { gt: 1 } } },
        _count: true,
        _sum: { price: true },
        orderBy: { categoryId: 'asc' },
      }),
    write: recategorize,
  },
  {
    name: 'distinct, with a relation',
    read: (client, { mark }) =>
      client.product.findMany({
        where: { sku: { startsWith: mark } },
        distinct: ['categoryId'],
        select: { category: { select: { name: true } } },
      }),
    write: recategorize,
  },
  {
    name: 'a tree: parent and children of the same table',
    read: (client, { categories }) =>
      client.category.findUnique({
        where: { id: categories[0] },
        include: { children: { include: { products: { select: { sku: true } } } } },
      }),
    write: (client, { product }) => client.product.updateMany({ where: { id: product }, data: { categoryId: null } }),
  },
  {
    name: 'the fluent API, two steps',
    read: (client, { product }) =>
      client.orderItem
        .findFirst({ where: { productId: product } })
        .order()
        .user(),
    write: rename,
  },
  {
    name: 'findFirst with skip, and a cursor',
    read: (client, { user, orders }) =>
      client.user.findUnique({
        where: { id: user },
        select: { orders: { cursor: { id: orders[0] }, skip: 1, take: 5, orderBy: { id: 'asc' } } },
      }),
    write: renote,
  },
  {
    name: 'omit on a relation',
    read: (client, { user }) =>
      client.user.findUnique({
        where: { id: user },
        omit: { email: true },
        include: { orders: { omit: { placedAt: true } } },
      }),
    write: renote,
  },
]

await describeShop('H20 H40 reads', reads, { joins: true })

function reads(shop: PrismaShop): void {
  it.each(CASES)('$name', async ({ read, write }) => {
    const cached = await shop.cached()
    const graph = await makeGraph(shop)
    const before = await expectHit(shop, cached, (client) => read(client, graph))
    await write(cached.prisma as unknown as ShopClient, graph)
    const after = await expectHit(shop, cached, (client) => read(client, graph))
    expect(sameValue(before, after), 'the results before and after the write').toBeDefined()
  })

  it.skipIf(!shop.relationJoins).each(['join', 'query'] as const)(
    'relationLoadStrategy %s',
    async (relationLoadStrategy) => {
      const cached = await shop.cached()
      const graph = await makeGraph(shop)
      const read = (client: ShopClient) =>
        client.product.findUnique({
          relationLoadStrategy,
          where: { id: graph.product },
          include: {
            tags: { orderBy: { id: 'asc' } },
            prices: true,
            category: true,
            items: { include: { order: true } },
          },
        })
      await expectHit(shop, cached, read)
      await renote(cached.prisma as unknown as ShopClient, graph)
      expect(await expectHit(shop, cached, read)).toMatchObject({ items: [{ order: { note: 'new' } }] })
    },
  )

  it('a view is not cached: its tables are not known', async () => {
    const { prisma, cache } = await shop.cached()
    const { orders } = await makeGraph(shop)
    const read = () => prisma.orderTotal.findFirst({ where: { orderId: orders[0] } })
    expect(await read()).toMatchObject({ itemCount: 1 })
    await prisma.orderItem.updateMany({ where: { orderId: orders[0] }, data: { quantity: 3 } })
    expect(await read()).toMatchObject({ itemCount: 3 })
    expect(cache.stats().bypassReasons['unknown-tables']).toBe(2)
  })
}
