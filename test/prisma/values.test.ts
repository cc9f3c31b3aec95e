// What results hold: a hit is the database's answer to the last prototype, and nobody else's copy of it.

import { superjsonCodec, systemRuntime } from '@larder/core'
import { describe, expect, it } from 'vitest'
import { Filler } from '../../packages/core/src/read/filler.ts'
import { MapStore } from '../../packages/core/test/doubles/map-store.ts'
import type { ContractOptions } from '../contract/contract-orm.ts'
import type { ShopClient } from '../servers/shop-client.ts'
import { prismaNamespace } from './prisma-namespace.ts'
import { describeShop, expectHit, type PrismaShop } from './prisma-shop.ts'

/** Results from memory are copies; results from a store have been bytes in between. */
const PLACES: Readonly<Record<string, () => ContractOptions>> = {
  memory: () => ({}),
  'a store, as msgpack': () => inStore({}),
  'a store, as superjson': () => inStore({ codec: superjsonCodec() }),
}

function inStore(options: ContractOptions): ContractOptions {
  return { ...options, store: new MapStore(systemRuntime().clock), namespace: 'test', memory: false }
}

/** Json values that a codec could take for something of its own, or that reach for prototypes. */
const JSON_VALUES: readonly unknown[] = [
  {},
  [],
  'text',
  0,
  false,
  { $type: 'Decimal', value: '1.5' },
  { json: { a: 1 }, meta: { values: { a: ['Date'] } } },
  { __larder: 'tag', $larder: ['Date', 0] },
  { type: 'Buffer', data: [1, 2, 3] },
  ['Date', '2026-01-01T00:00:00.000Z', { prisma__type: 'bigint', prisma__value: '1' }],
  JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}, "toString": "mine"}'),
  JSON.parse('{"a": {"__proto__": null, "hasOwnProperty": 1, "valueOf": [], "toJSON": "no function", "length": -1}}'),
  { '': 1, ' ': 2, 'a.b': 3, ünï: ['\u0001é', 'e\u0301', '😀', '\u2028'] },
  { deep: [[[[{ a: [1, [2, { b: null }]] }]]]], big: 9_007_199_254_740_991, small: -1e-7, third: 1 / 3 },
]

const FLOATS: readonly (number | null)[] = [null, 0, -0, 1 / 3, -1.5e-150, 1.5e150, 123_456_789.125]
const DECIMALS = ['0', '-0.01', '9999999999.99', '-9999999999.99', '0.10', '1e3']
const STOCKS = [0n, -1n, 9_007_199_254_740_991n]
const MOMENTS = [
  '1970-01-01T00:00:00.000Z',
  '1969-12-31T23:59:59.999Z',
  '2026-06-15T12:34:56.789Z',
  '9999-12-31T23:59:59.999Z',
]
const IMAGES = [null, new Uint8Array(), Uint8Array.from({ length: 256 }, (_, i) => i)]

await describeShop('values', values, { joins: true })

