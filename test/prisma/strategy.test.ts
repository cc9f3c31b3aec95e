// What a user says about caching: per call, per client, per cache; and what $cache tells.

import { createCache, InvalidOptionError } from '@larder/core'
import { cacheExtension } from '@larder/prisma'
import { describe, expect, it } from 'vitest'
import { ManualRuntime } from '../../packages/core/test/doubles/manual-runtime.ts'
import { describeShop } from './prisma-shop.ts'

await describeShop(
  'cacheStrategy',
  (shop) => {
    it('false reads from the database and stores nothing', async () => {
      const { prisma, cache, tap } = await shop.cached()
      const id = await shop.user('Ada')
      for (let i = 0; i < 2; i++) await prisma.user.findUnique({ where: { id }, cacheStrategy: false })
      expect(tap.reads).toHaveLength(2)
      expect(cache.stats()).toMatchObject({ fills: 0, bypassReasons: { 'off-for-call': 2 } })
    })

    it('is no part of the query: reads with and without one share an entry', async () => {
      const { prisma, cache } = await shop.cached()
      const id = await shop.user('Ada')
      await prisma.user.findUnique({ where: { id }, cacheStrategy: { ttl: '1m' } })
      await prisma.user.findUnique({ where: { id } })
      expect(cache.stats().hits).toBe(1)
    })

    it('ttl ends an entry', async () => {
      const runtime = new ManualRuntime()
      const { prisma, cache } = await shop.cached({ runtime, jitter: 0 })
      const id = await shop.user('Ada')
      const read = () => prisma.user.findMany({ where: { id }, cacheStrategy: { ttl: 10 } })
      await read()
      await runtime.pass(9_999)
      await read()
      expect(cache.stats()).toMatchObject({ hits: 1, misses: 1 })
      await runtime.pass(1)
      await read()
      expect(cache.stats()).toMatchObject({ hits: 1, misses: 2 })
    })

    it('tags are invalidated by name', async () => {
      const { prisma, cache } = await shop.cached()
      const [one, two] = [await shop.user('Ada'), await shop.user('Bea')]
      const read = (id: number) =>
        prisma.user.findUnique({ where: { id }, cacheStrategy: { tags: [`user:${id}`, 'all'] } })
      const misses = async (target: { tags: string[] }) => {
        await prisma.$cache.invalidate(target)
        const before = cache.stats().misses
        await Promise.all([read(one), read(two)])
        return cache.stats().misses - before
      }
      await Promise.all([read(one), read(two)])
      expect(await misses({ tags: [`user:${one}`] })).toBe(1)
      expect(await misses({ tags: ['all'] })).toBe(2)
      expect(await misses({ tags: ['none'] })).toBe(0)
    })

    it.each([
      ['findUnique', { where: { id: 1 } }],
      ['findUniqueOrThrow', { where: { id: 1 } }],
      ['findFirst', {}],
      ['findFirstOrThrow', {}],
      ['findMany', {}],
      ['count', {}],
      ['aggregate', { _count: true }],
      ['groupBy', { by: ['role'], orderBy: { role: 'asc' } }],
    ])('is taken by %s and never reaches Prisma', async (operation, args) => {
      const { prisma, cache } = await shop.cached()
      await shop.user('Ada')
      const run = (prisma.user as never as Record<string, (args: unknown) => Promise<unknown>>)[operation]
      for (let i = 0; i < 2; i++) await run?.({ ...args, cacheStrategy: { ttl: 60 } })
      expect(cache.stats()).toMatchObject({ hits: 1, misses: 1 })
    })

    it('on a write is refused by Prisma, and nothing is written', async () => {
      const { prisma } = await shop.cached()
      const id = await shop.user('old')
      const args = { where: { id }, data: { name: 'new' }, cacheStrategy: { ttl: 60 } }
      await expect(prisma.user.update(args as never)).rejects.toThrow(/cacheStrategy/)
      expect((await prisma.user.findUnique({ where: { id } }))?.name).toBe('old')
    })

    it.each([{ ttl: -1 }, { ttl: 'soon' }, { tags: 'home' }, { tags: [''] }, { tll: 60 }, true, 'x', []])(
      'a wrong one (%j) reads from the database and warns',
      async (cacheStrategy) => {
        const { prisma, cache } = await shop.cached()
        const id = await shop.user('Ada')
        const read = () => prisma.user.findUnique({ where: { id }, cacheStrategy: cacheStrategy as never })
        expect((await read())?.name).toBe('Ada')
        expect(cache.stats()).toMatchObject({ fills: 0, bypassReasons: { 'invalid-strategy': 1 } })
        expect((await cache.health()).warnings).toMatchObject([{ code: 'invalid-strategy' }])
      },
    )

    it('inside transactions it changes nothing', async () => {
      const { prisma, cache } = await shop.cached()
      const id = await shop.user('Ada')
      await prisma.$transaction(async (tx) => {
        await tx.user.findUnique({ where: { id }, cacheStrategy: { ttl: 60 } })
      })
      await prisma.$transaction([prisma.user.findUnique({ where: { id }, cacheStrategy: { ttl: 60 } })])
      expect(cache.stats()).toMatchObject({ fills: 0, bypasses: 2 })
    })
  },
  { kinds: ['sqlite'] },
)

