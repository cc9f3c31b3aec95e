// The sample shop as SQL texts of each dialect: tables, names, literals.

import { readFileSync } from 'node:fs'

export type Dialect = 'postgres' | 'mysql' | 'sqlite'

type LiteralType = 'json' | 'time' | 'date' | 'decimal' | 'bytes' | 'list'

/** A column name, with a type where the JavaScript value does not say how to write it: `price:decimal`. */
export type ShopColumn = string | `${string}:${LiteralType}`

/** Tables of the shop, parents before children. Views are not among them. */
export const shopTableNames: readonly string[] = [
  'users',
  'profiles',
  'Category',
  'tags',
  'products',
  '_ProductToTag',
  'prices',
  'orders',
  'order_items',
  'ProductReviews',
  'page_views',
  'price_changes',
]

/** The script that creates the tables, the view and the trigger in an empty database. */
export function shopDefinition(dialect: Dialect): string {
  return readFileSync(new URL(`./sql/${dialect}.sql`, import.meta.url), 'utf8')
}

/**
 * The script that empties every table and starts the ids at 1 again.
 *
 * @param counted MySQL only: the tables whose next id is not 1 already; setting it takes much longer than deleting
 */
export function shopReset(dialect: Dialect, counted: readonly string[] = shopTableNames): string {
  const tables = shopTableNames.map((name) => quoted(dialect, name))
  if (dialect === 'postgres') return `TRUNCATE ${tables.join(', ')} RESTART IDENTITY CASCADE;`
  // Children first, so that no foreign key check has to be off.
  const deletes = tables.toReversed().map((table) => `DELETE FROM ${table};`)
  const counters =
    dialect === 'sqlite'
      ? ['DELETE FROM sqlite_sequence;']
      : counted.map((name) => `ALTER TABLE ${quoted(dialect, name)} AUTO_INCREMENT = 1;`)
  return [...deletes, ...counters].join('\n')
}

/** A multi-row INSERT without parameters. A column of type `list` exists only in PostgreSQL and is left out elsewhere. */
export function insertStatement(
  dialect: Dialect,
  table: string,
  columns: readonly ShopColumn[],
  rows: readonly (readonly unknown[])[],
): string {
  const written = columns
    .map((column, index) => ({ ...parseColumn(column), index }))
    .filter(({ type }) => type !== 'list' || dialect === 'postgres')
  const names = written.map(({ name }) => quoted(dialect, name)).join(', ')
  const values = rows.map(
    (row) => `(${written.map(({ type, index }) => literal(dialect, type, row[index])).join(', ')})`,
  )
  return `INSERT INTO ${quoted(dialect, table)} (${names}) VALUES\n${values.join(',\n')}`
}

function parseColumn(column: ShopColumn): { name: string; type: LiteralType | undefined } {
  const [name = column, type] = column.split(':')
  return { name, type: type as LiteralType | undefined }
}

function quoted(dialect: Dialect, name: string): string {
  return dialect === 'mysql' ? `\`${name}\`` : `"${name}"`
}

function literal(dialect: Dialect, type: LiteralType | undefined, value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  switch (type) {
    case 'json':
      return text(dialect, JSON.stringify(value))
    case 'time':
      return text(dialect, time(dialect, value as Date))
    case 'date':
      return text(dialect, dialect === 'sqlite' ? time(dialect, value as Date) : isoDay(value as Date))
    case 'bytes': {
      const hex = Buffer.from(value as Uint8Array).toString('hex')
      return dialect === 'postgres' ? `'\\x${hex}'` : `X'${hex}'`
    }
    case 'list':
      return `ARRAY[${(value as readonly string[]).map((item) => text(dialect, item)).join(', ')}]::TEXT[]`
    case 'decimal':
      return String(value)
    case undefined:
      return typeof value === 'string' ? text(dialect, value) : String(value)
  }
}

function text(dialect: Dialect, value: string): string {
  const escaped = value.replaceAll("'", "''")
  // MySQL alone reads a backslash in a string as an escape.
  return `'${dialect === 'mysql' ? escaped.replaceAll('\\', '\\\\') : escaped}'`
}

/** As Prisma's adapters write it; SQLite compares the texts, so there the form matters. */
function time(dialect: Dialect, value: Date): string {
  const iso = value.toISOString()
  switch (dialect) {
    case 'postgres':
      return iso
    case 'mysql':
      return iso.replace('T', ' ').replace('Z', '')
    case 'sqlite':
      return iso.replace('Z', '+00:00')
  }
}

function isoDay(value: Date): string {
  return value.toISOString().slice(0, 10)
}
