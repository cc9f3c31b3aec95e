// Clients that share a database, a driver adapter, a cache, or nothing but the process (H18); and clients that cannot be cached.

import { createCache, defaultCache } from '@larder/core'
import { cacheExtension } from '@larder/prisma'
import { expect, it, vi } from 'vitest'
import { PrismaClient } from '../../prisma/generated/postgres/client.ts'
import { ReadRecorder } from '../contract/read-recorder.ts'
import type { ShopClient } from '../servers/shop-client.ts'
import { type CachedShopClient, cachedClient, describeShop } from './prisma-shop.ts'

async function nameOf(client: { readonly user: unknown }, id: number): Promise<string | null | undefined> {
  return (await (client as ShopClient).user.findUnique({ where: { id } }))?.name
}

async function rename(client: { readonly user: unknown }, id: number, name: string): Promise<void> {
  await (client as ShopClient).user.updateMany({ where: { id }, data: { name } })
}

/** Each client reads what the other has written, whoever was first to cache it. */
async function seeEachOther(one: CachedShopClient, two: CachedShopClient, id: number): Promise<void> {
  await Promise.all([one.$cache.ready(), two.$cache.ready()])
  for (const [writer, name] of [
    [one, 'first'],
    [two, 'second'],
  ] as const) {
    await Promise.all([nameOf(one, id), nameOf(two, id)])
    await rename(writer, id, name)
    expect([await nameOf(one, id), await nameOf(two, id)]).toEqual([name, name])
    await writer.$transaction(async (tx) => await rename(tx as never, id, `${name} again`))
    expect([await nameOf(one, id), await nameOf(two, id)]).toEqual([`${name} again`, `${name} again`])
  }
}

await describeShop('H18 one process', (shop) => {
  it('two clients with the default cache', async () => {
    const id = await shop.user('old')
    const client = () => shop.client().$extends(cacheExtension()) as unknown as CachedShopClient
    const [one, two] = [client(), client()]
    const { hits } = defaultCache().stats()
    await seeEachOther(one, two, id)
    await nameOf(one, id)
    expect(defaultCache().stats().hits).toBeGreaterThan(hits)
    expect(one.$cache.cache).toBe(two.$cache.cache)
  })

  it('two clients with a cache each', async () => {
    const id = await shop.user('old')
    const [one, two] = [createCache(), createCache()]
    const recorders = [one, two].map((cache) => new ReadRecorder(cache))
    await seeEachOther(cachedClient(shop.client(), { cache: one }), cachedClient(shop.client(), { cache: two }), id)
    for (const cache of [one, two]) expect(cache.stats()).toMatchObject({ faults: 0, fills: expect.any(Number) })
    for (const recorder of recorders) await recorder.verify()
  })

  it('two clients with a cache each, on one adapter', async () => {
    const id = await shop.user('old')
    const adapter = shop.db.connect()
    const client = () => cachedClient(shop.client({ adapter }), { cache: createCache() })
    await seeEachOther(client(), client(), id)
  })

  it('two clients of one cache, on one adapter', async () => {
    const id = await shop.user('old')
    const adapter = shop.db.connect()
    const cache = createCache()
    const client = () => cachedClient(shop.client({ adapter }), { cache })
    await seeEachOther(client(), client(), id)
    expect((await cache.health()).origins).toHaveLength(1)
  })

  it('two copies of the packages', async () => {
    const id = await shop.user('old')
    vi.resetModules()
    const copy = await import('@larder/prisma')
    expect(copy.cacheExtension).not.toBe(cacheExtension)
    const one = shop.client().$extends(cacheExtension()) as unknown as CachedShopClient
    const two = shop.client().$extends(copy.cacheExtension()) as unknown as CachedShopClient
    await seeEachOther(one, two, id)
    expect(one.$cache.cache).toBe(two.$cache.cache)
  })

  it('two copies of the packages, with a cache each, on one adapter', async () => {
    const id = await shop.user('old')
    vi.resetModules()
    const [prismaCopy, coreCopy] = [await import('@larder/prisma'), await import('@larder/core')]
    expect(coreCopy.createCache).not.toBe(createCache)
    const adapter = shop.db.connect()
    const one = cachedClient(shop.client({ adapter }), { cache: createCache() })
    const two = shop
      .client({ adapter })
      .$extends(prismaCopy.cacheExtension({ cache: coreCopy.createCache() })) as unknown as CachedShopClient
    await seeEachOther(one, two, id)
  })

  it('an uncached client on the adapter of a cached one invalidates', async () => {
    const id = await shop.user('old')
    const adapter = shop.db.connect()
    const uncached = shop.client({ adapter })
    const cached = cachedClient(shop.client({ adapter }), { cache: createCache() })
    await cached.$cache.ready()
    await nameOf(cached, id)
    await rename(uncached, id, 'new')
    expect(await nameOf(cached, id)).toBe('new')
  })

  it('a client that comes while a transaction of another one is open', async () => {
    const id = await shop.user('old')
    const adapter = shop.db.connect()
    const [first, second] = [createCache(), createCache()]
    const writer = cachedClient(shop.client({ adapter }), { cache: first })
    await writer.$cache.ready()
    let late: CachedShopClient | undefined
    await writer.$transaction(async (tx) => {
      await rename(tx as never, id, 'new')
      late = cachedClient(shop.client({ adapter }), { cache: second })
      // Its connection is a new one; PGlite and libSQL have only the one that is taken.
      if (shop.kind === 'postgres' || shop.kind === 'mariadb') {
        await late.$cache.ready()
        expect(await nameOf(late, id)).toBe('old')
      }
    })
    expect(await nameOf(late as CachedShopClient, id)).toBe('new')
  })

  it('a client that disconnects and connects again', async () => {
    const { prisma, cache } = await shop.cached()
    const id = await shop.user('old')
    await nameOf(prisma, id)
    await prisma.$disconnect()
    expect(await nameOf(prisma, id)).toBe('old')
    await rename(prisma, id, 'new')
    expect(await nameOf(prisma, id)).toBe('new')
    await prisma.$transaction(async (tx) => await rename(tx as never, id, 'newer'))
    expect(await nameOf(prisma, id)).toBe('newer')
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 3 })
  })

  it('siblings that were extended from one cached client', async () => {
    const { prisma, cache } = await shop.cached()
    const only = (prefix: string) =>
      prisma.$extends({
        query: {
          user: {
            findMany: ({ args, query }) => query({ ...args, where: { ...args.where, email: { startsWith: prefix } } }),
          },
        },
      })
    const emails = [shop.email(), shop.email()] as const
    for (const email of emails) await shop.plain.user.create({ data: { email } })
    for (let i = 0; i < 2; i++) {
      for (const email of emails) expect(await only(email).user.findMany()).toMatchObject([{ email }])
    }
    expect(cache.stats()).toMatchObject({ hits: 2, misses: 2 })
  })

  it('the extension added twice answers, once per cache', async () => {
    const { prisma, cache } = await shop.cached()
    const twice = (prisma as unknown as ShopClient).$extends(cacheExtension({ cache })) as unknown as CachedShopClient
    const id = await shop.user('old')
    for (let i = 0; i < 2; i++) expect(await nameOf(twice, id)).toBe('old')
    await rename(twice, id, 'new')
    for (let i = 0; i < 2; i++) expect(await nameOf(twice, id)).toBe('new')
    expect(await nameOf(prisma, id)).toBe('new')
  })

  it('reads are cached only when the database has been asked what it is', async () => {
    const { prisma, cache, tap } = await shop.cached({ ready: false })
    const id = await shop.user('old')
    expect(await nameOf(prisma, id)).toBe('old')
    expect(cache.stats().bypassReasons).toEqual({ starting: 1 })
    await prisma.$cache.ready()
    expect((await prisma.$cache.health()).origins).toMatchObject([{ adapter: 'prisma', state: 'on' }])
    tap.clear()
    for (let i = 0; i < 3; i++) await nameOf(prisma, id)
    expect(tap.reads).toHaveLength(1)
  })
})

