// Transactions as Prisma runs them: arrays, implicit ones, clients handed around, time-outs, and commits that nobody asked for.

import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { signal } from '../contract/signal.ts'
import { type CachedShop, describeShop, expectHit, type PrismaShop, type TransactionClient } from './prisma-shop.ts'

/** What a cached reader sees. */
async function nameOf({ prisma }: CachedShop, id: number): Promise<string | null | undefined> {
  return (await prisma.user.findUnique({ where: { id } }))?.name
}

async function renameInside(tx: TransactionClient, id: number, name: string): Promise<void> {
  await tx.user.updateMany({ where: { id }, data: { name } })
}

await describeShop('array transactions', (shop) => {
  it('H28 an array transaction is answered by the database, cached reads in it included', async () => {
    const cached = await shop.cached()
    const { prisma, cache } = cached
    const id = await shop.user('old')
    await expectHit(shop, cached, (client) => client.user.findUnique({ where: { id } }))
    const [before, , after, count] = await prisma.$transaction([
      prisma.user.findUnique({ where: { id } }),
      prisma.user.update({ where: { id }, data: { name: 'new' } }),
      prisma.user.findUnique({ where: { id } }),
      prisma.user.count({ where: { id } }),
    ])
    expect([before?.name, after?.name, count]).toEqual(['old', 'new', 1])
    expect(cache.stats().bypassReasons['array-transaction']).toBe(3)
    expect(await nameOf(cached, id)).toBe('new')
  })

  it('H28 an array transaction of reads that are all cached does not hang', async () => {
    const cached = await shop.cached()
    const { prisma } = cached
    const id = await shop.user('Ada')
    const read = () => prisma.user.findUnique({ where: { id } })
    await read()
    expect(await prisma.$transaction([read(), read(), prisma.user.findMany({ where: { id } })])).toHaveLength(3)
  })

  it('H28 an array transaction that fails leaves nothing behind', async () => {
    const cached = await shop.cached()
    const { prisma } = cached
    const id = await shop.user('old')
    const { email } = await shop.plain.user.findUniqueOrThrow({ where: { id } })
    await nameOf(cached, id)
    const writes = prisma.$transaction([
      prisma.user.update({ where: { id }, data: { name: 'dirty' } }),
      prisma.user.findUnique({ where: { id } }),
      prisma.user.create({ data: { email, name: 'a second one' } }),
    ])
    await expect(writes).rejects.toMatchObject({ code: 'P2002' })
    expect(await nameOf(cached, id)).toBe('old')
  })

  it('H28 an array of one operation is one statement and invalidates', async () => {
    const cached = await shop.cached()
    const { prisma } = cached
    const id = await shop.user('old')
    await nameOf(cached, id)
    await prisma.$transaction([prisma.user.updateMany({ where: { id }, data: { name: 'new' } })])
    expect(await nameOf(cached, id)).toBe('new')
  })

  it('H28 reads of other callers are cached while an array transaction runs', async () => {
    const cached = await shop.cached()
    const { prisma, tap, cache } = cached
    const id = await shop.user('old')
    await nameOf(cached, id)
    const update = tap.holdBefore(/^update/i)
    const writes = prisma.$transaction([
      prisma.user.updateMany({ where: { id }, data: { name: 'new' } }),
      prisma.user.findMany({ where: { id } }),
    ])
    await update.reached
    expect(await nameOf(cached, id)).toBe('old')
    expect(cache.stats().hits).toBe(1)
    update.release()
    await writes
    expect(await nameOf(cached, id)).toBe('new')
  })
})

