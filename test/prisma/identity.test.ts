// Which queries are the same query (H30 H32): everybody gets the answer to his own question.

import { systemRuntime } from '@larder/core'
import { expect, it } from 'vitest'
import { sameValue } from '../../packages/core/src/value/same-value.ts'
import { MapStore } from '../../packages/core/test/doubles/map-store.ts'
import type { ShopClient } from '../servers/shop-client.ts'
import { prismaNamespace } from './prisma-namespace.ts'
import { type CachedShop, cachedClient, describeShop, expectHit, type PrismaShop } from './prisma-shop.ts'

type Query = (client: ShopClient) => PromiseLike<unknown>

/** All queries through one cache, twice and in both orders, each compared with the database. */
async function tellApart(shop: PrismaShop, { prisma }: CachedShop, queries: readonly Query[]): Promise<void> {
  const client = prisma as unknown as ShopClient
  const outcome = async (read: () => PromiseLike<unknown>) => {
    try {
      return { value: await read() }
    } catch (error) {
      return { error: (error as Error).name }
    }
  }
  for (const query of [...queries, ...queries.toReversed()]) {
    const [served, stored] = [await outcome(() => query(client)), await outcome(() => query(shop.plain))]
    expect(sameValue(served, stored), query.toString()).toBeUndefined()
  }
}

