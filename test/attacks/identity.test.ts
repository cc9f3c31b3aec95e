// Attacks on identity: two clients that must not share results, and clients whose reads differ although they look alike.

import { cacheExtension } from '@larder/prisma'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlDriverAdapterFactory, SqlQuery } from '@prisma/driver-adapter-utils'
import { describe, expect, it } from 'vitest'
import { Prisma } from '../../prisma/generated/postgres/client.ts'
import { cacheUnderTest } from '../contract/cache-under-test.ts'
import { StatementTap } from '../contract/statement-tap.ts'
import { cachedClient, describeShop, expectHit } from '../prisma/prisma-shop.ts'
import { tappedAdapter } from '../prisma/tapped-adapter.ts'
import { testDatabases } from '../servers/databases.ts'
import type { ShopClient } from '../servers/shop-client.ts'
import { nameOf, rename } from './helpers.ts'

const [postgres, mariadb] = await testDatabases(['postgres', 'mariadb'])

describe.skipIf(mariadb?.missing !== undefined)('databases of one MariaDB', () => {
  it('H32 clients that name different databases in the options of their adapter do not share results', async () => {
    await using one = await mariadb!.open()
    await using other = await mariadb!.open()
    const { cache } = cacheUnderTest()
    const clientOf = async (url: string) => {
      const database = new URL(url).pathname.slice(1)
      const address = one.url!.replace(/^mysql:/, 'mariadb:')
      const prisma = cachedClient(one.client({ adapter: new PrismaMariaDb(address, { database }) }), { cache })
      await prisma.$cache.ready()
      return prisma
    }
    await one.exec("INSERT INTO users (email, name, created_at) VALUES ('a@shop.example', 'of one', NOW())")
    await other.exec("INSERT INTO users (email, name, created_at) VALUES ('a@shop.example', 'of the other', NOW())")
    const first = await clientOf(one.url!)
    const second = await clientOf(other.url!)
    const uncached = one.client({
      adapter: new PrismaMariaDb(one.url!.replace(/^mysql:/, 'mariadb:'), {
        database: new URL(other.url!).pathname.slice(1),
      }),
    })
    expect((await uncached.user.findFirst({ where: { id: 1 } }))?.name).toBe('of the other')
    expect((await first.user.findFirst({ where: { id: 1 } }))?.name).toBe('of one')
    expect((await second.user.findFirst({ where: { id: 1 } }))?.name).toBe('of the other')
  })
})

