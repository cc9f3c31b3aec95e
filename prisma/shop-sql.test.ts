// The committed SQL fits the schema: by text where an engine can write it, by use in every database.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { handWritten, tablesByDialect } from '../scripts/lib/schema-sql.mjs'
import { describeDatabases } from '../test/servers/databases.ts'
import type { ShopClient } from '../test/servers/shop-client.ts'
import type { TestDatabase } from '../test/servers/test-database.ts'
import { Prisma } from './generated/postgres-joins/client.ts'
import { shopDefinition, shopTableNames } from './shop-sql.ts'

describe('prisma/sql', () => {
  it('holds the tables of schema.prisma (else run: node scripts/setup-sql.mjs)', async () => {
    for (const [dialect, tables] of Object.entries(await tablesByDialect())) {
      const [written = ''] = shopDefinition(dialect as 'postgres' | 'sqlite').split(handWritten)
      expect(withoutTitle(written), `${dialect}.sql`).toBe(tables)
    }
  })

  it('creates in every dialect the tables that shopTableNames lists', () => {
    for (const dialect of ['postgres', 'mysql', 'sqlite'] as const) {
      const created = [...shopDefinition(dialect).matchAll(/^CREATE TABLE ["`](\w+)["`]/gm)].map(([, name]) => name)
      expect(created.toSorted(), `${dialect}.sql`).toEqual(shopTableNames.toSorted())
    }
  })
})

await describeDatabases('the sample shop', (database) => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await database.open()
  })
  afterEach(() => db.reset())
  afterAll(() => db.close())

  describe.each([
    { name: 'without relationJoins', relationJoins: false },
    { name: 'with relationJoins', relationJoins: true },
  ])('$name', ({ relationJoins }) => {
    it('creates and reads every column of every model', async () => {
      const client = db.client({ relationJoins })
      const written = await createOneOfEach(client, database.dialect === 'postgres')
      const models = modelsOf(client).filter((name) => name !== 'OrderTotal')
      expect(Object.keys(written).toSorted()).toEqual(models.toSorted())
      for (const [model, row] of Object.entries(written)) {
        expect(await delegate(client, model).findMany({}), model).toContainEqual(row)
        expect(Object.values(row), `${model} has a column that the test leaves empty`).not.toContain(null)
      }
    })

    it('reads relations in both directions', async () => {
      const client = db.client({ relationJoins })
      await createOneOfEach(client, database.dialect === 'postgres')
      const user = await client.user.findUniqueOrThrow({
        where: { email: 'ada@shop.example' },
        include: {
          profile: true,
          orders: { include: { items: { include: { product: { include: { tags: true } } } } } },
        },
      })
      expect(user.profile?.bio).toBe('Counts.')
      expect(user.orders[0]?.items[0]?.product.tags[0]?.name).toBe('new')
      const tag = await client.tag.findFirstOrThrow({ include: { products: { include: { category: true } } } })
      expect(tag.products[0]?.category?.name).toBe('Things')
    })
  })

  it('reads relations in one statement where the client and the database have relationJoins', async () => {
    for (const relationJoins of [false, true]) {
      const client = db.client({ relationJoins, log: [{ emit: 'event', level: 'query' }] })
      await client.user.create({ data: { email: `${relationJoins}`, orders: { create: {} } } })
      const statements: string[] = []
      client.$on('query', ({ query }) => statements.push(query))
      await client.user.findMany({ include: { orders: true } })
      const joined = relationJoins && database.dialect === 'postgres'
      expect(
        statements.filter((sql) => sql.startsWith('SELECT')),
        statements.join('\n'),
      ).toHaveLength(joined ? 1 : 2)
    }
  })

  it('reads the totals of orders from the view', async () => {
    const client = db.client()
    const { Order: order } = await createOneOfEach(client, false)
    expect(await client.orderTotal.findMany()).toEqual([
      { orderId: order?.['id'], userId: order?.['userId'], itemCount: 3, total: new Prisma.Decimal('59.97') },
    ])
  })

  it('records a change of price by trigger, and only a change', async () => {
    const client = db.client()
    const { id } = await client.product.create({ data: { sku: 'a', name: 'A', price: '1.50' } })
    await client.product.update({ where: { id }, data: { price: '1.50', name: 'B' } })
    expect(await client.priceChange.count()).toBe(0)
    await client.product.update({ where: { id }, data: { price: '2.25' } })
    const [change] = await client.priceChange.findMany()
    expect([change?.productId, change?.oldPrice.toFixed(2), change?.newPrice.toFixed(2)]).toEqual([id, '1.50', '2.25'])
    expect(change?.changedAt).toBeInstanceOf(Date)
  })

  it('follows the referential actions of the schema, defaults included', async () => {
    const client = db.client()
    await createOneOfEach(client, false)
    const counts = async () => ({
      profiles: await client.profile.count(),
      orders: await client.order.count(),
      items: await client.orderItem.count(),
      reviewsWithUser: await client.review.count({ where: { userId: { not: null } } }),
    })
    await expect(client.product.deleteMany(), 'a sold product').rejects.toThrow(/foreign key|constraint/i)
    await client.category.deleteMany({ where: { name: 'All' } })
    expect(await client.category.findMany({ select: { parentId: true } })).toEqual([{ parentId: null }])
    await client.user.deleteMany()
    expect(await counts()).toEqual({ profiles: 0, orders: 0, items: 0, reviewsWithUser: 0 })
    expect(await client.review.count()).toBe(1)
    await client.product.deleteMany()
    expect(await client.price.count()).toBe(0)
    expect(await client.pageView.findMany({ select: { productId: true } })).toEqual([{ productId: null }])
    expect(await client.tag.findMany({ select: { _count: true } })).toEqual([{ _count: { products: 0 } }])
  })

  it('rejects a second row with the same composite unique key', async () => {
    const client = db.client()
    const price = { currency: 'EUR', amount: 1 }
    const { id: productId } = await client.product.create({
      data: { sku: 'a', name: 'A', price: 1, prices: { create: price } },
    })
    await expect(client.price.create({ data: { ...price, productId } })).rejects.toMatchObject({ code: 'P2002' })
    const found = await client.price.findUnique({ where: { productId_currency: { productId, currency: 'EUR' } } })
    expect(found?.amount.toFixed(2)).toBe('1.00')
  })

  it('starts again with empty tables and id 1 after a reset', async () => {
    const client = db.client()
    await createOneOfEach(client, false)
    await db.reset()
    for (const model of modelsOf(client)) expect(await delegate(client, model).count(), model).toBe(0)
    expect(await client.user.create({ data: { email: 'b' } })).toMatchObject({ id: 1 })
  })
})

type Row = Record<string, unknown>
interface Delegate {
  findMany(args: object): Promise<Row[]>
  count(): Promise<number>
}

/** One row per model, as `create` returned it, with every column set. */
async function createOneOfEach(client: ShopClient, hasLists: boolean): Promise<Record<string, Row>> {
  const at = new Date('2025-03-04T05:06:07.089Z')
  const User = await client.user.create({
    data: {
      email: 'ada@shop.example',
      name: 'Ada',
      role: 'STAFF',
      settings: { theme: 'dark', list: [1, null, 'x'] },
      createdAt: at,
    },
  })
  const Profile = await client.profile.create({
    data: { userId: User.id, bio: 'Counts.', birthday: new Date('1985-12-10T00:00:00Z') },
  })
  const parent = await client.category.create({ data: { name: 'All' } })
  const Category = await client.category.create({ data: { name: 'Things', parentId: parent.id } })
  const Tag = await client.tag.create({ data: { name: 'new' } })
  const Product = await client.product.create({
    data: {
      sku: 'A-1',
      name: 'Lamp',
      price: '19.99',
      stock: 9_007_199_254_740_991n,
      weight: 1.5,
      image: new Uint8Array([0, 39, 92, 255]),
      attributes: { size: [1, 2] },
      ...(hasLists ? { labels: ['a', 'it\'s "b"'] } : {}),
      releasedAt: at,
      categoryId: Category.id,
      tags: { connect: { id: Tag.id } },
    },
  })
  const Price = await client.price.create({ data: { productId: Product.id, currency: 'EUR', amount: '19.99' } })
  const Order = await client.order.create({ data: { userId: User.id, status: 'PAID', note: 'soon', placedAt: at } })
  const OrderItem = await client.orderItem.create({
    data: { orderId: Order.id, productId: Product.id, quantity: 3, unitPrice: '19.99' },
  })
  const Review = await client.review.create({
    data: { productId: Product.id, userId: User.id, rating: 5, body: 'Bright', createdAt: at },
  })
  const PageView = await client.pageView.create({ data: { path: '/a', productId: Product.id, viewedAt: at } })
  const PriceChange = await client.priceChange.create({
    data: { productId: Product.id, oldPrice: 1, newPrice: 2, changedAt: at },
  })
  return { User, Profile, Category, Tag, Product, Price, Order, OrderItem, Review, PageView, PriceChange }
}

/** Prisma 7 publishes no list of models at run time; this is internal. */
function modelsOf(client: ShopClient): string[] {
  return Object.keys((client as unknown as { _runtimeDataModel: { models: object } })._runtimeDataModel.models)
}

function delegate(client: ShopClient, model: string): Delegate {
  const name = model.slice(0, 1).toLowerCase() + model.slice(1)
  return (client as unknown as Record<string, Delegate>)[name] as Delegate
}

function withoutTitle(sql: string): string {
  return sql.slice(sql.indexOf('\n')).trim()
}
