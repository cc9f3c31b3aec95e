// Attacks on the end of transactions: commits that Larder refuses, statements that come after the end, ends as raw SQL.

import { systemRuntime } from '@larder/core'
import { PrismaPg } from '@prisma/adapter-pg'
import { expect, it } from 'vitest'
import { FaultyAuthority } from '../../packages/core/test/doubles/faulty-authority.ts'
import { describeShop } from '../prisma/prisma-shop.ts'
import { nameOf, rename } from './helpers.ts'

await describeShop(
  'a refused COMMIT',
  (shop) => {
    it('H13 a transaction whose COMMIT is refused is over: later writes are committed and nothing of it is', async () => {
      const authority = new FaultyAuthority(systemRuntime())
      const { prisma } = await shop.cached({
        parts: (parts) => ({ ...parts, authority }),
        onAuthorityDown: 'reject-writes',
        faulty: true,
        broken: true,
        ...(shop.kind === 'postgres' && {
          client: { adapter: new PrismaPg({ connectionString: shop.db.url as string, max: 1 }) },
        }),
      })
      const [first, second] = [await shop.user('old'), await shop.user('old')]
      authority.behaviours.set('unsettle', () => Promise.reject(new Error('the authority is down')))
      await expect(prisma.$transaction((tx) => rename(tx, first, 'refused'))).rejects.toThrow()
      authority.recover()
      await rename(prisma, second, 'new')
      expect((await shop.plain.user.findFirst({ where: { id: first } }))?.name).toBe('old')
      expect((await shop.plain.user.findFirst({ where: { id: second } }))?.name).toBe('new')
    }, 4_000)
  },
  { kinds: ['postgres', 'sqlite'] },
)

await describeShop(
  'after the end of a transaction',
  (shop) => {
    it('H08 what a callback writes after a raw COMMIT is invalidated although the callback fails', async () => {
      const cached = await shop.cached()
      const id = await shop.user('old')
      expect(await nameOf(cached, id)).toBe('old')
      const failing = cached.prisma.$transaction(async (tx) => {
        await tx.$executeRawUnsafe('COMMIT')
        await rename(tx, id, 'new')
        throw new Error('the callback fails')
      })
      await expect(failing).rejects.toThrow()
      const stored = (await shop.plain.user.findFirst({ where: { id } }))?.name
      expect(await nameOf(cached, id)).toBe(stored)
    })

    it('H08 what a callback writes after a raw ROLLBACK is invalidated although the callback fails', async () => {
      const cached = await shop.cached()
      const id = await shop.user('old')
      expect(await nameOf(cached, id)).toBe('old')
      const failing = cached.prisma.$transaction(async (tx) => {
        await tx.$executeRawUnsafe('ROLLBACK')
        await rename(tx, id, 'new')
        throw new Error('the callback fails')
      })
      await expect(failing).rejects.toThrow()
      const stored = (await shop.plain.user.findFirst({ where: { id } }))?.name
      expect(await nameOf(cached, id)).toBe(stored)
    })

    it('H15 the rest of a nested write whose transaction ran out of time is invalidated where it is committed', async () => {
      const cached = await shop.cached()
      const { prisma, tap } = cached
      const id = await shop.user('old')
      const notes = (client: unknown) =>
        (client as typeof prisma).order.findMany({ where: { userId: id }, select: { note: true } })
      expect(await notes(prisma)).toEqual([])
      const update = tap.holdAfter(/update.*users/i)
      const rollback = tap.holdAfter(/^ROLLBACK/)
      let writing: Promise<unknown> = Promise.resolve()
      const transaction = prisma.$transaction(
        async (tx) => {
          writing = tx.user.update({
            where: { id },
            data: { name: 'new', orders: { create: [{ note: 'late' }] } },
          })
          writing = writing.catch(() => {})
          await writing
        },
        { timeout: 100 },
      )
      const failing = expect(transaction).rejects.toThrow()
      await update.reached
      await rollback.reached
      rollback.release()
      // The ROLLBACK has been answered; only then does the nested write go on with its INSERT.
      expect(await notes(prisma)).toEqual([])
      update.release()
      await writing
      await failing
      expect(await notes(prisma)).toEqual(await notes(shop.plain))
    }, 5_000)

    it('H15 a nested write that nobody awaited is invalidated although its transaction is committed before', async () => {
      const cached = await shop.cached()
      const { prisma, tap } = cached
      const id = await shop.user('old')
      const notes = (client: unknown) =>
        (client as typeof prisma).order.findMany({ where: { userId: id }, select: { note: true } })
      expect(await notes(prisma)).toEqual([])
      const update = tap.holdAfter(/update.*users/i)
      let writing: Promise<unknown> = Promise.resolve()
      await prisma.$transaction(async (tx) => {
        writing = tx.user
          .update({ where: { id }, data: { name: 'new', orders: { create: [{ note: 'late' }] } } })
          .catch(() => {})
        await update.reached
      })
      expect(await notes(prisma)).toEqual([])
      update.release()
      await writing
      expect(await notes(prisma)).toEqual(await notes(shop.plain))
    })
  },
  { kinds: ['postgres', 'mariadb'] },
)