await describeShop('interactive transactions', (shop) => {
  it('H04 a tx handed to code outside the callback still reads from the database and writes at COMMIT', async () => {
    const cached = await shop.cached()
    const { prisma, cache } = cached
    const id = await shop.user('old')
    await nameOf(cached, id)
    let receive: (tx: TransactionClient) => void = () => {}
    const tx = new Promise<TransactionClient>((resolve) => {
      receive = resolve
    })
    const done = signal()
    // Begins before the transaction, so it has nothing of its asynchronous context.
    const elsewhere = tx.then(async (client) => {
      await renameInside(client, id, 'new')
      const inside = await client.user.findUnique({ where: { id } })
      done.give()
      return inside?.name
    })
    await prisma.$transaction(async (client) => {
      receive(client)
      await done.given
    })
    expect(await elsewhere).toBe('new')
    expect(cache.stats().bypassReasons['in-transaction']).toBe(1)
    expect(await nameOf(cached, id)).toBe('new')
  })

  it('the $cache of a tx belongs to that transaction alone', async () => {
    const { prisma } = await shop.cached()
    const outer = prisma.$cache
    const id = await shop.user('Ada')
    await prisma.$transaction(async (tx) => {
      expect(tx.$cache).not.toBe(outer)
      expect(prisma.$cache).toBe(outer)
      const { trace } = await tx.$cache.explain(() => tx.user.findUnique({ where: { id } }))
      expect(trace.map(({ outcome, reason }) => [outcome, reason])).toEqual([['bypass', 'in-transaction']])
    })
    expect(prisma.$cache).toBe(outer)
  })

  it('an invalidation inside a transaction reaches the cache when queries carry comments', async () => {
    const comments = [() => ({ route: `/users/${Math.random()}` })]
    const cached = await shop.cached({ client: { comments } })
    const { prisma, cache, tap } = cached
    const id = await shop.user('Ada')
    await nameOf(cached, id)
    expect(tap.texts.at(-1)).toMatch(/route=/)
    await prisma.$transaction((tx) => tx.$cache.invalidate({ tables: ['users'] }))
    await nameOf(cached, id)
    expect(cache.stats()).toMatchObject({ hits: 0, misses: 2 })
  })

  it('writes with comments invalidate', async () => {
    const cached = await shop.cached({ client: { comments: [() => ({ note: "it's; COMMIT -- */ /* a text" })] } })
    const id = await shop.user('old')
    await nameOf(cached, id)
    await cached.prisma.user.updateMany({ where: { id }, data: { name: 'new' } })
    expect(await nameOf(cached, id)).toBe('new')
    await cached.prisma.$transaction((tx) => renameInside(tx, id, 'newer'))
    expect(await nameOf(cached, id)).toBe('newer')
  })

  it('H57 a transaction that runs out of time rolls back and leaves nothing dirty', async () => {
    const cached = await shop.cached()
    const { prisma, cache } = cached
    const id = await shop.user('old')
    await nameOf(cached, id)
    const transaction = prisma.$transaction(
      async (tx) => {
        await renameInside(tx, id, 'dirty')
        for (;;) {
          await tx.user.findUnique({ where: { id } })
          // PGlite answers without ever giving timers a turn.
          await setImmediate()
        }
      },
      { timeout: 50 },
    )
    await expect(transaction).rejects.toMatchObject({ code: 'P2028' })
    expect(await nameOf(cached, id)).toBe('old')
    expect((await cache.health()).marks).toBe(0)
  })

  it('the first query of all may be inside a transaction', async () => {
    const cached = await shop.cached({ ready: false })
    const { prisma } = cached
    const id = await shop.user('Ada')
    const inside = await prisma.$transaction(async (tx) => (await tx.user.findUnique({ where: { id } }))?.name)
    expect(inside).toBe('Ada')
    await prisma.$cache.ready()
    await expectHit(shop, cached, (client) => client.user.findUnique({ where: { id } }))
  })

  // The one connection of PGlite cannot be asked while its transaction is open.
  it.skipIf(shop.kind === 'pglite').each(['COMMIT', 'ROLLBACK'])(
    'H08 after a raw %s inside a transaction every statement commits by itself, and is seen',
    async (end) => {
      const cached = await shop.cached()
      const reader = await shop.cached({ cache: cached.cache })
      const [first, second] = [await shop.user('old'), await shop.user('old')]
      const read = () => Promise.all([nameOf(reader, first), nameOf(reader, second)])
      const stored = async () =>
        [first, second].map(async (id) => (await shop.plain.user.findUnique({ where: { id } }))?.name)
      await read()
      await cached.prisma
        .$transaction(async (tx) => {
          await renameInside(tx, first, 'new')
          await tx.$executeRawUnsafe(end)
          expect(await read()).toEqual(await Promise.all(await stored()))
          await renameInside(tx, second, 'new')
          expect(await read()).toEqual(await Promise.all(await stored()))
        })
        .catch((error: unknown) => {
          // libSQL notices at the end that its transaction is gone.
          if (shop.kind !== 'sqlite' || error instanceof Error === false || error.name === 'AssertionError') throw error
        })
      expect(await read()).toEqual(await Promise.all(await stored()))
    },
  )

  it('H08 a raw ROLLBACK TO leaves the rest of the transaction', async () => {
    const cached = await shop.cached()
    const [kept, dropped] = [await shop.user('old'), await shop.user('old')]
    await Promise.all([nameOf(cached, kept), nameOf(cached, dropped)])
    await cached.prisma.$transaction(async (tx) => {
      await renameInside(tx, kept, 'new')
      await tx.$executeRawUnsafe('SAVEPOINT mine')
      await renameInside(tx, dropped, 'dirty')
      await tx.$executeRawUnsafe('ROLLBACK TO SAVEPOINT mine')
    })
    expect(await nameOf(cached, kept)).toBe('new')
    expect(await nameOf(cached, dropped)).toBe('old')
  })
})

