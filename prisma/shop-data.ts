// Rows of the sample shop: the same for the same seed and scale, in every database.

import { type Dialect, insertStatement, type ShopColumn } from './shop-sql.ts'

/** How many rows a scale has. Ids of a table are 1 to its count. */
export interface ShopCounts {
  readonly users: number
  readonly profiles: number
  readonly categories: number
  readonly tags: number
  readonly products: number
  readonly orders: number
  readonly reviews: number
}

export interface ShopDataOptions {
  /** 1 (the default) is about 50,000 rows. */
  readonly scale?: number
  /** Default 1. */
  readonly seed?: number
}

export interface LoadShopOptions extends ShopDataOptions {
  /** Called after each statement with rows loaded so far and rows in all. */
  readonly onProgress?: (loaded: number, total: number) => void
}

/** One table's rows, values in the order of the columns. */
export interface ShopTable {
  readonly name: string
  readonly columns: readonly ShopColumn[]
  readonly rows: readonly (readonly unknown[])[]
}

const rowsPerStatement = 500
const start = Date.UTC(2025, 0, 1)
const day = 86_400_000
const words = 'oak tin red wool blue bread glass lamp salt paper cedar linen copper honey stone rye'.split(' ')
const currencies = ['EUR', 'USD']

/** @throws {RangeError} when the scale is not above 0 */
export function shopCounts(scale = 1): ShopCounts {
  if (!(scale > 0)) throw new RangeError(`the scale of the shop has to be above 0, not ${scale}`)
  const of = (count: number): number => Math.max(1, Math.round(count * scale))
  return {
    users: of(5_000),
    profiles: of(2_500),
    categories: of(60),
    tags: of(100),
    products: of(2_000),
    orders: of(10_000),
    reviews: of(5_000),
  }
}

