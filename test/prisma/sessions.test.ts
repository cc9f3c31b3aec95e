// Databases and connections on which caching would be wrong (H17): it is off, health() says why, and everything works.

import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import type { SqlDriverAdapter, SqlDriverAdapterFactory, SqlQuery } from '@prisma/driver-adapter-utils'
import { expect, it } from 'vitest'
import { type CachedShop, describeShop, type PrismaShop } from './prisma-shop.ts'

/** Reads and writes go on and are right; nothing is cached, for this reason. */
async function expectOff(shop: PrismaShop, { prisma, cache }: CachedShop, code: string): Promise<void> {
  const id = await shop.user('old')
  const name = async () => (await prisma.user.findUnique({ where: { id } }))?.name
  const { hits } = cache.stats()
  expect([await name(), await name()]).toEqual(['old', 'old'])
  await prisma.user.updateMany({ where: { id }, data: { name: 'new' } })
  expect(await name()).toBe('new')
  expect(cache.stats()).toMatchObject({ hits, bypassReasons: { 'origin-off': 3 } })
  const { origins, warnings } = await prisma.$cache.health()
  expect(origins).toMatchObject([{ state: 'off', reason: expect.stringContaining(code) }])
  expect(warnings.map((warning) => warning.code)).toContain(code)
}

await describeShop(
  'H17 MariaDB',
  (shop) => {
    function connectionsThatBeginWith(initSql: string): PrismaMariaDb {
      const { hostname, port, username, password, pathname } = new URL(shop.db.url ?? '')
      return new PrismaMariaDb({
        host: hostname,
        port: Number(port),
        user: decodeURIComponent(username),
        password: decodeURIComponent(password),
        database: pathname.slice(1),
        initSql,
      })
    }

    it('READ UNCOMMITTED as the default of the connections', async () => {
      const cached = await shop.cached({
        client: { adapter: connectionsThatBeginWith('SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED') },
      })
      await expectOff(shop, cached, 'read-uncommitted')
    })

    it('autocommit off', async () => {
      const cached = await shop.cached({
        client: { adapter: connectionsThatBeginWith('SET autocommit = 0') },
        broken: true,
      })
      const { prisma } = cached
      await prisma.user.findFirst()
      const { origins } = await prisma.$cache.health()
      expect(origins).toMatchObject([{ state: 'off', reason: expect.stringContaining('autocommit-off') }])
      expect(cached.cache.stats().bypassReasons).toEqual({ 'origin-off': 1 })
    })

    it.each([
      'SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED',
      'SET tx_isolation = "READ-UNCOMMITTED"',
      'SET autocommit = 0, @a = 1',
    ])('a raw %s on a pooled connection', async (sql) => {
      // Other connections keep their settings, so only the reason is looked at.
      const cached = await shop.cached({ broken: true })
      await cached.prisma.$executeRawUnsafe(sql)
      const { origins } = await cached.prisma.$cache.health()
      expect(origins).toMatchObject([{ state: 'off', reason: expect.stringContaining('session-transaction-settings') }])
    })
  },
  { kinds: ['mariadb'] },
)

await describeShop('H17 a connection left inside a transaction', (shop) => {
  it('a raw BEGIN on a pooled connection', async () => {
    const cached = await shop.cached({ broken: true })
    const id = await shop.user('Ada')
    const read = () => cached.prisma.user.findUnique({ where: { id } })
    await read()
    const begun = await cached.prisma.$executeRawUnsafe('BEGIN').then(
      () => true,
      // Not every protocol takes it.
      () => false,
    )
    await read()
    const { origins } = await cached.prisma.$cache.health()
    expect(origins).toMatchObject([{ state: 'off', reason: expect.stringContaining('raw-transaction-control') }])
    expect(cached.cache.stats().hits).toBe(0)
    if (begun) await cached.prisma.$executeRawUnsafe('ROLLBACK')
  })

  it.runIf(shop.dialect === 'postgres')('a raw SET of the isolation level of a pooled connection', async () => {
    const cached = await shop.cached()
    await cached.prisma.$executeRawUnsafe('SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE')
    await expectOff(shop, cached, 'session-transaction-settings')
  })

  it.runIf(shop.kind === 'sqlite')('PRAGMA read_uncommitted', async () => {
    const cached = await shop.cached()
    await cached.prisma.$executeRawUnsafe('PRAGMA read_uncommitted = 1')
    await expectOff(shop, cached, 'session-transaction-settings')
  })

  it('settings inside a transaction end with it and change nothing', async () => {
    const { prisma, cache } = await shop.cached()
    const id = await shop.user('Ada')
    const read = () => prisma.user.findUnique({ where: { id } })
    const isolationLevel = shop.kind === 'pglite' ? undefined : 'Serializable'
    await prisma.$transaction((tx) => tx.user.count(), isolationLevel === undefined ? {} : { isolationLevel })
    await read()
    await read()
    expect(cache.stats().hits).toBe(1)
  })
})

await describeShop('H17 a replica', (shop) => {
  /** The database as it would answer if it were a replica. */
  function replica(factory: SqlDriverAdapterFactory): SqlDriverAdapterFactory {
    const sqlOf = (sql: string): string =>
      sql
        .replace('pg_is_in_recovery()', 'true')
        .replace(
          /^SHOW VARIABLES WHERE .*/s,
          `SELECT 'read_only', 'ON' UNION SELECT 'tx_isolation', 'REPEATABLE-READ' UNION SELECT 'hostname', 'replica'`,
        )
    return {
      provider: factory.provider,
      adapterName: factory.adapterName,
      async connect() {
        const adapter = await factory.connect()
        return new Proxy(adapter, {
          get(target, key) {
            if (key === 'queryRaw') return (query: SqlQuery) => adapter.queryRaw({ ...query, sql: sqlOf(query.sql) })
            const member: unknown = Reflect.get(target, key, target)
            return typeof member === 'function' ? member.bind(target) : member
          },
        }) satisfies SqlDriverAdapter
      },
    }
  }

  it.skipIf(shop.dialect === 'sqlite')('shows commits late', async () => {
    const cached = await shop.cached({ client: { adapter: replica(shop.db.connect()) } })
    await expectOff(shop, cached, 'replica')
  })
})
