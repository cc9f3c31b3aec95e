// The generated rows are the same every time and in every database.

import { describe, expect, it } from 'vitest'
import { describeDatabases } from '../test/servers/databases.ts'
import type { ShopClient } from '../test/servers/shop-client.ts'
import { loadShop, shopCounts, shopInserts, shopTables } from './shop-data.ts'

describe('shop data', () => {
  it('is the same for the same seed and another for another', () => {
    expect(shopTables({ scale: 0.02, seed: 7 })).toEqual(shopTables({ scale: 0.02, seed: 7 }))
    expect(shopTables({ scale: 0.02, seed: 7 })).not.toEqual(shopTables({ scale: 0.02, seed: 8 }))
  })

  it('has about 50,000 rows at scale 1, and ids from 1 to the count of the table', () => {
    const tables = shopTables()
    const total = tables.reduce((sum, { rows }) => sum + rows.length, 0)
    expect(total).toBeGreaterThan(45_000)
    expect(total).toBeLessThan(55_000)
    const counts = shopCounts()
    for (const [name, count] of [
      ['users', counts.users],
      ['products', counts.products],
      ['orders', counts.orders],
    ] as const) {
      const ids = tables.find((table) => table.name === name)?.rows.map(([id]) => id)
      expect(ids, name).toEqual(Array.from({ length: count }, (_, index) => index + 1))
    }
  })

  it('orders few products often', () => {
    const items = shopTables({ scale: 0.2 }).find(({ name }) => name === 'order_items')?.rows ?? []
    const products = shopCounts(0.2).products
    const ofTheFirstTenth = items.filter(([, product]) => (product as number) <= products / 10)
    expect(ofTheFirstTenth.length / items.length).toBeGreaterThan(0.35)
  })

  it('gives whole statements of limited size', () => {
    for (const dialect of ['postgres', 'mysql', 'sqlite'] as const) {
      const statements = [...shopInserts(dialect, { scale: 0.3 })]
      expect(Math.max(...statements.map(({ length }) => length))).toBeLessThan(500_000)
      for (const sql of statements) expect(sql).toMatch(/^(INSERT INTO|SELECT setval)/)
    }
  })

  it('reports progress up to the number of rows', async () => {
    const seen: (readonly [number, number])[] = []
    const rows = await loadShop(async () => {}, 'postgres', {
      scale: 0.02,
      onProgress: (loaded, total) => seen.push([loaded, total]),
    })
    expect(seen.at(-1)).toEqual([rows, rows])
    expect(seen.length).toBeGreaterThan(5)
  })

  it('rejects a scale that is not above 0', () => {
    expect(() => shopCounts(0)).toThrow(RangeError)
    expect(() => shopCounts(Number.NaN)).toThrow('the scale of the shop has to be above 0, not NaN')
  })
})

/** What the first database gave; all others have to give the same. */
let expected: unknown

await describeDatabases('shop data', (database) => {
  it('loads, reads the same everywhere, and leaves room for new rows', async () => {
    await using db = await database.open()
    const rows = await db.load({ scale: 0.05 })
    const client = db.client()
    const everything = await readAll(client)
    expected ??= everything
    expect(everything).toStrictEqual(expected)
    // SQLite compares moments as texts, so generated ones have to be written as Prisma writes its parameters.
    const { placedAt } = await client.order.findFirstOrThrow()
    expect(await client.order.count({ where: { placedAt } })).toBeGreaterThan(0)
    const tables = shopTables({ scale: 0.05 })
    expect(rows).toBe(tables.reduce((sum, table) => sum + table.rows.length, 0))
    const { id } = await client.user.create({ data: { email: 'new@shop.example', orders: { create: {} } } })
    expect(id).toBe(shopCounts(0.05).users + 1)
  })
})

/** Every table; the labels of products are left out, because only PostgreSQL has them. */
async function readAll(client: ShopClient): Promise<object> {
  const orderBy = { id: 'asc' } as const
  const products = await client.product.findMany({ orderBy, include: { tags: { orderBy }, prices: { orderBy } } })
  return {
    users: await client.user.findMany({ orderBy, include: { profile: true } }),
    categories: await client.category.findMany({ orderBy }),
    products: products.map(({ labels: _, ...product }) => product),
    orders: await client.order.findMany({ orderBy, include: { items: { orderBy: { productId: 'asc' } } } }),
    reviews: await client.review.findMany({ orderBy }),
    recent: await client.order.findMany({ where: { placedAt: { gte: new Date('2025-06-01T00:00:00Z') } }, orderBy }),
  }
}