await describeShop(
  'options',
  (shop) => {
    it('enabled: false on the extension or the cache reads from the database; writes still invalidate for others', async () => {
      const { prisma, cache } = await shop.cached()
      const off = await shop.cached({ cache, extension: { enabled: false } })
      const disabled = await shop.cached({ enabled: false })
      const id = await shop.user('old')
      const read = ({ prisma: client }: Pick<typeof off, 'prisma'>) => client.user.findUnique({ where: { id } })
      await read({ prisma })
      await read(off)
      await read(disabled)
      expect(cache.stats().bypassReasons).toEqual({ disabled: 1 })
      expect(disabled.cache.stats().bypassReasons).toEqual({ disabled: 1 })
      await off.prisma.user.update({ where: { id }, data: { name: 'new' } })
      expect((await read({ prisma }))?.name).toBe('new')
    })

    it('ttl of the extension goes before that of the cache', async () => {
      const runtime = new ManualRuntime()
      const { prisma, cache } = await shop.cached({ runtime, ttl: '1h', jitter: 0, extension: { ttl: '1s' } })
      const id = await shop.user('Ada')
      await prisma.user.findUnique({ where: { id } })
      await runtime.pass(1_000)
      await prisma.user.findUnique({ where: { id } })
      expect(cache.stats()).toMatchObject({ hits: 0, misses: 2 })
    })

    it('database names the database in health()', async () => {
      const { prisma } = await shop.cached({ extension: { database: 'shop' } })
      expect((await prisma.$cache.health()).origins).toMatchObject([{ database: 'shop', state: 'on' }])
    })

    it('a closed cache reads from the database', async () => {
      const { prisma, cache } = await shop.cached()
      const id = await shop.user('old')
      const read = async () => (await prisma.user.findUnique({ where: { id } }))?.name
      await read()
      await cache.close()
      expect(await read()).toBe('old')
      await prisma.user.update({ where: { id }, data: { name: 'new' } })
      expect(await read()).toBe('new')
      expect(cache.stats()).toMatchObject({ hits: 0, bypassReasons: { closed: 2 } })
    })

    it.each([
      [{ cache: {} }, 'cache'],
      [{ ttl: -1 }, 'ttl'],
      [{ ttl: 'soon' }, 'ttl'],
      [{ enabled: 'yes' }, 'enabled'],
      [{ scope: 'tenant' }, 'scope'],
      [{ database: 7 }, 'database'],
      [{ tll: 60 }, 'tll'],
      [null, 'options'],
    ])('cacheExtension(%j) throws and names the option', (options, option) => {
      const error = (() => {
        try {
          cacheExtension(options as never)
          return undefined
        } catch (thrown) {
          return thrown
        }
      })()
      expect(error).toBeInstanceOf(InvalidOptionError)
      expect(error).toMatchObject({ code: 'INVALID_OPTION', option })
    })
  },
  { kinds: ['sqlite'] },
)

