// What caching must not change: batching, pools, cursors, time-outs.

import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { PrismaPg } from '@prisma/adapter-pg'
import { expect, it } from 'vitest'
import { mariadbUrl } from '../servers/mariadb-url.ts'
import { describeShop, expectHit, type PrismaShop } from './prisma-shop.ts'

/** An adapter with one connection, where that is not what there is anyway. */
function singleConnection(shop: PrismaShop) {
  const url = shop.db.url ?? ''
  switch (shop.kind) {
    case 'postgres':
      return new PrismaPg({ connectionString: url, max: 1 })
    case 'mariadb':
      return new PrismaMariaDb(mariadbUrl(url, new URL(url).pathname.slice(1), { connectionLimit: '1' }))
    default:
      return shop.db.connect()
  }
}

await describeShop('limits', (shop) => {
  it('H51 findUnique calls of one tick stay one statement on a miss, and each is cached', async () => {
    const { prisma, tap, cache } = await shop.cached()
    const ids = [await shop.user('a'), await shop.user('b'), await shop.user('c'), await shop.user('d')]
    const read = async () =>
      (await Promise.all(ids.map((id) => prisma.user.findUnique({ where: { id } })))).map((user) => user?.name)
    expect(await read()).toEqual(['a', 'b', 'c', 'd'])
    expect(tap.reads).toHaveLength(1)
    expect(await read()).toEqual(['a', 'b', 'c', 'd'])
    expect(tap.reads).toHaveLength(1)
    expect(cache.stats()).toMatchObject({ hits: 4, misses: 4 })
  })

  it('H51 some hits and some misses of one tick: the misses are one statement', async () => {
    const { prisma, tap } = await shop.cached()
    const ids = [await shop.user('a'), await shop.user('b'), await shop.user('c')]
    const read = (some: readonly number[]) => Promise.all(some.map((id) => prisma.user.findUnique({ where: { id } })))
    await read(ids.slice(0, 1))
    tap.clear()
    expect((await read(ids)).map((user) => user?.name)).toEqual(['a', 'b', 'c'])
    expect(tap.reads).toHaveLength(1)
  })

  it('H52 hits are served while every connection is taken', async () => {
    const { prisma, tap } = await shop.cached({ client: { adapter: singleConnection(shop) } })
    const id = await shop.user('Ada')
    const read = () => prisma.user.findUnique({ where: { id } })
    await read()
    await prisma.$transaction(async () => {
      tap.clear()
      expect((await read())?.name).toBe('Ada')
      expect(tap.texts).toEqual([])
    })
  })

  it('H57 pages by cursor are queries like any other', async () => {
    const cached = await shop.cached()
    const mark = shop.email()
    const ids: number[] = []
    for (const name of ['a', 'b', 'c', 'd'])
      ids.push((await shop.plain.user.create({ data: { email: `${mark} ${name}`, name } })).id)
    const page = (cursor: number | undefined) =>
      expectHit(shop, cached, (client) =>
        client.user.findMany({
          where: { email: { startsWith: mark } },
          orderBy: { id: 'asc' },
          take: 2,
          ...(cursor === undefined ? {} : { cursor: { id: cursor }, skip: 1 }),
        }),
      )
    const first = await page(undefined)
    const second = await page(first.at(-1)?.id)
    expect([...first, ...second].map(({ id }) => id)).toEqual(ids)
    await cached.prisma.user.delete({ where: { id: ids[2] ?? 0 } })
    expect((await page(first.at(-1)?.id)).map(({ id }) => id)).toEqual(ids.slice(3))
  })

  it.runIf(shop.dialect === 'postgres')('H57 a cursor of the database streams past the cache', async () => {
    const { prisma, cache } = await shop.cached()
    const mark = shop.email()
    await shop.plain.user.createMany({ data: ['a', 'b', 'c'].map((name) => ({ email: `${mark} ${name}`, name })) })
    const rows = await prisma.$transaction(async (tx) => {
      await tx.$executeRawUnsafe(
        `DECLARE pages CURSOR FOR SELECT name FROM users WHERE email LIKE '${mark}%' ORDER BY id`,
      )
      const pages: unknown[] = []
      for (let i = 0; i < 4; i++) pages.push(await tx.$queryRawUnsafe('FETCH 1 FROM pages'))
      return pages
    })
    expect(rows).toEqual([[{ name: 'a' }], [{ name: 'b' }], [{ name: 'c' }], []])
    expect(cache.stats().fills).toBe(0)
  })

  it('H50 misses that fail leave their joiners to run their own query', async () => {
    const { prisma, tap } = await shop.cached()
    const id = await shop.user('Ada')
    tap.refuse(/^select/i, new Error('the network is down'))
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => prisma.user.findFirst({ where: { id } })))
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  })

  it('errors of Prisma arrive as they are', async () => {
    const { prisma } = await shop.cached()
    const missing = prisma.user.findUniqueOrThrow({ where: { id: -1 } })
    await expect(missing).rejects.toMatchObject({ name: 'PrismaClientKnownRequestError', code: 'P2025' })
    await expect(prisma.user.findMany({ where: { nonsense: 1 } as never })).rejects.toMatchObject({
      name: 'PrismaClientValidationError',
    })
  })
})
