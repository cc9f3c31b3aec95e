// Writes that fail on real servers (H15): readers get what the database has, now and after it has made up its mind.

import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import { expect, it, vi } from 'vitest'
import { type Signal, signal } from '../contract/signal.ts'
import { mariadbUrl } from '../servers/mariadb-url.ts'
import { type CachedShop, cachedClient, describeShop, type PrismaShop } from './prisma-shop.ts'

async function nameOf({ prisma }: Pick<CachedShop, 'prisma'>, id: number): Promise<string | null | undefined> {
  return (await prisma.user.findUnique({ where: { id } }))?.name
}

function rename({ prisma }: CachedShop, id: number): Promise<unknown> {
  return prisma.user.updateMany({ where: { id }, data: { name: 'new' } }).then((result) => result)
}

/** Marks that this process holds: writes under way, and those whose outcome is unknown. */
async function marks({ cache }: CachedShop): Promise<number> {
  return (await cache.health()).marks
}

/** Somebody else locks the row until the signal is given. */
async function lockRow(shop: PrismaShop, id: number): Promise<{ readonly unlock: () => Promise<void> }> {
  const locked = signal()
  const release: Signal = signal()
  const holder = shop.plain.$transaction(
    async (tx) => {
      await tx.$queryRaw`SELECT id FROM users WHERE id = ${id} FOR UPDATE`
      locked.give()
      await release.given
    },
    { timeout: 30_000 },
  )
  await locked.given
  return {
    unlock: async () => {
      release.give()
      await holder
    },
  }
}