await describeShop('implicit transactions', (shop) => {
  it('H05 a nested write that fails leaves nothing behind', async () => {
    const cached = await shop.cached()
    const id = await shop.user('old', ['a note'])
    const read = () => cached.prisma.user.findUnique({ where: { id }, include: { orders: true } })
    await read()
    const write = cached.prisma.user.update({
      where: { id },
      data: {
        name: 'dirty',
        orders: { create: { note: 'dirty', items: { create: { productId: -1, unitPrice: 1 } } } },
      },
    })
    await expect(write).rejects.toThrow()
    expect(await read()).toMatchObject({ name: 'old', orders: [{ note: 'a note' }] })
  })

  it.each(['native', 'in steps'])('H25 an upsert (%s) invalidates when it inserts and when it updates', async (way) => {
    const cached = await shop.cached()
    const email = shop.email()
    const read = async () => (await cached.prisma.user.findUnique({ where: { email } }))?.name
    const upsert = (name: string) =>
      cached.prisma.user.upsert({
        where: { email },
        create: { email, name },
        update: { name },
        ...(way === 'in steps' ? { include: { profile: true } } : {}),
      })
    expect(await read()).toBeUndefined()
    await upsert('inserted')
    expect(await read()).toBe('inserted')
    await upsert('updated')
    expect(await read()).toBe('updated')
  })

  // With more parameters than a statement may have, Prisma sends several statements in a transaction of its own.
  it('H25 a createMany in several statements invalidates once, at its COMMIT', async () => {
    const { prisma, cache, tap } = await shop.cached({ maxBindValues: 100 })
    const path = `/chunked/${shop.email()}`
    const count = () => prisma.pageView.count({ where: { path } })
    expect(await count()).toBe(0)
    const { invalidations } = cache.stats()
    tap.clear()
    await prisma.pageView.createMany({ data: Array.from({ length: 100 }, () => ({ path })) })
    expect(tap.texts.filter((text) => /^insert/i.test(text)).length).toBeGreaterThan(1)
    expect(tap.texts.at(-1)).toMatch(/^commit/i)
    expect(cache.stats().invalidations).toBe(invalidations + 1)
    expect(await count()).toBe(100)
  })

  it('H20 a read in several statements is cached like any other', async () => {
    const { prisma, cache, tap } = await shop.cached({ maxBindValues: 100 })
    const id = await shop.user('Ada')
    const ids = Array.from({ length: 300 }, (_, i) => 10_000_000 + i)
    const read = () => prisma.user.findMany({ where: { id: { in: [id, ...ids] } }, select: { name: true } })
    expect(await read()).toEqual([{ name: 'Ada' }])
    expect(tap.reads.length).toBeGreaterThan(1)
    expect(await read()).toEqual([{ name: 'Ada' }])
    expect(cache.stats().hits).toBe(1)
    await prisma.user.updateMany({ where: { id }, data: { name: 'Bea' } })
    expect(await read()).toEqual([{ name: 'Bea' }])
  })
})

await describeShop(
  'transactions that SQLite ends by itself',
  (shop) => {
    it('H37 H15 OR ROLLBACK ends the transaction, and what follows is seen when it is stored', async () => {
      const cached = await shop.cached()
      const reader = await shop.cached({ cache: cached.cache })
      const [first, second] = [await shop.user('old'), await shop.user('old')]
      const read = () => Promise.all([nameOf(reader, first), nameOf(reader, second)])
      const stored = async () =>
        await Promise.all(
          [first, second].map(async (id) => (await shop.plain.user.findUnique({ where: { id } }))?.name),
        )
      await read()
      const seen: unknown[] = []
      await cached.prisma
        .$transaction(async (tx) => {
          await renameInside(tx, first, 'dirty')
          const insert = tx.$executeRaw`INSERT OR ROLLBACK INTO users (id, email) VALUES (${first}, 'x')`
          await expect(insert).rejects.toThrow()
          seen.push([await read(), await stored()])
          // Refused, or stored at once: libSQL decides.
          await renameInside(tx, second, 'new').catch(() => {})
          seen.push([await read(), await stored()])
        })
        .catch(() => {})
      seen.push([await read(), await stored()])
      for (const [served, there] of seen as [unknown, unknown][]) expect(served).toEqual(there)
      expect((await stored())[0]).toBe('old')
    })
  },
  { kinds: ['sqlite'] },
)