function values(shop: PrismaShop): void {
  const labelled = shop.dialect === 'postgres'

  /** Rows with every type, and every value of it at least once; their common mark. */
  async function everyValue(): Promise<string> {
    const mark = shop.email()
    const at = <T>(list: readonly T[], i: number): T => list[i % list.length] as T
    for (const i of JSON_VALUES.keys()) {
      const stock = shop.dialect === 'sqlite' ? STOCKS : [...STOCKS, 9_223_372_036_854_775_807n]
      await shop.plain.product.create({
        data: {
          sku: `${mark} ${i}`,
          name: `it's a "name" \\ ${i} 😀 e\u0301`,
          price: at(DECIMALS, i),
          stock: at(stock, i),
          weight: at(FLOATS, i),
          active: i % 2 === 0,
          image: at(IMAGES, i) as Uint8Array<ArrayBuffer> | null,
          releasedAt: at(MOMENTS, i),
          ...(labelled ? { labels: at([[], ['', 'a', 'null'], ['{"x":1}']], i) } : {}),
          ...(i === 3 ? { category: { create: { name: mark } } } : {}),
          ...(i === 5
            ? { tags: { create: [{ name: mark }] }, prices: { create: { currency: 'EUR', amount: '1.50' } } }
            : {}),
        },
      })
    }
    // As text: Prisma itself stumbles over some of these keys.
    const quoted = (text: string): string =>
      text.replaceAll("'", "''").replaceAll('\\', shop.dialect === 'mysql' ? '\\\\' : '\\')
    const updates = JSON_VALUES.map(
      (value, i) => `UPDATE products SET attributes = '${quoted(JSON.stringify(value))}' WHERE sku = '${mark} ${i}';`,
    )
    await shop.db.exec(updates.join('\n'))
    return mark
  }

  const READS: Readonly<Record<string, (client: ShopClient, mark: string) => PromiseLike<unknown>>> = {
    'every column of every type': (client, mark) =>
      client.product.findMany({ where: { sku: { startsWith: mark } }, orderBy: { id: 'asc' } }),
    'relations: a list, an empty list, an object, null': (client, mark) =>
      client.product.findMany({
        where: { sku: { startsWith: mark } },
        orderBy: { id: 'asc' },
        include: { tags: true, prices: true, category: true, reviews: true },
      }),
    'rows nested in rows, with every type': (client, mark) =>
      client.category.findMany({
        where: { name: mark },
        include: { products: { include: { prices: true } }, _count: true },
      }),
    'aggregates: Decimal, bigint, Date, null': (client, mark) =>
      client.product.aggregate({
        where: { sku: { startsWith: mark } },
        _sum: { price: true, version: true },
        _avg: { price: true, weight: true, version: true },
        _min: { releasedAt: true, name: true, stock: true },
        _max: { price: true },
        _count: { image: true, _all: true },
      }),
    'an aggregate of nothing': (client) =>
      client.product.aggregate({
        where: { sku: 'none' },
        _sum: { price: true },
        _max: { releasedAt: true },
        _count: true,
      }),
    'groups with Decimals': (client, mark) =>
      client.product.groupBy({
        by: ['active'],
        where: { sku: { startsWith: mark } },
        _sum: { price: true },
        orderBy: { active: 'asc' },
      }),
    'no groups': (client) => client.product.groupBy({ by: ['active'], where: { sku: 'none' } }),
    'no rows': (client) => client.product.findMany({ where: { sku: 'none' } }),
    'no row': (client) => client.product.findUnique({ where: { sku: 'none' } }),
    'a number': (client, mark) => client.product.count({ where: { sku: { startsWith: mark } } }),
    'counts by column': (client, mark) =>
      client.product.count({ where: { sku: { startsWith: mark } }, select: { _all: true, image: true } }),
  }

  it.each(Object.keys(PLACES))('H40 H42 H43 a hit from %s is the same as the uncached result', async (place) => {
    const mark = await everyValue()
    const cached = await shop.cached(PLACES[place]?.())
    for (const read of Object.values(READS)) await expectHit(shop, cached, (client) => read(client, mark))
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it.each(Object.keys(PLACES))(
    'H40 Json null, database null, dates without time and enums: a hit from %s',
    async (place) => {
      const cached = await shop.cached(PLACES[place]?.())
      const mark = shop.email()
      const { DbNull, JsonNull } = prismaNamespace(shop.dialect)
      for (const [i, settings] of [DbNull, JsonNull, { a: null }, undefined].entries()) {
        await shop.plain.user.create({
          data: {
            email: `${mark} ${i}`,
            role: i === 0 ? 'ADMIN' : 'CUSTOMER',
            ...(settings === undefined ? {} : { settings }),
            profile: { create: { bio: null, birthday: new Date('1999-12-31') } },
          },
        })
      }
      const rows = await expectHit(shop, cached, (client) =>
        client.user.findMany({
          where: { email: { startsWith: mark } },
          include: { profile: true },
          orderBy: { id: 'asc' },
        }),
      )
      expect(rows.map(({ role, settings }) => [role, settings])).toEqual([
        ['ADMIN', null],
        ['CUSTOMER', null],
        ['CUSTOMER', { a: null }],
        ['CUSTOMER', null],
      ])
    },
  )

  it('H40 rows of a raw query, with every type that the database has', async () => {
    const mark = await everyValue()
    const cached = await shop.cached()
    const { sql } = prismaNamespace(shop.dialect)
    const read = (client: { $queryRaw(query: unknown): PromiseLike<unknown> }) =>
      client.$queryRaw(
        shop.dialect === 'mysql'
          ? sql`SELECT * FROM products WHERE sku LIKE ${`${mark}%`} ORDER BY id`
          : shop.dialect === 'sqlite'
            ? // A number as Json is more than the adapter can read in a raw query.
              sql`SELECT id, sku, name, price, stock, weight, active, image, released_at, category_id FROM products WHERE sku LIKE ${`${mark}%`} ORDER BY id`
            : sql`SELECT * FROM "products" WHERE "sku" LIKE ${`${mark}%`} ORDER BY "id"`,
      )
    await expectHit(shop, cached, (client) =>
      '$cache' in client
        ? read({ $queryRaw: (query) => cached.prisma.$cache.queryRaw(query as ReturnType<typeof sql>) })
        : read(client),
    )
  })
}

await describeShop(
  'copies',
  (shop) => {
    /** Changes everything in a value that can be changed. */
    function ruin(value: unknown): void {
      if (value instanceof Date) value.setTime(0)
      else if (value instanceof Uint8Array) value.fill(0)
      else if (typeof value === 'object' && value !== null) {
        for (const inner of Object.values(value)) ruin(inner)
        for (const key of Object.keys(value)) Reflect.set(value, key, 'ruined')
        if (Array.isArray(value)) value.length = 0
        Reflect.set(value, 'added', true)
      }
    }

    async function row(): Promise<string> {
      const sku = shop.email()
      await shop.plain.product.create({
        data: {
          ...{ sku, name: 'a lamp', price: '9.90', image: Uint8Array.of(1, 2, 3), attributes: { deep: [{ a: 1 }] } },
          prices: { create: { currency: 'EUR', amount: '9.90' } },
        },
      })
      return sku
    }

    it.each(Object.keys(PLACES))('H41 what a caller does to a result reaches nobody else: %s', async (place) => {
      const cached = await shop.cached(PLACES[place]?.())
      const sku = await row()
      const read = (client: ShopClient) => client.product.findMany({ where: { sku }, include: { prices: true } })
      const client = cached.prisma as unknown as ShopClient
      // A miss, the ones that joined it, and hits.
      for (const result of await Promise.all([read(client), read(client), read(client)])) ruin(result)
      for (let i = 0; i < 3; i++) {
        const [hit] = await expectHit(shop, cached, read)
        expect(hit).toMatchObject({ name: 'a lamp', attributes: { deep: [{ a: 1 }] } })
        ruin([hit])
      }
    })

    it('H41 a result is neither frozen nor shared', async () => {
      const cached = await shop.cached()
      const sku = await row()
      const [one, two] = [
        await cached.prisma.product.findMany({ where: { sku } }),
        await cached.prisma.product.findMany({ where: { sku } }),
      ]
      expect(Object.isFrozen(two)).toBe(false)
      expect(Object.isFrozen(two[0])).toBe(false)
      expect(two[0]).not.toBe(one[0])
      expect(two[0]?.price).not.toBe(one[0]?.price)
    })

    describe('result extensions', () => {
      let computed = 0
      const extension = {
        result: {
          product: {
            loud: {
              needs: { name: true },
              compute({ name }: { name: string }) {
                computed++
                return `${name}!`
              },
            },
          },
        },
      } as const

      /** Computations that it takes to read `loud` of every row, in the n-th result of one query. */
      async function costs(options: ContractOptions = {}): Promise<number[]> {
        const { prisma } = await shop.cached(options)
        const extended = prisma.$extends(extension)
        const mark = shop.email()
        await shop.plain.product.createMany({
          data: Array.from({ length: 10 }, (_, i) => ({ sku: `${mark} ${i}`, name: 'a lamp', price: 1 })),
        })
        const found: number[] = []
        for (let i = 0; i < 12; i++) {
          const rows = await extended.product.findMany({ where: { sku: { startsWith: mark } } })
          computed = 0
          for (const { loud } of rows) expect(loud).toBe('a lamp!')
          found.push(computed)
        }
        return found
      }

      it('H41 computed fields cost the same in every hit', async () => {
        expect(new Set(await costs())).toEqual(new Set([10]))
      })

      it('H41 computed fields are made of fresh rows, not of rows with computed fields', async () => {
        const { prisma, cache } = await shop.cached()
        const extended = prisma.$extends(extension)
        const sku = await row()
        const read = () => extended.product.findUniqueOrThrow({ where: { sku }, select: { loud: true } })
        expect(Object.keys(await read())).toEqual(['loud'])
        expect((await read()).loud).toBe('a lamp!')
        expect(cache.stats().hits).toBe(1)
        await prisma.product.update({ where: { sku }, data: { name: 'a chair' } })
        expect((await read()).loud).toBe('a chair!')
      })

      it('H41 goes wrong when hits are not copied', async () => {
        /** Keeps what it was given and hands it out. */
        class Uncopied extends Filler {
          override fill(fill: Parameters<Filler['fill']>[0]): void {
            super.fill({ ...fill, copy: (value) => value })
          }
        }
        const { prisma } = await shop.cached({
          broken: true,
          parts: (parts) => ({ ...parts, filler: (options) => new Uncopied(options) }),
        })
        const sku = await row()
        const read = () => prisma.product.findMany({ where: { sku } })
        await read()
        ruin(await read())
        expect(await read()).toHaveLength(0)
      })
    })

    it('H46 H45 entries of another version of the application are not read, and its writes invalidate', async () => {
      const store = new MapStore(systemRuntime().clock)
      const options = { store, namespace: 'test', memory: false } as const
      const sku = await row()
      const old = await shop.cached({ ...options, version: '1' })
      const parts: ContractOptions['parts'] = (shipped) => ({ ...shipped, authority: old.authority })
      const next = await shop.cached({ ...options, version: '2', parts })
      const read = ({ prisma }: typeof old) => prisma.product.findUnique({ where: { sku } })
      await read(old)
      await read(next)
      expect(next.cache.stats()).toMatchObject({ hits: 0, misses: 1 })
      await next.prisma.product.update({ where: { sku }, data: { name: 'new' } })
      expect(await read(old)).toMatchObject({ name: 'new' })
    })
  },
  { kinds: ['postgres', 'sqlite'] },
)