/** Waits until a connection of this database waits for a lock; its id on the server. */
function waitingConnection(shop: PrismaShop): Promise<number> {
  const sql =
    shop.dialect === 'postgres'
      ? `SELECT pid AS id FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
      : `SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND state = 'Updating' AND info LIKE 'UPDATE%'`
  return vi.waitFor(
    async () => {
      const [row] = await shop.db.query(sql)
      if (row === undefined) throw new Error('nobody waits yet')
      return Number(row['id'])
    },
    { timeout: 10_000, interval: 5 },
  )
}

/** A write that waits for a lock, and what it is told in the end. */
async function blockedWrite(shop: PrismaShop, adapter: SqlDriverAdapterFactory) {
  const cached = await shop.cached({ client: { adapter } })
  const id = await shop.user('old')
  await nameOf(cached, id)
  const { unlock } = await lockRow(shop, id)
  const write = rename(cached, id).then(
    () => 'done',
    () => 'failed',
  )
  return { cached, id, unlock, write }
}

await describeShop('H15 PostgreSQL', postgres, { kinds: ['postgres'] })

function postgres(shop: PrismaShop): void {
  const pool = (options: object) => new PrismaPg({ connectionString: shop.db.url, ...options })

  it('statement_timeout: the server has proved that nothing was written', async () => {
    const { cached, id, unlock, write } = await blockedWrite(shop, pool({ options: '-c statement_timeout=50' }))
    expect(await write).toBe('failed')
    expect(await marks(cached)).toBe(0)
    const { hits } = cached.cache.stats()
    expect(await nameOf(cached, id)).toBe('old')
    expect(cached.cache.stats().hits).toBe(hits + 1)
    await unlock()
  })

  it('query_timeout of the client: the statement is done later, and seen', async () => {
    const { cached, id, unlock, write } = await blockedWrite(shop, pool({ query_timeout: 50 }))
    expect(await write).toBe('failed')
    expect(await nameOf(cached, id)).toBe('old')
    expect(await marks(cached)).toBe(1)
    await unlock()
    await vi.waitFor(async () => {
      expect((await shop.plain.user.findUnique({ where: { id } }))?.name).toBe('new')
    })
    expect(await nameOf(cached, id)).toBe('new')
    expect(await marks(cached)).toBe(1)
    expect(cached.cache.stats().bypassReasons['write-in-flight']).toBe(2)
  })

  it('a backend that is killed while its statement waits: the outcome is unknown', async () => {
    const { cached, id, unlock, write } = await blockedWrite(shop, pool({}))
    await shop.db.query(`SELECT pg_terminate_backend(${await waitingConnection(shop)})`)
    expect(await write).toBe('failed')
    expect(await marks(cached)).toBe(1)
    expect(await nameOf(cached, id)).toBe('old')
    await unlock()
    expect(await nameOf(cached, id)).toBe('old')
    expect(cached.cache.stats().bypassReasons['write-in-flight']).toBe(2)
  })

  it('a backend that is killed before COMMIT: the outcome is unknown', async () => {
    const cached = await shop.cached()
    const id = await shop.user('old')
    await nameOf(cached, id)
    const transaction = cached.prisma.$transaction(async (tx) => {
      await tx.user.updateMany({ where: { id }, data: { name: 'dirty' } })
      const [{ pid } = { pid: 0 }] = await tx.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`
      await shop.db.query(`SELECT pg_terminate_backend(${pid})`)
      await vi.waitFor(async () => {
        expect(await shop.db.query(`SELECT 1 FROM pg_stat_activity WHERE pid = ${pid}`)).toEqual([])
      })
    })
    await expect(transaction).rejects.toThrow()
    // The pool hands the dead connection out once more.
    await vi.waitFor(async () => expect(await nameOf(cached, id)).toBe('old'))
    expect(await marks(cached)).toBe(1)
  })

  it('a pool that has no connection in time: the statement was never sent', async () => {
    const cached = await shop.cached({ client: { adapter: pool({ max: 1, connectionTimeoutMillis: 50 }) } })
    await poolTimeout(shop, cached)
  })

  it('a write conflict at COMMIT: the server has proved that nothing was written', async () => {
    const cached = await shop.cached()
    const [one, two] = [await shop.user('old'), await shop.user('old')]
    const read = async (client: Pick<CachedShop['prisma'], 'user'>) =>
      await client.user.count({ where: { id: { in: [one, two] }, name: 'old' } })
    expect(await read(cached.prisma)).toBe(2)
    const isolationLevel = 'Serializable'
    const otherCommitted = signal()
    const bothRead = signal()
    // Each reads what the other writes: one of them has to fail.
    const first = cached.prisma.$transaction(
      async (tx) => {
        await read(tx as never)
        bothRead.give()
        await tx.user.updateMany({ where: { id: one }, data: { name: 'dirty' } })
        await otherCommitted.given
      },
      { isolationLevel },
    )
    await bothRead.given
    await shop.plain.$transaction(
      async (tx) => {
        await tx.user.count({ where: { id: { in: [one, two] }, name: 'old' } })
        await tx.user.updateMany({ where: { id: two }, data: { version: 1 } })
      },
      { isolationLevel },
    )
    otherCommitted.give()
    await expect(first).rejects.toThrow()
    expect(await marks(cached)).toBe(0)
    expect(await read(cached.prisma)).toBe(2)
  })
}

await describeShop('H15 MariaDB', mariadb, { kinds: ['mariadb'] })

