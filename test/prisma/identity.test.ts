// Which queries are the same query (H30 H31 H32), and whose it is (H33): everybody gets the answer to his own question.

import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it } from 'vitest'
import { sameValue } from '../../packages/core/src/value/same-value.ts'
import type { ShopClient } from '../servers/shop-client.ts'
import { type CachedShop, cachedClient, describeShop, expectHit, type PrismaShop } from './prisma-shop.ts'
import { prismaNamespace } from './prisma-namespace.ts'

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
    await shop.plain.user.createMany({ data: [{ email: `${mark} 1`, name: null }, { email: `${mark} 2`, name: '' }] })
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
    await shop.plain.product.create({ data: { sku: mark, name: '1', price: '1', stock: 1n, weight: 0, image, releasedAt: at } })
    const find = (where: object) => (client: ShopClient) => client.product.findMany({ where: { sku: mark, ...where } })
    await tellApart(shop, cached, [
      ...[1, 1n, '1', 2, true].map((stock) => find({ stock })),
      ...['1', 1, '1.0', new Decimal(1), new Decimal('1.00'), new Decimal('-1'), 1.01].map((price) => find({ price })),
      ...[0, -0, Number.NaN, 1e-320].map((weight) => find({ weight })),
      ...['1', '2', '01'].map((name) => find({ name })),
      ...[at, at.toISOString(), new Date(at.getTime() + 1), '2026-01-02T03:04:05.006+01:00'].map((releasedAt) => find({ releasedAt })),
      ...[image, Uint8Array.of(50), new Uint8Array(), Buffer.from('1')].map((bytes) => find({ image: bytes })),
      ...[true, false, undefined].map((active) => find({ active })),
    ])
  })

  it('lists: their order, their nesting, one element or the element', async () => {
    const cached = await shop.cached()
    const mark = shop.email()
    const ids: number[] = []
    for (const name of ['b', 'a']) ids.push((await shop.plain.user.create({ data: { email: `${mark} ${name}`, name } })).id)
    const [one, two] = ids as [number, number]
    await tellApart(shop, cached, [
      (client) => client.user.findMany({ where: { id: { in: [one] } } }),
      (client) => client.user.findMany({ where: { id: { in: [one, two] } }, orderBy: [{ id: 'asc' }, { name: 'asc' }] }),
      (client) => client.user.findMany({ where: { id: { in: [one, two] } }, orderBy: [{ name: 'asc' }, { id: 'asc' }] }),
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
      names.map((name) => (client: ShopClient) =>
        client.user.findMany({ where: { email: { startsWith: mark }, name }, select: { id: true }, orderBy: { id: 'asc' } }),
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

  it('clients that omit other fields', async () => {
    const { prisma, cache } = await shop.cached()
    const omitting = await shop.cached({ cache, client: { omit: { user: { email: true } } } })
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
    const { prisma } = await shop.cached()
    const id = await shop.user('Ada')
    const loud = prisma.$extends({ result: { user: { name: { needs: { name: true }, compute: ({ name }) => `${name}!` } } } })
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

  it.runIf(shop.dialect === 'postgres')('clients of two versions of a schema share invalidations, not results', async () => {
    const { prisma, cache } = await shop.cached()
    // Another text of the schema, as after a deploy.
    const next = cachedClient(shop.db.client({ relationJoins: true }), { cache })
    await next.$cache.ready()
    const id = await shop.user('old')
    await prisma.user.findUnique({ where: { id } })
    const { misses } = cache.stats()
    await next.user.findUnique({ where: { id } })
    expect(cache.stats().misses).toBe(misses + 1)
    await next.user.update({ where: { id }, data: { name: 'new' } })
    expect((await prisma.user.findUnique({ where: { id } }))?.name).toBe('new')
  })
})

await describeShop('H33 tenants', (shop) => {
  const tenant = new AsyncLocalStorage<string>()

  /** Prisma's promises are lazy: a query runs where it is awaited, which has to be inside. */
  function as<T>(name: string, query: () => PromiseLike<T>): Promise<T> {
    return tenant.run(name, async () => await query())
  }

  /** Adds a filter that the caller does not write, as multi-tenant applications do. */
  const onlyOwn = {
    query: {
      user: {
        $allOperations: ({ args, query }: { args: object; query: (args: object) => Promise<unknown> }) =>
          query({ ...args, where: { ...(args as { where?: object }).where, email: { startsWith: tenant.getStore() } } }),
      },
    },
  } as never

  async function twoTenants(): Promise<[string, string]> {
    const tenants = [shop.email(), shop.email()] as [string, string]
    for (const email of tenants) await shop.plain.user.create({ data: { email, name: email } })
    return tenants
  }

  it.each(['before', 'after', 'before and after'])('a filter added %s the cache is part of the query', async (place) => {
    const { cache } = await shop.cached()
    const adapter = shop.db.connect()
    let client = shop.client({ adapter }) as ShopClient
    if (place !== 'after') client = client.$extends(onlyOwn) as unknown as ShopClient
    client = cachedClient(client, { cache }) as unknown as ShopClient
    if (place !== 'before') client = client.$extends(onlyOwn) as unknown as ShopClient
    await (client as unknown as CachedShop['prisma']).$cache.ready()
    const [one, two] = await twoTenants()
    for (let i = 0; i < 2; i++) {
      for (const own of [one, two]) {
        const rows = await as(own, () => client.user.findMany())
        expect(rows.map(({ email }) => email)).toEqual([own])
      }
    }
    expect(cache.stats().hits).toBe(2)
  })

  it('a filter added after the cache holds in transactions, and in extensions added even later', async () => {
    const { prisma, cache } = await shop.cached()
    const operations: string[] = []
    const extended = (prisma.$extends(onlyOwn) as unknown as ShopClient)
      .$extends((client) => client.$extends({ result: { user: { tag: { needs: { email: true }, compute: ({ email }) => email } } } }))
      .$extends({
        query: {
          $allOperations({ operation, args, query }) {
            operations.push(operation)
            return query(args)
          },
        },
      })
    const [one, two] = await twoTenants()
    for (let i = 0; i < 2; i++) {
      for (const own of [one, two]) {
        const inside = await as(own, () => extended.$transaction(async (tx) => await tx.user.findMany()))
        const outside = await as(own, () => extended.user.findMany())
        expect([...inside, ...outside].map(({ tag }) => tag)).toEqual([own, own])
      }
    }
    expect(operations).toHaveLength(8)
    expect(cache.stats()).toMatchObject({ hits: 2, misses: 2, bypassReasons: { 'in-transaction': 4 } })
  })

  it('the scope separates results that the arguments do not', async () => {
    const scoped = await shop.cached({ scope: () => tenant.getStore() })
    const { prisma, cache } = scoped
    const id = await shop.user('Ada')
    const read = () => prisma.user.findUnique({ where: { id } })
    await as('one', read)
    await as('two', read)
    expect(cache.stats()).toMatchObject({ hits: 0, misses: 2 })
    await as('one', read)
    expect(cache.stats().hits).toBe(1)
    await read()
    expect(cache.stats().bypassReasons['no-scope']).toBe(1)
    await as('two', () => prisma.user.update({ where: { id }, data: { name: 'Bea' } }))
    expect((await as('one', read))?.name).toBe('Bea')
  })

  it('a scope that throws, or is no text, is no scope; null is the shared one', async () => {
    const answers: unknown[] = []
    const scope = (() => {
      const answer = answers.shift()
      if (answer instanceof Error) throw answer
      return answer
    }) as () => string
    const { prisma, cache } = await shop.cached({ scope, faulty: true, broken: true })
    const id = await shop.user('Ada')
    for (const answer of [new Error('no tenant'), 7, Promise.resolve('x'), undefined, null, null]) {
      answers.push(answer)
      await prisma.user.findUnique({ where: { id } })
    }
    expect(cache.stats()).toMatchObject({ bypassReasons: { 'no-scope': 4 }, hits: 1, misses: 1 })
  })

  it('extension options: a scope of one client is not that of another', async () => {
    const { prisma, cache } = await shop.cached({ extension: { scope: () => 'tenant' } })
    const unscoped = await shop.cached({ cache })
    const id = await shop.user('Ada')
    await prisma.user.findUnique({ where: { id } })
    await unscoped.prisma.user.findUnique({ where: { id } })
    expect(cache.stats()).toMatchObject({ hits: 0, misses: 2 })
  })

  describe.runIf(shop.dialect === 'postgres')('the session of a connection', () => {
    it.each([
      `SET ROLE NONE`,
      `SET search_path TO public`,
      `SET app.tenant = 'one'`,
      `RESET search_path`,
      `SET SESSION AUTHORIZATION DEFAULT`,
    ])('%s on a pooled connection ends caching without a scope', async (sql) => {
      const { prisma, cache } = await shop.cached()
      const id = await shop.user('Ada')
      await prisma.user.findUnique({ where: { id } })
      await prisma.$executeRawUnsafe(sql)
      await prisma.user.findUnique({ where: { id } })
      expect(cache.stats()).toMatchObject({ hits: 0, bypassReasons: { 'session-changed': 1 } })
      expect((await cache.health()).warnings.map(({ code }) => code)).toContain('session-changed')
    })

    it('set_config for the session ends caching, for the transaction it does not', async () => {
      const { prisma, cache } = await shop.cached()
      const id = await shop.user('Ada')
      const read = () => prisma.user.findUnique({ where: { id } })
      await read()
      await prisma.$transaction([prisma.$queryRaw`SELECT set_config('app.tenant', 'one', true)`, read()])
      await prisma.$transaction(async (tx) => {
        await tx.$executeRawUnsafe(`SET LOCAL app.tenant = 'one'`)
        await tx.user.findUnique({ where: { id } })
      })
      await read()
      expect(cache.stats()).toMatchObject({ hits: 1, bypassReasons: { 'array-transaction': 1, 'in-transaction': 1 } })
      await prisma.$queryRaw`SELECT set_config('app.tenant', 'one', false)`
      await read()
      expect(cache.stats()).toMatchObject({ hits: 1, bypassReasons: { 'session-changed': 1 } })
    })

    it('with a scope, results are kept per scope', async () => {
      const { prisma, cache } = await shop.cached({ scope: () => tenant.getStore() ?? null })
      const id = await shop.user('Ada')
      const read = () => prisma.user.findUnique({ where: { id } })
      await prisma.$executeRawUnsafe(`SET app.tenant = 'one'`)
      await as('one', read)
      await as('one', read)
      await read()
      expect(cache.stats()).toMatchObject({ hits: 1, misses: 2 })
    })

    it('row-level security by a setting of the transaction is not answered from the cache', async () => {
      const { prisma } = await shop.cached()
      const [one, two] = await twoTenants()
      await shop.db.exec(`
        CREATE ROLE larder_test_${process.pid}_${shop.kind}; GRANT SELECT ON users TO larder_test_${process.pid}_${shop.kind};
        ALTER TABLE users ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON users USING (email = current_setting('app.tenant', true));`)
      try {
        for (const own of [one, two, one]) {
          const [, , rows] = await prisma.$transaction([
            prisma.$executeRawUnsafe(`SET LOCAL ROLE larder_test_${process.pid}_${shop.kind}`),
            prisma.$queryRaw`SELECT set_config('app.tenant', ${own}, true)`,
            prisma.user.findMany({ where: { email: { in: [one, two] } } }),
          ])
          expect(rows.map(({ email }) => email)).toEqual([own])
        }
        expect(await prisma.user.count({ where: { email: { in: [one, two] } } })).toBe(2)
      } finally {
        await shop.db.exec(`
          DROP POLICY own ON users; ALTER TABLE users DISABLE ROW LEVEL SECURITY;
          DROP OWNED BY larder_test_${process.pid}_${shop.kind}; DROP ROLE larder_test_${process.pid}_${shop.kind};`)
      }
    })
  })
})