await describeShop('H30 queries that look alike', (shop) => {
  it('null, undefined, absent and empty', async () => {
    const cached = await shop.cached()
    const mark = shop.email()
    await shop.plain.user.createMany({
      data: [
        { email: `${mark} 1`, name: null },
        { email: `${mark} 2`, name: '' },
      ],
    })
    const where = (name: null | string) => ({ email: { startsWith: mark }, name })
    await tellApart(shop, cached, [
      (client) => client.user.findMany({ where: where(null) }),
      (client) => client.user.findMany({ where: { email: { startsWith: mark }, name: undefined as never } }),
      (client) => client.user.findMany({ where: { email: { startsWith: mark } } }),
      (client) => client.user.findMany({ where: where('') }),
      (client) => client.user.findMany({ where: where('null') }),
      (client) => client.user.findMany({ where: where('undefined') }),
      (client) => client.user.findMany({ where: { email: { startsWith: mark }, NOT: { name: null } } }),
      (client) => client.user.findMany({ where: { email: { startsWith: mark }, NOT: [] } }),
      (client) => client.user.findMany({ where: { email: { startsWith: mark }, OR: [] } }),
      (client) => client.user.findMany({ where: { email: { startsWith: mark }, AND: [] } }),
    ])
  })

  it('DbNull, JsonNull, AnyNull and {}', async () => {
    const cached = await shop.cached()
    const { DbNull, JsonNull, AnyNull } = prismaNamespace(shop.dialect)
    const mark = shop.email()
    for (const [i, settings] of [DbNull, DbNull, JsonNull, {}, { a: null }].entries()) {
      await shop.plain.user.create({ data: { email: `${mark} ${i}`, settings: settings as never } })
    }
    const count = (settings: unknown) => (client: ShopClient) =>
      client.user.count({ where: { email: { startsWith: mark }, settings: settings as never } })
    await tellApart(shop, cached, [
      ...[DbNull, JsonNull, AnyNull, {}, { a: null }, []].map((equals) => count({ equals })),
      ...[DbNull, JsonNull, AnyNull].map((not) => count({ not })),
      count(DbNull),
      count(undefined),
    ])
  })

  it('numbers, bigints, texts, Decimals, dates and bytes', async () => {
    const cached = await shop.cached()
    const { Decimal } = prismaNamespace(shop.dialect)
    const mark = shop.email()
    const at = new Date('2026-01-02T03:04:05.006Z')
    const image = Uint8Array.of(49)
    await shop.plain.product.create({
      data: { sku: mark, name: '1', price: '1', stock: 1n, weight: 0, image, releasedAt: at },
    })
    const find = (where: object) => (client: ShopClient) => client.product.findMany({ where: { sku: mark, ...where } })
    await tellApart(shop, cached, [
      ...[1, 1n, '1', 2, true].map((stock) => find({ stock })),
      ...['1', 1, '1.0', new Decimal(1), new Decimal('1.00'), new Decimal('-1'), 1.01].map((price) => find({ price })),
      ...[0, -0, Number.NaN, 1e-320].map((weight) => find({ weight })),
      ...['1', '2', '01'].map((name) => find({ name })),
      ...[at, at.toISOString(), new Date(at.getTime() + 1), '2026-01-02T03:04:05.006+01:00'].map((releasedAt) =>
        find({ releasedAt }),
      ),
      ...[image, Uint8Array.of(50), new Uint8Array(), Buffer.from('1')].map((bytes) => find({ image: bytes })),
      ...[true, false, undefined].map((active) => find({ active })),
    ])
  })

  it('lists: their order, their nesting, one element or the element', async () => {
    const cached = await shop.cached()
    const mark = shop.email()
    const ids: number[] = []
    for (const name of ['b', 'a'])
      ids.push((await shop.plain.user.create({ data: { email: `${mark} ${name}`, name } })).id)
    const [one, two] = ids as [number, number]
    await tellApart(shop, cached, [
      (client) => client.user.findMany({ where: { id: { in: [one] } } }),
      (client) =>
        client.user.findMany({ where: { id: { in: [one, two] } }, orderBy: [{ id: 'asc' }, { name: 'asc' }] }),
      (client) =>
        client.user.findMany({ where: { id: { in: [one, two] } }, orderBy: [{ name: 'asc' }, { id: 'asc' }] }),
      (client) => client.user.findMany({ where: { id: { notIn: [one] }, email: { startsWith: mark } } }),
      (client) => client.user.findMany({ where: { id: { in: [] } } }),
      (client) => client.user.findMany({ where: { AND: [{ id: one }, { id: two }] } }),
      (client) => client.user.findMany({ where: { OR: [{ id: one }, { id: two }] }, orderBy: { id: 'asc' } }),
      (client) => client.user.findMany({ where: { id: { in: ids } }, orderBy: { id: 'asc' }, take: 1 }),
      (client) => client.user.findMany({ where: { id: { in: ids } }, orderBy: { id: 'asc' }, take: -1 }),
      (client) => client.user.findMany({ where: { id: { in: ids } }, orderBy: { id: 'asc' }, skip: 1 }),
      (client) => client.user.findMany({ where: { id: { in: ids } }, orderBy: { id: 'asc' }, skip: 1, take: 1 }),
    ])
  })

  it('texts: unicode forms, quotes, and texts that look like structure', async () => {
    const cached = await shop.cached()
    const mark = shop.email()
    const names = ['é', 'e\u0301', '"', '{"a":1}', '}{', '1:a', 'a\u0000'.slice(0, 1), "';--", '#1;', 'A', 'a']
    await shop.plain.user.createMany({ data: names.map((name, i) => ({ email: `${mark} ${i}`, name })) })
    await tellApart(
      shop,
      cached,
      names.map(
        (name) => (client: ShopClient) =>
          client.user.findMany({
            where: { email: { startsWith: mark }, name },
            select: { id: true },
            orderBy: { id: 'asc' },
          }),
      ),
    )
  })

  it('references to columns', async () => {
    const cached = await shop.cached()
    const email = shop.email()
    await shop.plain.user.create({ data: { email, name: email } })
    const { prisma, cache } = cached
    const count = (where: object) => prisma.user.count({ where: { email, ...where } })
    expect(await count({ name: { equals: prisma.user.fields.email } })).toBe(1)
    expect(await count({ name: { equals: prisma.user.fields.name } })).toBe(1)
    expect(await count({ name: { equals: 'email' } })).toBe(0)
    await prisma.user.update({ where: { email }, data: { name: 'Ada' } })
    expect(await count({ name: { equals: prisma.user.fields.email } })).toBe(0)
    expect(await count({ name: { equals: prisma.user.fields.name } })).toBe(1)
    expect(cache.stats().misses + (cache.stats().bypassReasons['uncanonical-arguments'] ?? 0)).toBe(5)
  })

  it('operations and models with the same arguments', async () => {
    const cached = await shop.cached()
    const id = await shop.user('Ada', ['a note'])
    const args = { where: { id } }
    await tellApart(shop, cached, [
      (client) => client.user.findUnique(args),
      (client) => client.user.findFirst(args),
      (client) => client.user.findMany(args),
      (client) => client.user.count(args),
      (client) => client.order.findMany(args),
      (client) => client.order.findFirstOrThrow({ where: { id: -1 } }),
      (client) => client.order.findFirst({ where: { id: -1 } }),
    ])
  })

  it('H31 texts that weak hashes take for the same have entries of their own', async () => {
    const store = new MapStore(systemRuntime().clock)
    const cached = await shop.cached({ store, namespace: 'test', memory: false })
    const mark = shop.email()
    // Equal under the hash of Java's strings (h * 31 + c), and of the same length.
    const names = ['AaAaAaAa', 'BBBBBBBB', 'AaBBAaBB', 'BBAaBBAa', 'AaAaBBBB']
    await shop.plain.user.createMany({ data: names.map((name, i) => ({ email: `${mark} ${i}`, name })) })
    for (const name of names) {
      const find = (client: ShopClient) => client.user.findMany({ where: { email: { startsWith: mark }, name } })
      expect(await expectHit(shop, cached, find)).toMatchObject([{ name }])
    }
    expect(store.entries.size).toBe(names.length)
  })

  it('the order of keys does not matter where the database does not see it', async () => {
    const { prisma, cache } = await shop.cached()
    await prisma.user.count({ where: { name: 'x', email: 'y' }, take: 5 })
    await prisma.user.count({ take: 5, where: { email: 'y', name: 'x' } })
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 1 })
  })

  it.runIf(shop.kind === 'postgres' || shop.kind === 'sqlite')('the order of keys in a Json value does', async () => {
    const cached = await shop.cached()
    const mark = shop.email()
    await shop.plain.user.create({ data: { email: mark, settings: { a: 1, b: 2 } } })
    const find = (equals: object) => (client: ShopClient) =>
      client.user.findMany({ where: { email: mark, settings: { equals: equals as never } } })
    await tellApart(shop, cached, [find({ a: 1, b: 2 }), find({ b: 2, a: 1 })])
  })
})