await describeShop('transactions that MariaDB ends by itself', mariadbTransactions, { kinds: ['mariadb'] })

function mariadbTransactions(shop: PrismaShop): void {
  describe('H37 H15', () => {
    it('after a deadlock the rest of the callback commits statement by statement, and each is seen', async () => {
      const cached = await shop.cached()
      const [first, second, third] = [await shop.user('old'), await shop.user('old'), await shop.user('old')]
      for (const id of [first, second, third]) await nameOf(cached, id)
      const locked = signal()
      const deadlocked = signal()
      const heavy = [second, await shop.user(), await shop.user(), await shop.user()]
      // The heavier transaction survives: InnoDB rolls back the one that changed fewer rows.
      const survivor = shop.plain.$transaction(async (tx) => {
        for (const id of heavy) await tx.$executeRaw`UPDATE users SET version = version + 1 WHERE id = ${id}`
        locked.give()
        await tx.$queryRaw`SELECT id FROM users WHERE id = ${first} FOR UPDATE`
        await deadlocked.given
      })
      const abandoned = new Error('rolled back at the end')
      const victim = cached.prisma.$transaction(async (tx) => {
        await renameInside(tx, first, 'dirty')
        await locked.given
        const error = await renameInside(tx, second, 'dirty').catch((caught: unknown) => caught)
        deadlocked.give()
        expect(error).toMatchObject({ code: 'P2034' })
        expect(await nameOf(cached, third)).toBe('old')
        await renameInside(tx, third, 'new')
        expect(await nameOf(cached, third)).toBe('new')
        throw abandoned
      })
      await expect(victim).rejects.toBe(abandoned)
      await survivor
      expect(await Promise.all([first, second, third].map((id) => nameOf(cached, id)))).toEqual(['old', 'old', 'new'])
    })

    it('DDL commits what came before it at once', async () => {
      const cached = await shop.cached()
      const [first, second] = [await shop.user('old'), await shop.user('old')]
      for (const id of [first, second]) await nameOf(cached, id)
      const abandoned = new Error('rolled back at the end')
      const transaction = cached.prisma.$transaction(async (tx) => {
        await renameInside(tx, first, 'new')
        await tx.$executeRawUnsafe('CREATE TABLE made_inside (id INT)')
        expect([await nameOf(cached, first), await nameOf(cached, second)]).toEqual(['new', 'old'])
        await renameInside(tx, second, 'new')
        expect(await nameOf(cached, second)).toBe('new')
        throw abandoned
      })
      await expect(transaction).rejects.toBe(abandoned)
      expect(await Promise.all([first, second].map((id) => nameOf(cached, id)))).toEqual(['new', 'new'])
    })

    it('a table without transactions keeps the rows before the one that failed', async () => {
      const { prisma } = await shop.cached()
      await shop.db.exec('CREATE TABLE plain_rows (id INT PRIMARY KEY) ENGINE = MyISAM')
      const { Prisma } = await import('../../prisma/generated/mysql/client.ts')
      const ids = () => prisma.$cache.queryRaw<{ id: number }[]>(Prisma.sql`SELECT id FROM plain_rows ORDER BY id`)
      expect(await ids()).toEqual([])
      await expect(prisma.$executeRawUnsafe('INSERT INTO plain_rows VALUES (1), (2), (1), (3)')).rejects.toThrow()
      expect(await ids()).toEqual([{ id: 1 }, { id: 2 }])
      const abandoned = new Error('rolled back')
      const transaction = prisma.$transaction(async (tx) => {
        await tx.$executeRawUnsafe('INSERT INTO plain_rows VALUES (7)')
        throw abandoned
      })
      await expect(transaction).rejects.toBe(abandoned)
      expect(await ids()).toEqual([{ id: 1 }, { id: 2 }, { id: 7 }])
    })
  })
}
