// The databases that tests get: really separate, really like the schema, really gone afterwards.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeDatabases } from './databases.ts'
import type { TestDatabase } from './test-database.ts'

await describeDatabases('a test database', (database) => {
  let db: TestDatabase
  beforeAll(async () => {
    const t = performance.now()
    db = await database.open()
    console.log(database.kind, 'open', performance.now() - t)
  })
  afterAll(() => db.close())

  it('x', async () => {
    const t = performance.now()
    const client = db.client()
    await client.user.create({ data: { email: 'a', orders: { create: [{}] } }, include: { orders: true } })
    console.log(database.kind, 'first', performance.now() - t)
    expect(await client.user.count()).toBe(1)
    const t1 = performance.now()
    await db.reset()
    console.log(database.kind, 'reset', performance.now() - t1)
    const t2 = performance.now()
    console.log(database.kind, await db.load({ scale: 1 }), 'load', performance.now() - t2)
    console.log((await client.product.findFirst({include: {tags: true, prices: true, category: true}})))
    console.log(await client.orderTotal.findMany({take: 2, orderBy: {orderId: 'asc'}}))
    console.log(await db.query('select * from products limit 1'))
  })
})