await describeShop('H32 one cache, several clients', (shop) => {
  it('the fluent API and select with the same arguments', async () => {
    const cached = await shop.cached()
    const id = await shop.user('Ada', ['a note'])
    await tellApart(shop, cached, [
      (client) => client.user.findUnique({ where: { id } }).orders(),
      (client) => client.user.findUnique({ where: { id }, select: { orders: true } }),
      (client) => client.user.findUnique({ where: { id } }).profile(),
      (client) => client.user.findUnique({ where: { id: -1 } }).orders(),
    ])
    await expectHit(shop, cached, (client) => client.user.findUnique({ where: { id } }).orders())
    await cached.prisma.order.updateMany({ where: { userId: id }, data: { note: 'new' } })
    expect(await cached.prisma.user.findUnique({ where: { id } }).orders()).toMatchObject([{ note: 'new' }])
  })

  // Clients that say that they use the same database share entries; without a name each has its own.
  const extension = { database: 'shop' }

  it('clients with the same name of the database share results', async () => {
    const { prisma, cache } = await shop.cached({ extension })
    const other = await shop.cached({ cache, extension })
    const id = await shop.user('Ada')
    for (const client of [prisma, other.prisma]) await client.user.findUnique({ where: { id } })
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 1 })
  })

  it('clients that omit other fields', async () => {
    const { prisma, cache } = await shop.cached({ extension })
    const omitting = await shop.cached({ cache, extension, client: { omit: { user: { email: true } } } })
    const id = await shop.user('Ada')
    const where = { id }
    for (let i = 0; i < 2; i++) {
      expect(Object.keys((await prisma.user.findUnique({ where })) ?? {})).toContain('email')
      expect(Object.keys((await omitting.prisma.user.findUnique({ where })) ?? {})).not.toContain('email')
    }
    await omitting.prisma.user.update({ where, data: { name: 'Bea' } })
    expect(await prisma.user.findUnique({ where })).toMatchObject({ name: 'Bea' })
  })

  it('result extensions of one client do not reach another', async () => {
    const { prisma, cache } = await shop.cached({ extension })
    const other = await shop.cached({ cache, extension })
    const id = await shop.user('Ada')
    const loud = other.prisma.$extends({
      result: { user: { name: { needs: { name: true }, compute: ({ name }) => `${name}!` } } },
    })
    for (let i = 0; i < 2; i++) {
      expect((await loud.user.findUnique({ where: { id } }))?.name).toBe('Ada!')
      expect((await prisma.user.findUnique({ where: { id } }))?.name).toBe('Ada')
    }
    await prisma.user.update({ where: { id }, data: { name: 'Bea' } })
    expect((await loud.user.findUnique({ where: { id } }))?.name).toBe('Bea!')
  })

  it('clients of two databases', async () => {
    const other = await shop.another()
    const here = await shop.cached()
    const id = await shop.user('here')
    const there = cachedClient(other.client(), { cache: here.cache })
    await there.$cache.ready()
    await there.user.create({ data: { id, email: 'there', name: 'there' } })
    const read = async (client: typeof there) => (await client.user.findUnique({ where: { id } }))?.name
    for (let i = 0; i < 2; i++) {
      expect(await read(here.prisma)).toBe('here')
      expect(await read(there)).toBe('there')
    }
    expect(here.cache.stats().hits).toBe(2)
  })

  it.runIf(shop.dialect === 'postgres')(
    'clients of two versions of a schema share invalidations, not results',
    async () => {
      const { prisma, cache } = await shop.cached({ extension })
      // Another text of the schema, as after a deploy.
      const next = cachedClient(shop.db.client({ relationJoins: true }), { cache, ...extension })
      await next.$cache.ready()
      const id = await shop.user('old')
      await prisma.user.findUnique({ where: { id } })
      const { misses } = cache.stats()
      await next.user.findUnique({ where: { id } })
      expect(cache.stats().misses).toBe(misses + 1)
      await next.user.update({ where: { id }, data: { name: 'new' } })
      expect((await prisma.user.findUnique({ where: { id } }))?.name).toBe('new')
    },
  )
})
