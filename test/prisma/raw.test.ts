// Raw SQL: writes in any text invalidate, reads are cached on request and only when the text allows it.

import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { makeTypedQueryFactory, type TypedSql } from '@prisma/client/runtime/client'
import { describe, expect, it } from 'vitest'
import type { Dialect } from '../../prisma/shop-sql.ts'
import { mariadbUrl } from '../servers/mariadb-url.ts'
import { prismaNamespace } from './prisma-namespace.ts'
import { type CachedShop, cachedClient, describeShop, expectHit } from './prisma-shop.ts'

async function nameOf({ prisma }: CachedShop, id: number): Promise<string | null | undefined> {
  return (await prisma.user.findUnique({ where: { id } }))?.name
}

await describeShop('H26 raw writes', (shop) => {
  /** Table and column names need no quotes in any dialect. */
  const texts: Readonly<Record<string, (id: number) => string>> = {
    'an UPDATE': (id) => `UPDATE users SET name = 'new' WHERE id = ${id}`,
    'an UPDATE in odd spelling, after a comment': (id) =>
      `-- SELECT 'it''s'\n /* ; DELETE */ uPdAtE\n"users"\tset "name"='new' WHERE id=${id} -- ;`.replaceAll(
        '"',
        shop.dialect === 'mysql' ? '`' : '"',
      ),
    'an UPDATE with a subquery': (id) =>
      `UPDATE users SET name = 'new' WHERE id IN (SELECT user_id FROM orders WHERE user_id = ${id})`,
    'a DELETE': (id) => `DELETE FROM users WHERE id = ${id}`,
    'an INSERT .. SELECT': (id) =>
      `INSERT INTO users (email, name) SELECT CONCAT('copy of ', email), 'copy' FROM users WHERE id = ${id}`,
  }

  it.each(Object.keys(texts))('%s by $executeRawUnsafe invalidates', async (name) => {
    const cached = await shop.cached()
    const id = await shop.user('old', ['a note'])
    const email = (await shop.plain.user.findUniqueOrThrow({ where: { id } })).email
    const read = () => cached.prisma.user.findMany({ where: { email: { endsWith: email } }, orderBy: { id: 'asc' } })
    const before = await read()
    expect(await cached.prisma.$executeRawUnsafe(texts[name]?.(id) ?? '')).toBe(1)
    const after = await read()
    expect(after).not.toEqual(before)
    expect(after).toEqual(
      await shop.plain.user.findMany({ where: { email: { endsWith: email } }, orderBy: { id: 'asc' } }),
    )
  })

  it('$executeRaw, $executeRaw with Prisma.sql and raw writes inside transactions invalidate', async () => {
    const cached = await shop.cached()
    const { sql, raw, join } = prismaNamespace(shop.dialect)
    const id = await shop.user('0')
    expect(await nameOf(cached, id)).toBe('0')
    await cached.prisma.$executeRaw`UPDATE users SET name = ${'1'} WHERE id = ${id}`
    expect(await nameOf(cached, id)).toBe('1')
    await cached.prisma.$executeRaw(sql`UPDATE ${raw('users')} SET name = ${'2'} WHERE id IN (${join([id])})`)
    expect(await nameOf(cached, id)).toBe('2')
    await cached.prisma.$transaction([cached.prisma.$executeRaw`UPDATE users SET name = ${'3'} WHERE id = ${id}`])
    expect(await nameOf(cached, id)).toBe('3')
    await cached.prisma.$transaction((tx) => tx.$executeRaw`UPDATE users SET name = ${'4'} WHERE id = ${id}`)
    expect(await nameOf(cached, id)).toBe('4')
  })

  it('H23 a raw DELETE follows the foreign keys', async () => {
    const cached = await shop.cached()
    const id = await shop.user('Ada', ['a note'])
    const orders = () => cached.prisma.order.findMany({ where: { userId: id } })
    expect(await orders()).toHaveLength(1)
    await cached.prisma.$executeRaw`DELETE FROM users WHERE id = ${id}`
    expect(await orders()).toEqual([])
  })

  it('a statement that nobody knows invalidates everything', async () => {
    const cached = await shop.cached()
    const id = await shop.user('old')
    await nameOf(cached, id)
    await cached.prisma.$executeRawUnsafe('ANALYZE TABLE users').catch(() => {})
    await cached.prisma.$executeRawUnsafe('FROBNICATE the_shop').catch(() => {})
    expect(await nameOf(cached, id)).toBe('old')
    // A syntax error proves on PostgreSQL that nothing happened.
    expect(cached.cache.stats().hits).toBeLessThanOrEqual(shop.dialect === 'postgres' ? 1 : 0)
  })

  it('DDL invalidates what is cached of the table', async () => {
    const { prisma } = await shop.cached()
    const { sql } = prismaNamespace(shop.dialect)
    const own = `ddl_${shop.kind}`
    await prisma.$executeRawUnsafe(`CREATE TABLE ${own} (id INTEGER PRIMARY KEY, name VARCHAR(20))`)
    await prisma.$executeRawUnsafe(`INSERT INTO ${own} VALUES (1, 'Ada')`)
    const table = prismaNamespace(shop.dialect).raw(own)
    const read = () => prisma.$cache.queryRaw(sql`SELECT * FROM ${table}`)
    expect(await read()).toEqual([{ id: expect.anything(), name: 'Ada' }])
    await prisma.$executeRawUnsafe(`ALTER TABLE ${own} ADD COLUMN age INTEGER DEFAULT 7`)
    expect(await read()).toEqual([{ id: expect.anything(), name: 'Ada', age: expect.anything() }])
    await prisma.$executeRawUnsafe(shop.dialect === 'sqlite' ? `DELETE FROM ${own}` : `TRUNCATE TABLE ${own}`)
    expect(await read()).toEqual([])
    await prisma.$executeRawUnsafe(`DROP TABLE ${own}`)
    await expect(read()).rejects.toThrow()
    await prisma.$executeRawUnsafe(`CREATE TABLE ${own} (id INTEGER PRIMARY KEY)`)
    expect(await read()).toEqual([])
    await prisma.$executeRawUnsafe(`DROP TABLE ${own}`)
    await shop.plain.$executeRawUnsafe(`CREATE TABLE ${own} (id INTEGER PRIMARY KEY)`)
  })

  it('DDL invalidates everything', async () => {
    const { prisma, cache } = await shop.cached()
    const own = `ddl_everything_${shop.kind}`
    for (const sql of [
      `CREATE TABLE ${own} (id INTEGER)`,
      `CREATE INDEX ${own}_ids ON ${own} (id)`,
      `DROP TABLE ${own}`,
    ]) {
      await prisma.user.count()
      const { misses } = cache.stats()
      await prisma.$executeRawUnsafe(sql)
      await prisma.user.count()
      expect(cache.stats().misses, sql).toBe(misses + 1)
    }
  })

  it.runIf(shop.kind === 'sqlite')(
    'H15 a statement that fails and keeps the rows before its failure is seen',
    async () => {
      const { prisma } = await shop.cached()
      const email = shop.email()
      const count = () => prisma.user.count({ where: { email: { startsWith: email } } })
      expect(await count()).toBe(0)
      const insert = prisma.$executeRawUnsafe(
        `INSERT OR FAIL INTO users (email) VALUES ('${email} 1'), ('${email} 1'), ('${email} 2')`,
      )
      await expect(insert).rejects.toThrow()
      expect(await count()).toBe(1)
    },
  )

  it.runIf(shop.dialect === 'postgres')('H36 TRUNCATE .. CASCADE follows every foreign key', async () => {
    const other = await shop.another()
    const { cache } = await shop.cached()
    const prisma = cachedClient(other.client(), { cache })
    await prisma.$cache.ready()
    await prisma.product.create({
      data: {
        sku: 'a',
        name: 'a',
        price: 1,
        tags: { create: { name: 't' } },
        prices: { create: { currency: 'EUR', amount: 1 } },
      },
    })
    const reads = () =>
      Promise.all([
        prisma.product.count(),
        prisma.price.count(),
        prisma.tag.count({ where: { products: { some: {} } } }),
      ])
    expect(await reads()).toEqual([1, 1, 1])
    await prisma.$executeRawUnsafe('TRUNCATE products CASCADE')
    expect(await reads()).toEqual([0, 0, 0])
  })

  it.runIf(shop.dialect === 'postgres')(
    'H22 a data-modifying CTE runs every time and invalidates, also as a query',
    async () => {
      const cached = await shop.cached()
      const { sql } = prismaNamespace('postgres')
      const id = await shop.user('old')
      const version = async () => (await cached.prisma.user.findUniqueOrThrow({ where: { id } })).version
      const text = sql`WITH changed AS (UPDATE users SET version = version + 1 WHERE id = ${id} RETURNING version) SELECT version FROM changed`
      expect(await version()).toBe(0)
      expect(await cached.prisma.$queryRaw(text)).toEqual([{ version: 1 }])
      expect(await version()).toBe(1)
      expect(await cached.prisma.$cache.queryRaw(text)).toEqual([{ version: 2 }])
      expect(await cached.prisma.$cache.queryRaw(text)).toEqual([{ version: 3 }])
      expect(await version()).toBe(3)
    },
  )

  it.runIf(shop.dialect !== 'mysql')('a write with RETURNING by $queryRaw invalidates', async () => {
    const cached = await shop.cached()
    const id = await shop.user('old')
    await nameOf(cached, id)
    expect(await cached.prisma.$queryRaw`UPDATE users SET name = 'new' WHERE id = ${id} RETURNING name`).toEqual([
      { name: 'new' },
    ])
    expect(await nameOf(cached, id)).toBe('new')
  })

  it.runIf(shop.kind === 'postgres')(
    'H15 a write that is done and whose result Prisma cannot read is seen',
    async () => {
      const cached = await shop.cached()
      const id = await shop.user('old')
      await nameOf(cached, id)
      await expect(
        cached.prisma.$queryRaw`UPDATE users SET name = 'new' WHERE id = ${id} RETURNING ctid`,
      ).rejects.toThrow()
      expect(await nameOf(cached, id)).toBe('new')
    },
  )

  describe.runIf(shop.kind === 'mariadb')('several statements in one text', () => {
    const update = (id: number, name: string) => `UPDATE users SET name = '${name}' WHERE id = ${id}`

    async function twoUsers() {
      const url = shop.db.url ?? ''
      const database = new URL(url).pathname.slice(1)
      const adapter = new PrismaMariaDb(mariadbUrl(url, database, { multipleStatements: 'true' }), {
        useTextProtocol: true,
      })
      const cached = await shop.cached({ client: { adapter } })
      const ids = [await shop.user('old'), await shop.user('old')] as const
      const names = () => Promise.all(ids.map((id) => nameOf(cached, id)))
      expect(await names()).toEqual(['old', 'old'])
      return { cached, ids, names }
    }

    it('invalidate what each of them writes', async () => {
      const { cached, ids, names } = await twoUsers()
      await cached.prisma.$executeRawUnsafe(`SELECT 1; ${update(ids[0], 'new')}; ${update(ids[1], 'new')}`)
      expect(await names()).toEqual(['new', 'new'])
    })

    it('invalidate what was written before the one that fails', async () => {
      const { cached, ids, names } = await twoUsers()
      const text = `${update(ids[0], 'new')}; ${update(ids[1], 'new')}; INSERT INTO users (id) VALUES (${ids[0]})`
      await expect(cached.prisma.$executeRawUnsafe(text)).rejects.toThrow()
      expect(await names()).toEqual(['new', 'new'])
    })

    it('H08 invalidate when they are a transaction of their own, committed or rolled back', async () => {
      const { cached, ids, names } = await twoUsers()
      await cached.prisma.$executeRawUnsafe(
        `BEGIN; ${update(ids[0], 'new')}; COMMIT; BEGIN; ${update(ids[1], 'dirty')}; ROLLBACK`,
      )
      expect(await names()).toEqual(['new', 'old'])
      expect((await cached.cache.health()).origins).toMatchObject([{ state: 'on' }])
    })

    it('H17 end caching when they leave the connection inside a transaction', async () => {
      const { cached, ids } = await twoUsers()
      await cached.prisma.$executeRawUnsafe(`BEGIN; ${update(ids[0], 'dirty')}`)
      expect((await cached.cache.health()).origins).toMatchObject([{ state: 'off' }])
      await cached.prisma.$disconnect()
    })

    it('H37 commit what their transaction wrote before, when one of them is a COMMIT', async () => {
      const { cached, ids, names } = await twoUsers()
      const abandoned = new Error('rolled back at the end')
      const transaction = cached.prisma.$transaction(async (tx) => {
        await tx.$executeRawUnsafe(update(ids[0], 'new'))
        await tx.$executeRawUnsafe('SELECT 1; COMMIT')
        expect(await names()).toEqual(['new', 'old'])
        await tx.$executeRawUnsafe(update(ids[1], 'new'))
        expect(await names()).toEqual(['new', 'new'])
        throw abandoned
      })
      await expect(transaction).rejects.toBe(abandoned)
      expect(await names()).toEqual(['new', 'new'])
    })
  })
})