describe.skipIf(postgres?.missing !== undefined)('PostgreSQL servers', () => {
  /** What two servers say that run in containers: the same address inside, everything else their own. */
  function inContainer(factory: SqlDriverAdapterFactory, started: string): SqlDriverAdapterFactory {
    return {
      provider: factory.provider,
      adapterName: factory.adapterName,
      async connect() {
        const adapter = await factory.connect()
        return new Proxy(adapter, {
          get(target, key) {
            if (key === 'queryRaw') {
              return async (query: SqlQuery) => {
                const answer = await target.queryRaw(query)
                if (!query.sql.includes('inet_server_addr')) return answer
                const row = [...(answer.rows[0] ?? [])]
                row[1] = 'app'
                row[4] = '172.18.0.2'
                row[5] = '5432'
                row[6] = started
                return { ...answer, rows: [row] }
              }
            }
            const member: unknown = Reflect.get(target, key, target)
            return typeof member === 'function' ? member.bind(target) : member
          },
        })
      },
    }
  }

  it('H32 servers that have the same address inside their containers do not share results', async () => {
    await using one = await postgres!.open()
    await using other = await postgres!.open()
    const { cache } = cacheUnderTest()
    const first = cachedClient(one.client({ adapter: inContainer(one.connect(), '2026-01-01') }), { cache })
    const second = cachedClient(other.client({ adapter: inContainer(other.connect(), '2026-02-02') }), { cache })
    await first.$cache.ready()
    await second.$cache.ready()
    await one.exec("INSERT INTO users (email, name) VALUES ('a@shop.example', 'of one')")
    await other.exec("INSERT INTO users (email, name) VALUES ('a@shop.example', 'of the other')")
    expect((await first.user.findFirst({ where: { id: 1 } }))?.name).toBe('of one')
    expect((await second.user.findFirst({ where: { id: 1 } }))?.name).toBe('of the other')
  })

  it('H33 clients whose connections begin with other settings do not share results', async () => {
    await using db = await postgres!.open()
    const { cache } = cacheUnderTest()
    const clientOf = async (tenant: string) => {
      const adapter = new PrismaPg({
        connectionString: db.url!,
        options: `-c shop.tenant=${tenant} -c timezone=${tenant === 'a' ? 'UTC' : 'Asia/Tokyo'}`,
      })
      const prisma = cachedClient(db.client({ adapter }), { cache })
      await prisma.$cache.ready()
      return prisma
    }
    await db.exec(
      "INSERT INTO users (email, name, created_at) VALUES ('a@shop.example', 'Ada', '2026-01-01T00:00:00Z')",
    )
    const [a, b] = [await clientOf('a'), await clientOf('b')]
    const sql = Prisma.sql`SELECT created_at::text AS at FROM users`
    const uncached = await b.$queryRaw(sql as never)
    expect(await a.$cache.queryRaw(sql as never)).not.toEqual(uncached)
    expect(await b.$cache.queryRaw(sql as never)).toEqual(uncached)
  })

  it('H33 a client whose tenant is a setting of its connections does not get rows of another tenant', async () => {
    await using db = await postgres!.open()
    const { cache } = cacheUnderTest()
    await db.exec(`
      INSERT INTO users (email, name) VALUES ('a', 'of a'), ('b', 'of b');
      ALTER TABLE users ENABLE ROW LEVEL SECURITY;
      CREATE POLICY tenant ON users USING (email = current_setting('shop.tenant', true));
      DO $$ BEGIN CREATE ROLE larder_test_tenant LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
      GRANT ALL ON ALL TABLES IN SCHEMA public TO larder_test_tenant;`)
    try {
      const clientOf = async (tenant: string) => {
        // The server's own user passes every policy.
        const adapter = new PrismaPg({
          connectionString: db.url!,
          options: `-c role=larder_test_tenant -c shop.tenant=${tenant}`,
        })
        const prisma = cachedClient(db.client({ adapter }), { cache })
        await prisma.$cache.ready()
        return prisma
      }
      const [a, b] = [await clientOf('a'), await clientOf('b')]
      expect(await a.user.findMany({ select: { name: true } })).toEqual([{ name: 'of a' }])
      expect(await b.user.findMany({ select: { name: true } })).toEqual([{ name: 'of b' }])
    } finally {
      await db.exec('DROP OWNED BY larder_test_tenant; DROP ROLE IF EXISTS larder_test_tenant')
    }
  })

  it('H33 a read that was under way when a raw SET changed its connection is not served to other clients', async () => {
    await using db = await postgres!.open()
    const { cache } = cacheUnderTest()
    await db.exec(`
      CREATE SCHEMA tenant_b; CREATE TABLE tenant_b.users (LIKE public.users INCLUDING ALL);
      INSERT INTO public.users (email, name) VALUES ('x', 'public'); INSERT INTO tenant_b.users (email, name) VALUES ('x', 'tenant b')`)
    const tap = new StatementTap()
    const adapter = tappedAdapter(new PrismaPg({ connectionString: db.url!, max: 1 }), tap)
    const one = cachedClient(db.client({ adapter }), { cache })
    const other = cachedClient(db.client(), { cache })
    await one.$cache.ready()
    await other.$cache.ready()
    const sql = Prisma.sql`SELECT name FROM users WHERE email = 'x'`
    // The read has looked into the cache and waits for the connection while the SET is on it.
    const held = tap.holdBefore(/FROM users/)
    const read = one.$cache.queryRaw(sql as never)
    await held.reached
    await one.$executeRawUnsafe('SET search_path = tenant_b')
    held.release()
    expect(await read).toEqual([{ name: 'tenant b' }])
    expect(await other.$cache.queryRaw(sql as never)).toEqual([{ name: 'public' }])
  })
})

