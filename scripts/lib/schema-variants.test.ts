// The MySQL and SQLite schemas that are derived from the PostgreSQL one.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { repositoryRoot } from './repository-root.mjs'
import { type ClientVariant, clientVariants, schemaFor } from './schema-variants.mjs'

const source = readFileSync(join(repositoryRoot, 'prisma', 'schema.prisma'), 'utf8')

it.each(clientVariants)('writes a schema of its own provider, output and features for $name', (variant) => {
  const schema = schemaFor(source, variant, './somewhere')
  expect(schema).toContain(`provider = "${variant.provider}"`)
  expect(schema).toContain('output              = "./somewhere"')
  expect(schema).toContain(`previewFeatures     = ${JSON.stringify(variant.previewFeatures)}`)
  expect(schema.match(/^generator /gm)).toHaveLength(1)
})

it('keeps native types and scalar lists in PostgreSQL', () => {
  const schema = schemaFor(source, named('postgres'), '.')
  expect(schema).toMatch(/labels +String\[\]/)
  expect(schema).toContain('@db.Timestamptz(3)')
})

it('translates native types for MySQL and drops scalar lists, but no relation', () => {
  const schema = schemaFor(source, named('mysql'), '.')
  expect(schema).not.toMatch(/labels|Timestamptz/)
  expect(schema).toContain('@map("created_at") @db.DateTime(3)')
  expect(schema).toContain('@db.Decimal(12, 2)')
  expect(schema).toMatch(/orders +Order\[\]/)
})

it('drops native types and scalar lists for SQLite', () => {
  const schema = schemaFor(source, named('sqlite'), '.')
  expect(schema).not.toMatch(/@db\.|labels/)
  expect(schema).toMatch(/price +Decimal$/m)
})

it('rejects a native type that it cannot translate', () => {
  expect(() => schemaFor('  a String @db.Citext', named('mysql'), '.')).toThrow(
    'add the MySQL counterpart of @db.Citext',
  )
})

function named(name: ClientVariant['name']): ClientVariant {
  return clientVariants.find((variant) => variant.name === name) as ClientVariant
}