/** All tables that hold rows at first, parents before children. Page views and price changes are left to the workload. */
export function shopTables({ scale = 1, seed = 1 }: ShopDataOptions = {}): ShopTable[] {
  const counts = shopCounts(scale)
  const random = mulberry32(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T
  const maybe = <T>(share: number, value: () => T): T | null => (random() < share ? value() : null)
  /** Most orders are for few products: half of the picks fall on an eighth of the ids. */
  const popular = (limit: number): number => 1 + Math.floor(limit * random() ** 3)
  const moment = (): Date => new Date(start + below(365 * 86_400) * 1_000 + below(1_000))
  const phrase = (length: number): string => Array.from({ length }, () => pick(words)).join(' ')
  const cents = (value: number): string => (value / 100).toFixed(2)
  const rows = <T>(count: number, row: (id: number) => T): T[] =>
    Array.from({ length: count }, (_, index) => row(index + 1))

  const productCents = rows(counts.products, () => 99 + below(50_000))
  const tables: ShopTable[] = [
    {
      name: 'users',
      columns: ['id', 'email', 'name', 'role', 'settings:json', 'created_at:time'],
      rows: rows(counts.users, (id) => [
        id,
        `user${id}@shop.example`,
        maybe(0.9, () => `${pick(words)} ${id}`),
        id % 500 === 1 ? 'admin' : id % 50 === 1 ? 'staff' : 'customer',
        maybe(0.5, () => ({ theme: pick(['dark', 'light']), columns: [1 + below(3), 4], beta: random() < 0.1 })),
        moment(),
      ]),
    },
    {
      name: 'profiles',
      columns: ['user_id', 'bio', 'birthday:date'],
      rows: rows(counts.profiles, (id) => [id, maybe(0.8, () => phrase(12)), new Date(start - below(20_000) * day)]),
    },
    {
      name: 'Category',
      columns: ['id', 'name', 'parentId'],
      // A tree of five children per node; a parent's id is always smaller, so one statement can hold both.
      rows: rows(counts.categories, (id) => [id, `${pick(words)} ${id}`, id <= 5 ? null : Math.floor((id - 1) / 5)]),
    },
    {
      name: 'tags',
      columns: ['id', 'name'],
      rows: rows(counts.tags, (id) => [id, `tag-${id}`]),
    },
    {
      name: 'products',
      columns: [
        'id',
        'sku',
        'name',
        'price:decimal',
        'stock',
        'weight',
        'active',
        'image:bytes',
        'attributes:json',
        'labels:list',
        'released_at:time',
        'category_id',
      ],
      rows: rows(counts.products, (id) => [
        id,
        `SKU-${String(id).padStart(6, '0')}`,
        `${phrase(2)} ${id}`,
        cents(productCents[id - 1] as number),
        below(1_000),
        maybe(0.8, () => below(10_000) / 8),
        random() < 0.95,
        maybe(0.1, () => Uint8Array.from({ length: 16 }, () => below(256))),
        { color: pick(words), size: [below(100), below(100)], eco: random() < 0.5 },
        maybe(0.5, () => [pick(words), `it's "${pick(words)}"`]) ?? [],
        moment(),
        maybe(0.97, () => 1 + below(counts.categories)),
      ]),
    },
    {
      name: '_ProductToTag',
      columns: ['A', 'B'],
      rows: rows(counts.products, (id) => id).flatMap((id) =>
        distinct(below(4), () => 1 + below(counts.tags), counts.tags).map((tag) => [id, tag]),
      ),
    },
    {
      name: 'prices',
      columns: ['product_id', 'currency', 'amount:decimal'],
      rows: productCents.flatMap((value, index) =>
        currencies.map((currency, rank) => [index + 1, currency, cents(Math.round(value * (1 + rank / 10)))]),
      ),
    },
    {
      name: 'orders',
      columns: ['id', 'user_id', 'status', 'note', 'placed_at:time'],
      rows: rows(counts.orders, (id) => [
        id,
        popular(counts.users),
        pick(['PENDING', 'PAID', 'PAID', 'SHIPPED', 'SHIPPED', 'SHIPPED', 'CANCELLED']),
        maybe(0.2, () => phrase(5)),
        moment(),
      ]),
    },
    {
      name: 'order_items',
      columns: ['order_id', 'product_id', 'quantity', 'unit_price:decimal'],
      rows: rows(counts.orders, (id) => id).flatMap((id) =>
        distinct(1 + below(3), () => popular(counts.products), counts.products).map((product) => [
          id,
          product,
          1 + below(4),
          cents(productCents[product - 1] as number),
        ]),
      ),
    },
    {
      name: 'ProductReviews',
      columns: ['id', 'product_id', 'user_id', 'rating', 'body', 'created_at:time'],
      rows: rows(counts.reviews, (id) => [
        id,
        popular(counts.products),
        maybe(0.95, () => 1 + below(counts.users)),
        1 + below(5),
        maybe(0.7, () => phrase(15)),
        moment(),
      ]),
    },
  ]
  return tables
}

/** The statements that fill an empty shop, in order. Each stands alone and ends without a semicolon. */
export function* shopInserts(dialect: Dialect, options: ShopDataOptions = {}): Generator<string> {
  for (const { sql } of statements(dialect, shopTables(options))) yield sql
}

/**
 * Fills an empty shop.
 *
 * @param execute runs one statement without parameters, such as `pglite.exec` or `pool.query`
 * @returns how many rows there are now
 */
export async function loadShop(
  execute: (sql: string) => Promise<unknown>,
  dialect: Dialect,
  { onProgress, ...options }: LoadShopOptions = {},
): Promise<number> {
  const tables = shopTables(options)
  const total = tables.reduce((sum, { rows }) => sum + rows.length, 0)
  let loaded = 0
  for (const { sql, count } of statements(dialect, tables)) {
    await execute(sql)
    loaded += count
    onProgress?.(loaded, total)
  }
  return loaded
}

function* statements(dialect: Dialect, tables: readonly ShopTable[]): Generator<{ sql: string; count: number }> {
  for (const { name, columns, rows } of tables) {
    for (let from = 0; from < rows.length; from += rowsPerStatement) {
      const part = rows.slice(from, from + rowsPerStatement)
      yield { sql: insertStatement(dialect, name, columns, part), count: part.length }
    }
  }
  if (dialect !== 'postgres') return
  // Rows with given ids leave a PostgreSQL sequence where it was; the next insert would collide.
  for (const { name, columns } of tables) {
    if (!columns.includes('id')) continue
    yield {
      sql: `SELECT setval(pg_get_serial_sequence('"${name}"', 'id'), (SELECT max("id") FROM "${name}"))`,
      count: 0,
    }
  }
}

function distinct(count: number, next: () => number, limit: number): number[] {
  const found = new Set<number>()
  while (found.size < Math.min(count, limit)) found.add(next())
  return [...found]
}

/** Tommy Ettinger's Mulberry32: small, fast, and the same on every machine. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296
  }
}
