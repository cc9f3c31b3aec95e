// Whose query it is (H33): results of one tenant, role or session never reach another.

import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it } from 'vitest'
import type { ShopClient } from '../servers/shop-client.ts'
import { type CachedShop, cachedClient, describeShop } from './prisma-shop.ts'

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
          query({
            ...args,
            where: { ...(args as { where?: object }).where, email: { startsWith: tenant.getStore() } },
          }),
      },
    },
  } as never

  async function twoTenants(): Promise<[string, string]> {
    const tenants = [shop.email(), shop.email()] as [string, string]
    for (const email of tenants) await shop.plain.user.create({ data: { email, name: email } })
    return tenants
  }

  it.each(['before', 'after', 'before and after'])(
    'a filter added %s the cache is part of the query',
    async (place) => {
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
    },
  )

  it('a filter added after the cache holds in transactions, and in extensions added even later', async () => {
    const { prisma, cache } = await shop.cached()
    const operations: string[] = []
    const extended = (prisma.$extends(onlyOwn) as unknown as ShopClient)
      .$extends((client) =>
        client.$extends({ result: { user: { tag: { needs: { email: true }, compute: ({ email }) => email } } } }),
      )
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