await describeShop(
  'implicit commits',
  (shop) => {
    it.each(['START TRANSACTION', 'LOCK TABLES tags READ', 'UNLOCK TABLES'])(
      'H37 %s inside a transaction commits, and readers see what it committed',
      async (statement) => {
        const cached = await shop.cached()
        const reader = await shop.cached({ cache: cached.cache })
        const id = await shop.user('old')
        expect(await nameOf(reader, id)).toBe('old')
        const seen: unknown[] = []
        await cached.prisma.$transaction(async (tx) => {
          await rename(tx, id, 'new')
          await tx.$executeRawUnsafe(statement)
          seen.push(await nameOf(reader, id), (await shop.plain.user.findFirst({ where: { id } }))?.name)
          if (statement.startsWith('LOCK')) await tx.$executeRawUnsafe('UNLOCK TABLES')
        })
        expect(seen[0]).toBe(seen[1])
      },
    )

    it('H37 what is written after UNLOCK TABLES inside a transaction is seen at once', async () => {
      const cached = await shop.cached()
      const reader = await shop.cached({ cache: cached.cache })
      const id = await shop.user('old')
      const seen: unknown[] = []
      await cached.prisma.$transaction(async (tx) => {
        await tx.$executeRawUnsafe('LOCK TABLES users WRITE')
        await tx.$executeRawUnsafe('UNLOCK TABLES')
        expect(await nameOf(reader, id)).toBe('old')
        await rename(tx, id, 'new')
        seen.push(await nameOf(reader, id), (await shop.plain.user.findFirst({ where: { id } }))?.name)
      })
      expect(seen[0]).toBe(seen[1])
    })

    it('a table without transactions keeps what was written when ROLLBACK fails, and readers see it', async () => {
      await shop.db.exec('CREATE TABLE IF NOT EXISTS plain_notes (id INT PRIMARY KEY, note TEXT) ENGINE = MyISAM')
      const cached = await shop.cached()
      const { prisma, tap } = cached
      const sql = 'SELECT COUNT(*) AS n FROM plain_notes'
      const { Prisma } = await import('../../prisma/generated/mysql/client.ts')
      const count = async () => (await prisma.$cache.queryRaw(Prisma.raw(sql) as never)) as { n: bigint }[]
      expect(Number((await count())[0]?.n)).toBe(0)
      tap.loseAnswer(/^ROLLBACK/, new Error('the connection is lost'))
      const failing = prisma.$transaction(async (tx) => {
        await tx.$executeRawUnsafe("INSERT INTO plain_notes VALUES (1, 'kept')")
        throw new Error('the callback fails')
      })
      await expect(failing).rejects.toThrow()
      expect(Number((await count())[0]?.n)).toBe(Number((await shop.db.query(sql))[0]?.n))
    })
  },
  { kinds: ['mariadb'] },
)

await describeShop(
  'savepoints without a transaction',
  (shop) => {
    it('H05 SQLite: SAVEPOINT outside a transaction begins one, and what it wrote is not served after it is rolled back', async () => {
      const cached = await shop.cached()
      const id = await shop.user('old')
      await cached.prisma.$executeRawUnsafe('SAVEPOINT mine')
      await rename(cached.prisma, id, 'dirty')
      await nameOf(cached, id)
      await cached.prisma.$executeRawUnsafe('ROLLBACK TO mine')
      await cached.prisma.$executeRawUnsafe('RELEASE mine')
      expect((await shop.plain.user.findFirst({ where: { id } }))?.name).toBe('old')
      expect(await nameOf(cached, id)).toBe('old')
    })

    it('H08 SQLite: RELEASE of the outermost savepoint commits, and other clients see what it wrote', async () => {
      const cached = await shop.cached()
      const reader = await shop.cached({ cache: cached.cache })
      const id = await shop.user('old')
      await cached.prisma.$executeRawUnsafe('SAVEPOINT mine')
      await rename(cached.prisma, id, 'new')
      expect(await nameOf(reader, id)).toBe('old')
      await cached.prisma.$executeRawUnsafe('RELEASE mine')
      expect(await nameOf(reader, id)).toBe('new')
    })
  },
  { kinds: ['sqlite'] },
)

await describeShop(
  'procedures that commit',
  (shop) => {
    it.each([
      ['CALL', 'CALL rename_and_fail()'],
      ['DO', "DO $$ BEGIN UPDATE users SET name = 'new'; COMMIT; RAISE EXCEPTION 'late'; END $$"],
    ])('H37 a %s that fails after a COMMIT of its own is invalidated', async (_, sql) => {
      await shop.db.exec(`CREATE OR REPLACE PROCEDURE rename_and_fail() LANGUAGE plpgsql AS
        $$ BEGIN UPDATE users SET name = 'new'; COMMIT; RAISE EXCEPTION 'late'; END $$`)
      const cached = await shop.cached()
      const id = await shop.user('old')
      expect(await nameOf(cached, id)).toBe('old')
      await expect(cached.prisma.$executeRawUnsafe(sql)).rejects.toThrow(/late/)
      expect((await shop.plain.user.findFirst({ where: { id } }))?.name).toBe('new')
      expect(await nameOf(cached, id)).toBe('new')
    })
  },
  { kinds: ['postgres'] },
)

await describeShop(
  'procedures that write in steps',
  (shop) => {
    it('H15 a CALL that fails for a database that does not exist is invalidated: its first statement is committed', async () => {
      await shop.db.exec(`CREATE OR REPLACE PROCEDURE rename_and_fail() BEGIN
        UPDATE users SET name = 'new'; CREATE TABLE no_such_database.notes (id INT); END`)
      const cached = await shop.cached()
      const id = await shop.user('old')
      expect(await nameOf(cached, id)).toBe('old')
      await expect(cached.prisma.$executeRawUnsafe('CALL rename_and_fail()')).rejects.toThrow()
      expect((await shop.plain.user.findFirst({ where: { id } }))?.name).toBe('new')
      expect(await nameOf(cached, id)).toBe('new')
    })
  },
  { kinds: ['mariadb'] },
)