function mariadb(shop: PrismaShop): void {
  const pool = (parameters: Readonly<Record<string, string>> = {}) => {
    const url = shop.db.url ?? ''
    return new PrismaMariaDb(mariadbUrl(url, new URL(url).pathname.slice(1), parameters))
  }

  it('KILL QUERY: the server has ended the statement, and part of it may be written', async () => {
    const { cached, id, unlock, write } = await blockedWrite(shop, pool())
    await shop.db.exec(`KILL QUERY ${await waitingConnection(shop)}`)
    expect(await write).toBe('failed')
    expect(await marks(cached)).toBe(0)
    const { misses } = cached.cache.stats()
    expect(await nameOf(cached, id)).toBe('old')
    expect(cached.cache.stats().misses).toBe(misses + 1)
    await unlock()
  })

  it('KILL: the connection is gone and the outcome is unknown', async () => {
    const { cached, id, unlock, write } = await blockedWrite(shop, pool())
    await shop.db.exec(`KILL ${await waitingConnection(shop)}`)
    expect(await write).toBe('failed')
    expect(await marks(cached)).toBe(1)
    expect(await nameOf(cached, id)).toBe('old')
    expect(cached.cache.stats().bypassReasons['write-in-flight']).toBe(1)
    await unlock()
  })

  it('KILL before COMMIT: the outcome is unknown', async () => {
    const cached = await shop.cached()
    const id = await shop.user('old')
    await nameOf(cached, id)
    const transaction = cached.prisma.$transaction(async (tx) => {
      await tx.user.updateMany({ where: { id }, data: { name: 'dirty' } })
      const [row] = await tx.$queryRaw<{ id: bigint }[]>`SELECT CONNECTION_ID() AS id`
      await shop.db.exec(`KILL ${row?.id}`)
    })
    await expect(transaction).rejects.toThrow()
    expect(await nameOf(cached, id)).toBe('old')
    expect(await marks(cached)).toBe(1)
  })

  it('a pool that has no connection in time: the statement was never sent', async () => {
    const cached = await shop.cached({ client: { adapter: pool({ connectionLimit: '1', acquireTimeout: '50' }) } })
    await poolTimeout(shop, cached)
  })
}

async function poolTimeout(shop: PrismaShop, cached: CachedShop): Promise<void> {
  const id = await shop.user('old')
  await nameOf(cached, id)
  await cached.prisma.$transaction(async () => {
    await expect(rename(cached, id)).rejects.toThrow()
    expect(await marks(cached)).toBe(0)
    // H52: the pool is exhausted, and a hit does not need it.
    expect(await nameOf(cached, id)).toBe('old')
  })
  expect(cached.cache.stats().hits).toBe(1)
}

await describeShop('H15 a COMMIT that fails', (shop) => {
  it('a constraint that is checked at COMMIT', async () => {
    const database = await shop.another()
    const { cache } = await shop.cached()
    const prisma = cachedClient(database.client(), { cache })
    await prisma.$cache.ready()
    const { id } = await prisma.user.create({ data: { email: 'ada', name: 'old' } })
    await database.exec(
      {
        postgres: `CREATE TABLE children (id INT PRIMARY KEY, parent INT REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED);`,
        sqlite: `CREATE TABLE children (id INT PRIMARY KEY, parent INT REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED);`,
        // MySQL checks constraints at each statement.
        mysql: `CREATE TABLE children (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES users (id));`,
      }[shop.dialect],
    )
    expect(await nameOf({ prisma }, id)).toBe('old')
    const transaction = prisma.$transaction(async (tx) => {
      await tx.user.updateMany({ where: { id }, data: { name: 'dirty' } })
      await tx.$executeRawUnsafe('INSERT INTO children VALUES (1, -1)')
    })
    // PGlite's adapter does not tell that nothing was committed.
    if (shop.kind === 'pglite') await transaction
    else await expect(transaction).rejects.toThrow()
    expect(await nameOf({ prisma }, id)).toBe('old')
    expect((await cache.health()).marks).toBe(0)
  })

  it('a transaction that the database has given up: COMMIT succeeds, and nothing was written', async () => {
    const cached = await shop.cached()
    const id = await shop.user('old')
    await nameOf(cached, id)
    await cached.prisma
      .$transaction(async (tx) => {
        await tx.user.updateMany({ where: { id }, data: { name: 'dirty' } })
        await tx.$executeRawUnsafe('SELECT no_such_column FROM users').catch(() => {})
      })
      .catch(() => {})
    expect(await nameOf(cached, id)).toBe((await shop.plain.user.findUnique({ where: { id } }))?.name)
    // Only PostgreSQL gives up a transaction after any error.
    expect(await nameOf(cached, id)).toBe(shop.dialect === 'postgres' ? 'old' : 'dirty')
  })
})