await describeShop('several clients', (shop) => {
  it.runIf(shop.kind !== 'pglite')(
    'a client that had connected before its factory was wrapped does not cache',
    async () => {
      const { cache } = cacheUnderTest()
      const factory = shop.db.connect()
      const early = shop.client({ adapter: factory })
      await early.$connect()
      const late = cachedClient(shop.client({ adapter: factory }), { cache })
      await late.$cache.ready()
      const extended = cachedClient(early, { cache })
      await extended.$cache.ready()
      const id = await shop.user('old')
      expect(await nameOf({ prisma: late }, id)).toBe('old')
      // Its connections are not watched, although it has the extension: it works, uncached, and says why.
      expect(await nameOf({ prisma: extended }, id)).toBe('old')
      await rename(late, id, 'new')
      expect(await nameOf({ prisma: extended }, id)).toBe('new')
      await rename(extended, id, 'newer')
      expect(await nameOf({ prisma: extended }, id)).toBe('newer')
      expect((await cache.health()).warnings.map(({ code }) => code)).toContain('already-connected')
    },
  )

  it('the extension added twice with one cache answers', async () => {
    // Not a client of the shop: if this one hangs, nothing else should.
    const { cache } = cacheUnderTest()
    const once = shop.client().$extends(cacheExtension({ cache }))
    const twice = once.$extends(cacheExtension({ cache }))
    await once.$cache.ready()
    const id = await shop.user('old')
    const read = twice.user.findFirst({ where: { id } }).then((user) => user?.name)
    const silence = async () => {
      for (let i = 0; i < 20; i++) await shop.plain.user.findFirst({ where: { id } })
      return 'no answer'
    }
    expect(await Promise.race([read, silence()])).toBe('old')
  })

  it('H18 the extension added twice with two caches is right in both', async () => {
    const { prisma } = await shop.cached()
    const { cache } = cacheUnderTest()
    const twice = (prisma as unknown as ShopClient).$extends(cacheExtension({ cache })) as unknown as ShopClient
    const id = await shop.user('old')
    const name = async (client: ShopClient) => (await client.user.findFirst({ where: { id } }))?.name
    expect([await name(twice), await name(prisma as unknown as ShopClient)]).toEqual(['old', 'old'])
    await rename(prisma, id, 'new')
    expect([await name(twice), await name(prisma as unknown as ShopClient)]).toEqual(['new', 'new'])
    await twice.$transaction((tx) => rename(tx, id, 'newer'))
    expect([await name(twice), await name(prisma as unknown as ShopClient)]).toEqual(['newer', 'newer'])
  })

  it('H40 the order of keys in a select is the order of keys in its results', async () => {
    const cached = await shop.cached()
    const id = await shop.user('Ada')
    const one = (client: ShopClient) => client.user.findFirst({ where: { id }, select: { name: true, id: true } })
    const other = (client: ShopClient) => client.user.findFirst({ where: { id }, select: { id: true, name: true } })
    await expectHit(shop, cached, one)
    const prisma = cached.prisma as unknown as ShopClient
    expect(JSON.stringify(await other(prisma))).toBe(JSON.stringify(await other(shop.plain)))
    expect(JSON.stringify(await one(prisma))).toBe(JSON.stringify(await one(shop.plain)))
  })
})

describe.skipIf(postgres?.missing !== undefined)('pools', () => {
  it('H52 a read of one client does not wait for the pool of another', async () => {
    await using db = await postgres!.open()
    const { cache } = cacheUnderTest()
    const one = cachedClient(db.client({ adapter: new PrismaPg({ connectionString: db.url!, max: 1 }) }), { cache })
    const other = cachedClient(db.client(), { cache })
    await one.$cache.ready()
    await other.$cache.ready()
    let waiting: Promise<unknown> | undefined
    await one.$transaction(
      async () => {
        waiting = one.user.findMany()
        waiting.catch(() => {})
        await Promise.resolve()
        expect(await other.user.findMany()).toEqual([])
      },
      { timeout: 2_000 },
    )
    expect(await waiting).toEqual([])
  }, 10_000)
})