await describeShop('$cache.queryRaw', (shop) => {
  const { sql, join } = prismaNamespace(shop.dialect)

  it('caches on request, by text and parameters, and ends with a write to any table of the text', async () => {
    const { prisma, cache, tap } = await shop.cached()
    const [one, two] = [await shop.user('Ada', ['a note']), await shop.user('Bea')]
    const notes = (ids: readonly number[]) =>
      prisma.$cache.queryRaw<{ name: string; note: string | null }[]>(
        sql`SELECT u.name, o.note FROM users u LEFT JOIN orders o ON o.user_id = u.id WHERE u.id IN (${join([...ids])}) ORDER BY u.id`,
      )
    const first = await notes([one])
    expect(first).toEqual([{ name: 'Ada', note: 'a note' }])
    tap.clear()
    expect(await notes([one])).toEqual(first)
    expect(tap.texts).toEqual([])
    expect(await notes([two])).toEqual([{ name: 'Bea', note: null }])
    await prisma.order.updateMany({ where: { userId: one }, data: { note: 'new' } })
    expect(await notes([one])).toEqual([{ name: 'Ada', note: 'new' }])
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 3 })
  })

  it('$queryRaw itself is never cached', async () => {
    const { prisma, cache, tap } = await shop.cached()
    await prisma.$queryRaw`SELECT id FROM users`
    await prisma.$queryRaw`SELECT id FROM users`
    expect(tap.reads).toHaveLength(2)
    expect(cache.stats()).toMatchObject({ hits: 0, misses: 0 })
  })

  it('takes TypedSQL', async () => {
    const { prisma, cache } = await shop.cached()
    // As a client that was generated with the preview feature.
    ;(prisma as never as { _engineConfig: { previewFeatures: string[] } })._engineConfig.previewFeatures.push(
      'typedSql',
    )
    const id = await shop.user('Ada')
    const parameter = shop.dialect === 'postgres' ? '$1' : '?'
    // What `prisma generate --sql` writes, apart from its types.
    const nameById = makeTypedQueryFactory(`SELECT name FROM users WHERE id = ${parameter}`) as (
      id: number,
    ) => TypedSql<[number], { name: string | null }>
    const read = () => prisma.$cache.queryRaw(nameById(id))
    expect(await read()).toEqual([{ name: 'Ada' }])
    expect(await read()).toEqual([{ name: 'Ada' }])
    await prisma.user.update({ where: { id }, data: { name: 'Bea' } })
    expect(await read()).toEqual([{ name: 'Bea' }])
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 2 })
  })

  it('takes a strategy', async () => {
    const { prisma, cache } = await shop.cached()
    const read = (strategy: false | { tags?: string[]; ttl?: number }) =>
      prisma.$cache.queryRaw(sql`SELECT COUNT(*) FROM users`, strategy)
    await read(false)
    await read({ ttl: 0 })
    expect(cache.stats().bypassReasons).toEqual({ 'off-for-call': 2 })
    await read({ tags: ['report'] })
    await read({ tags: ['report'] })
    expect(cache.stats().hits).toBe(1)
    await prisma.$cache.invalidate({ tags: ['report'] })
    await read({ tags: ['report'] })
    expect(cache.stats().hits).toBe(1)
  })

  it('inside a transaction it asks the database', async () => {
    const { prisma } = await shop.cached()
    const id = await shop.user('old')
    const text = sql`SELECT name FROM users WHERE id = ${id}`
    await prisma.$cache.queryRaw(text)
    await prisma.$transaction(async (tx) => {
      await tx.user.update({ where: { id }, data: { name: 'new' } })
      expect(await tx.$cache.queryRaw(text)).toEqual([{ name: 'new' }])
    })
    expect(await prisma.$cache.queryRaw(text)).toEqual([{ name: 'new' }])
  })

  it('parameters of different types are different queries', async () => {
    const { prisma, cache } = await shop.cached()
    const values = [1, 1n, '1', 1.5, true, null, new Date(0), new Date(0).toISOString(), Uint8Array.of(49)]
    for (const value of values)
      await prisma.$cache
        .queryRaw(sql`SELECT COUNT(*) AS n FROM users WHERE id = -1 OR ${value} IS NULL`)
        .catch(() => {})
    expect(cache.stats().hits).toBe(0)
    expect(cache.stats().misses).toBe(values.length)
  })

  describe('H34 texts that must run every time', () => {
    const all: Readonly<Record<Dialect, readonly (readonly [reason: string, text: string])[]>> = {
      postgres: [
        ['row-lock', 'SELECT id FROM users FOR UPDATE'],
        ['row-lock', 'SELECT id FROM users FOR KEY SHARE SKIP LOCKED'],
        ['non-deterministic', 'SELECT id, now() AS at FROM users'],
        ['non-deterministic', 'SELECT id FROM users WHERE created_at < CURRENT_TIMESTAMP'],
        ['non-deterministic', 'SELECT id FROM users ORDER BY random()'],
        ['non-deterministic', 'SELECT gen_random_uuid()'],
        ['side-effect', `SELECT nextval('users_id_seq')`],
        ['side-effect', 'SELECT pg_advisory_xact_lock(1)'],
        ['session-state', 'SELECT current_user'],
        ['session-state', `SELECT current_setting('search_path')`],
        ['unknown-function', 'SELECT my_function(id) FROM users'],
      ],
      mysql: [
        ['row-lock', 'SELECT id FROM users FOR UPDATE'],
        ['row-lock', 'SELECT id FROM users LOCK IN SHARE MODE'],
        ['non-deterministic', 'SELECT id, NOW() AS at FROM users'],
        ['non-deterministic', 'SELECT id FROM users ORDER BY RAND()'],
        ['non-deterministic', 'SELECT UUID()'],
        ['session-state', 'SELECT @tenant'],
        ['session-state', 'SELECT LAST_INSERT_ID()'],
        ['side-effect', `SELECT GET_LOCK('larder', 0)`],
        ['unknown-function', 'SELECT my_function(id) FROM users'],
      ],
      sqlite: [
        ['non-deterministic', `SELECT id, datetime('now') AS at FROM users`],
        ['non-deterministic', 'SELECT id FROM users ORDER BY random()'],
        ['non-deterministic', 'SELECT id, CURRENT_TIMESTAMP FROM users'],
        ['session-state', 'SELECT last_insert_rowid()'],
        ['unknown-function', 'SELECT my_function(id) FROM users'],
      ],
    }

    it.each(all[shop.dialect])('%s: %s', async (reason, text) => {
      const { prisma, cache, tap } = await shop.cached()
      const { raw } = prismaNamespace(shop.dialect)
      // Prisma cannot read every result, and not every function exists: it is the database that has to say so.
      for (let i = 0; i < 2; i++) await prisma.$cache.queryRaw(sql`${raw(text)}`).catch(() => {})
      expect(tap.texts).toHaveLength(2)
      expect(cache.stats()).toMatchObject({ hits: 0, fills: 0, bypassReasons: { [reason]: 2 } })
    })
  })

  it('explains itself', async () => {
    const cached = await shop.cached()
    await expectHit(shop, cached, (client) => client.user.count())
    const { trace } = await cached.prisma.$cache.explain(() =>
      cached.prisma.$cache.queryRaw(sql`SELECT RANDOM_FUNCTION(1)`).catch(() => {}),
    )
    expect(trace).toMatchObject([{ outcome: 'bypass', reason: 'unknown-function' }])
  })
})