await describeShop(
  '$cache',
  (shop) => {
    it('explains hits, misses and bypasses, with the value', async () => {
      const { prisma } = await shop.cached()
      const id = await shop.user('Ada')
      const { value, trace } = await prisma.$cache.explain(async () => {
        await prisma.user.findUnique({ where: { id } })
        await prisma.user.findUnique({ where: { id } })
        await prisma.user.count({ cacheStrategy: false })
        return 'done'
      })
      expect(value).toBe('done')
      expect(trace).toMatchObject([
        {
          adapter: 'prisma',
          outcome: 'miss',
          tags: ['*', 'table:users'],
          text: expect.stringContaining('User.findUnique'),
        },
        { outcome: 'hit', tier: 'memory', tags: ['*', 'table:users'] },
        { outcome: 'bypass', reason: 'off-for-call' },
      ])
    })

    it('tells reads of concurrent explanations apart', async () => {
      const { prisma } = await shop.cached()
      await shop.user('Ada')
      const [users, orders] = await Promise.all([
        prisma.$cache.explain(() => prisma.user.findMany()),
        prisma.$cache.explain(() => prisma.order.findMany()),
        prisma.tag.findMany(),
      ])
      expect([users.trace.length, orders.trace.length]).toEqual([1, 1])
      expect(users.trace[0]?.text).toContain('User.findMany')
      expect(orders.trace[0]?.text).toContain('Order.findMany')
    })

    it('an explanation passes errors on', async () => {
      const { prisma } = await shop.cached()
      await expect(
        prisma.$cache.explain(() => prisma.user.findUniqueOrThrow({ where: { id: -1 } })),
      ).rejects.toMatchObject({
        code: 'P2025',
      })
    })

    describe('invalidate', () => {
      it.each([
        [{ tables: ['users'] }, 1],
        [{ tables: ['USERS'] }, 1],
        [{ tables: ['public.users'] }, 1],
        [{ tables: ['orders'] }, 0],
        [{ all: true as const }, 1],
      ])('%j', async (target, misses) => {
        const { prisma, cache } = await shop.cached()
        const id = await shop.user('Ada')
        const read = () => prisma.user.findUnique({ where: { id } })
        await read()
        await prisma.$cache.invalidate(target)
        const before = cache.stats().misses
        await read()
        expect(cache.stats().misses - before).toBe(misses)
      })

      it.each([{}, { tables: [''] }, { tables: 'users' }, { table: ['users'] }, null])(
        '%j is refused',
        async (target) => {
          const { prisma } = await shop.cached()
          await expect(prisma.$cache.invalidate(target as never)).rejects.toMatchObject({ code: 'INVALID_TARGET' })
          const inside = prisma.$transaction((tx) => tx.$cache.invalidate(target as never))
          await expect(inside).rejects.toMatchObject({ code: 'INVALID_TARGET' })
        },
      )
    })

    it('stats and health are those of the cache', async () => {
      const { prisma, cache } = await shop.cached()
      await prisma.user.findFirst()
      await prisma.user.findFirst()
      expect(prisma.$cache.cache).toBe(cache)
      expect(prisma.$cache.stats()).toEqual(cache.stats())
      expect(prisma.$cache.stats()).toMatchObject({ hits: 1, misses: 1, hitRate: 0.5 })
      expect(await prisma.$cache.health()).toMatchObject({
        authority: { kind: 'process', shared: false, reachable: true },
        marks: 0,
      })
    })

    it('events of a cache name the query', async () => {
      const cache = createCache()
      const { prisma } = await shop.cached({ cache })
      const seen: string[] = []
      const off = (['hit', 'miss', 'fill', 'invalidate'] as const).map((name) => cache.on(name, () => seen.push(name)))
      cache.on('hit', () => {
        throw new Error('a listener that fails')
      })
      const id = await shop.user('Ada')
      await prisma.user.findUnique({ where: { id } })
      await prisma.user.findUnique({ where: { id } })
      await prisma.user.update({ where: { id }, data: { name: 'Bea' } })
      for (const stop of off) stop()
      await prisma.user.findUnique({ where: { id } })
      expect(seen).toEqual(['miss', 'fill', 'hit', 'invalidate'])
    })
  },
  { kinds: ['sqlite'] },
)
