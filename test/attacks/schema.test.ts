// Attacks on the tables of a query: names and foreign keys that are written differently in the schema, the SQL and the database.

import { expect, it } from 'vitest'
import { Prisma } from '../../prisma/generated/postgres/client.ts'
import { cacheUnderTest } from '../contract/cache-under-test.ts'
import { cachedClient, describeShop } from '../prisma/prisma-shop.ts'
import { changeSchema } from './helpers.ts'

/** PostgreSQL cuts both to 63 bytes, in definitions and in statements alike. */
const longTable = `labels_${'x'.repeat(63)}`
const longRelation = `RelationOf${'X'.repeat(60)}`

await describeShop(
  'column names in mixed case',
  (shop) => {
    it('H23 ON UPDATE CASCADE is followed when the referenced column has capital letters', async () => {
      const { cache } = cacheUnderTest()
      // These databases do not tell "Id" from "id".
      const spelled = changeSchema(shop.client(), (schema) =>
        schema.replace(/(model Category \{\s+id\s+Int\s+@id @default\(autoincrement\(\)\))/, '$1 @map("Id")'),
      )
      const prisma = cachedClient(spelled, { cache })
      await prisma.$cache.ready()
      const { id } = await shop.plain.category.create({ data: { name: 'books' } })
      const { id: product } = await shop.plain.product.create({
        data: { sku: `sku${id}`, name: 'a book', price: 1, categoryId: id },
      })
      const read = () => prisma.product.findFirst({ where: { id: product }, select: { categoryId: true } })
      expect(await read()).toEqual({ categoryId: id })
      await prisma.category.update({ where: { id }, data: { id: id + 1000 } })
      expect(await shop.plain.product.findFirst({ where: { id: product }, select: { categoryId: true } })).toEqual({
        categoryId: id + 1000,
      })
      expect(await read()).toEqual({ categoryId: id + 1000 })
    })
  },
  { kinds: ['sqlite', 'mariadb'] },
)

await describeShop(
  'names longer than PostgreSQL keeps',
  (shop) => {
    it('H23 a table whose name is cut is invalidated', async () => {
      const { cache } = cacheUnderTest()
      await shop.db.exec(`ALTER TABLE tags RENAME TO "${longTable}"`)
      try {
        const prisma = cachedClient(
          changeSchema(shop.client(), (schema) => schema.replace('@@map("tags")', `@@map("${longTable}")`)),
          { cache },
        )
        await prisma.$cache.ready()
        expect(await prisma.tag.count()).toBe(0)
        await prisma.tag.create({ data: { name: 'new' } })
        expect(await prisma.tag.count()).toBe(1)
      } finally {
        await shop.db.exec(`ALTER TABLE "${longTable}" RENAME TO tags; DELETE FROM tags`)
      }
    })

    it('H23 an implicit join table whose name is cut is invalidated', async () => {
      const { cache } = cacheUnderTest()
      await shop.db.exec(`ALTER TABLE "_ProductToTag" RENAME TO "_${longRelation}"`)
      try {
        const prisma = cachedClient(
          changeSchema(shop.client(), (schema) =>
            schema
              .replace(
                /(\n\s+products\s+Product\[\])(\s+version[^}]*@@map\("tags"\))/,
                `$1 @relation("${longRelation}")$2`,
              )
              .replace(/(\n\s+tags\s+Tag\[\])/, `$1 @relation("${longRelation}")`),
          ),
          { cache },
        )
        await prisma.$cache.ready()
        const product = await prisma.product.create({ data: { sku: 'long', name: 'a book', price: 1 } })
        const tag = await prisma.tag.create({ data: { name: 'long' } })
        const tagsOf = async () =>
          (await prisma.product.findFirst({ where: { id: product.id }, include: { tags: true } }))?.tags.length
        expect(await tagsOf()).toBe(0)
        await prisma.$executeRawUnsafe(`INSERT INTO "_${longRelation}" ("A", "B") VALUES (${product.id}, ${tag.id})`)
        expect(await tagsOf()).toBe(1)
      } finally {
        await shop.db.exec(`ALTER TABLE "_${longRelation}" RENAME TO "_ProductToTag"`)
      }
    })

    it('$cache.invalidate takes a name as the schema has it', async () => {
      const { cache } = cacheUnderTest()
      await shop.db.exec(`CREATE TABLE IF NOT EXISTS "${longTable}" (id int); DELETE FROM "${longTable}"`)
      const prisma = cachedClient(shop.client(), { cache })
      await prisma.$cache.ready()
      const sql = Prisma.raw(`SELECT count(*)::int AS n FROM "${longTable}"`)
      const count = () => prisma.$cache.queryRaw(sql as never)
      expect(await count()).toEqual([{ n: 0 }])
      await shop.db.exec(`INSERT INTO "${longTable}" VALUES (1)`)
      await prisma.$cache.invalidate({ tables: [longTable] })
      expect(await count()).toEqual([{ n: 1 }])
    })

    it('H34 a moving date inside an array parameter is not cached', async () => {
      const { prisma } = await shop.cached()
      const days = ['today']
      const { trace } = await prisma.$cache.explain(async () => {
        const read = () =>
          prisma.$cache.queryRaw(
            Prisma.sql`SELECT id FROM users WHERE created_at >= ANY(${days}::text[]::timestamptz[])` as never,
          )
        await read()
        await read()
      })
      expect(trace.map(({ reason }) => reason)).toEqual(['non-deterministic', 'non-deterministic'])
    })
  },
  { kinds: ['postgres'] },
)

await describeShop('foreign keys of another client', (shop) => {
  it('H23 a client whose schema lacks a relation invalidates what the database cascades to', async () => {
    const { cache } = cacheUnderTest()
    const whole = cachedClient(shop.client(), { cache })
    const partial = cachedClient(
      changeSchema(shop.client(), (schema) =>
        schema
          .replace(/\n\s+profile\s+Profile\?/, '')
          .replace(
            /\n\s+user\s+User\s+@relation\(fields: \[userId\], references: \[id\], onDelete: Cascade\)(\s+bio)/,
            '$1',
          ),
      ),
      { cache },
    )
    await whole.$cache.ready()
    await partial.$cache.ready()
    const id = await shop.user('Ada')
    await shop.plain.profile.create({ data: { userId: id, bio: 'a bio' } })
    const count = () => whole.profile.count({ where: { userId: id } })
    expect(await count()).toBe(1)
    await partial.user.deleteMany({ where: { id } })
    expect(await count()).toBe(0)
  })
})