it('a client without driver adapter is not cached, and says so', async () => {
  const cache = createCache()
  const client = new PrismaClient({ accelerateUrl: 'prisma://accelerate.prisma-data.net/?api_key=none' })
  const prisma = client.$extends(cacheExtension({ cache }))
  const { warnings, origins } = await prisma.$cache.health()
  expect(warnings).toEqual([{ code: 'no-driver-adapter', message: expect.stringContaining('adapter') }])
  expect(origins).toEqual([])
  await prisma.$cache.ready()
  expect(prisma.$cache.stats().hits).toBe(0)
  // Everything else of the client is there.
  expect(prisma.user.findMany).toBeTypeOf('function')
  expect(Object.keys(prisma.user.fields)).toContain('email')
})

await describeShop(
  'clients that cannot be cached',
  (shop) => {
    it.each([
      ['_engineConfig', undefined, 'prisma-internals'],
      ['_activeProvider', 'mongodb', 'unsupported-provider'],
      ['_activeProvider', 'cockroachdb', 'unsupported-provider'],
      ['_engineConfig', { inlineSchema: 7 }, 'prisma-internals'],
      ['_engineConfig', { inlineSchema: 'model {' }, 'schema-unreadable'],
    ])('a client whose %s is %s works uncached, with a reason', async (name, value, code) => {
      const cache = createCache()
      const client = shop.client() as ShopClient
      const internals = client as unknown as Record<string, unknown>
      const changed = value !== null && typeof value === 'object' ? { ...(internals[name] as object), ...value } : value
      // As another version of Prisma would look to the extension; the client itself stays whole.
      const looksDifferent = new Proxy(client, {
        get: (target, key) => (key === name ? changed : Reflect.get(target, key, target)),
      })
      const prisma = cachedClient(looksDifferent, { cache })
      expect((await cache.health()).warnings.map((warning) => warning.code)).toEqual([code])
      const id = await shop.user('old')
      expect(await nameOf(prisma, id)).toBe('old')
      await rename(prisma, id, 'new')
      expect(await nameOf(prisma, id)).toBe('new')
      expect(await prisma.user.findUnique({ where: { id }, cacheStrategy: { ttl: 5 } })).toMatchObject({ name: 'new' })
      const inside = await prisma.$transaction(async (tx) => {
        await tx.$cache.invalidate({ tables: ['users'] })
        return await nameOf(tx as never, id)
      })
      expect(inside).toBe('new')
      const { trace } = await prisma.$cache.explain(() => nameOf(prisma, id))
      expect(trace).toEqual([])
      await cache.close()
    })
  },
  { kinds: ['sqlite'] },
)
