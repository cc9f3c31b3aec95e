import { readFileSync } from 'node:fs'
import type { ForeignKey } from '@larder/core'
import { getDMMF } from '@prisma/get-dmmf'
import { describe, expect, it } from 'vitest'
import { createTablesSql } from '../../test/schema-engine.ts'
import type { DataModel } from './data-model.ts'
import { readSchema } from './read-schema.ts'

const fixture = (name: string): string =>
  readFileSync(new URL(`../../test/fixtures/${name}.prisma`, import.meta.url), 'utf8')
const shop = (): string => readFileSync(new URL('../../../../prisma/schema.prisma', import.meta.url), 'utf8')
const forum = fixture('forum')

const schemas: Record<string, string> = {
  forum,
  schemas: fixture('schemas'),
  'emulated-keys': fixture('emulated-keys'),
  shop: shop(),
  'forum with Windows line ends': forum.replaceAll('\n', '\r\n'),
}

function read(text: string): DataModel {
  const { dataModel, problem } = readSchema(text)
  if (dataModel === undefined) throw new Error(problem)
  return dataModel
}

describe('readSchema', () => {
  it.each(Object.entries(schemas))(
    'agrees with the DMMF of Prisma about models, tables and fields (%s)',
    async (_, text) => {
      const { models } = read(text)
      const dmmf = await getDMMF({ datamodel: text })
      if (!('datamodel' in dmmf)) throw dmmf.error
      expect(dmmf.datamodel.models.length).toBeGreaterThan(2)
      for (const expected of dmmf.datamodel.models) {
        const model = models.get(expected.name)
        expect(model).toMatchObject({ table: expected.dbName ?? expected.name, schema: expected.schema ?? undefined })
        const fields = expected.fields.map(({ name }) => model?.fields.get(name))
        expect(fields).toEqual(
          expected.fields.map((field) => ({
            name: field.name,
            type: field.kind === 'unsupported' ? 'Unsupported' : field.type,
            list: field.isList,
            optional: !field.isRequired,
            ...(field.kind === 'object'
              ? {
                  kind: 'relation',
                  relationName: field.relationName,
                  foreignKeyFields: field.relationFromFields,
                  referencedFields: field.relationToFields,
                  joinTable: isImplicit(dmmf.datamodel.models, expected.name, field)
                    ? `_${field.relationName}`
                    : undefined,
                }
              : { kind: 'scalar', column: field.dbName ?? field.name }),
          })),
        )
        expect(model?.jsonFields).toEqual(expected.fields.filter((f) => f.type === 'Json').map((f) => f.name))
      }
    },
  )

  it.each(['forum', 'schemas', 'shop'])(
    "H23 finds the foreign keys, join tables and default actions of Prisma's own DDL (%s)",
    async (name) => {
      const expected = foreignKeysIn(await createTablesSql(schemas[name] as string))
      const keys = read(schemas[name] as string).foreignKeys
      expect(expected.length).toBeGreaterThan(2)
      expect(keys.map(keyText).sort()).toEqual(expected.map(keyText).sort())
    },
  )

  it('H23 gives emulated relations the keys that the database does not have', () => {
    const { foreignKeys } = read(schemas['emulated-keys'] as string)
    expect(foreignKeys.map(keyText).sort()).toEqual([
      'Book(authorId) -> Author(id) set-null cascade',
      '_BookToShelf(A) -> Book(id) cascade cascade',
      '_BookToShelf(B) -> Shelf(code) cascade cascade',
    ])
  })

  it('knows views, which have no foreign keys', () => {
    const { models, foreignKeys } = read(forum)
    expect([...models.values()].filter((model) => model.isView).map((model) => model.table)).toEqual(['activity'])
    expect(foreignKeys.filter((key) => key.table === 'activity')).toEqual([])
  })

  it('keeps the foreign keys of models and fields that the client ignores', () => {
    const tables = read(forum).foreignKeys.map((key) => key.table)
    expect(tables).toContain('legacy')
    expect(tables).toContain('Draft')
  })

  it('reads the provider', () => {
    expect(read(forum).provider).toBe('postgresql')
    expect(read(schemas['emulated-keys'] as string).provider).toBe('mysql')
  })

  it.each([
    ['a block that is not closed', 'model A {\n id Int @id\n', /'A' is not closed/],
    ['a bracket that is not closed', 'model A {\n id Int @default(1\n}', /closed/],
    ['a string that is not closed', 'model A {\n id Int @map("x)\n}', /string is not closed/],
    ['a comment that is not closed', '/* model A {\n id Int @id\n}', /comment is not closed/],
    ['a string with an unknown escape', 'model A {\n id Int @map("\\q")\n}', /cannot be read/],
    ['text between blocks', 'hello', /'hello' is not the start of a block/],
    ['an unknown kind of block', 'policy A {\n}', /'policy' is not a kind of block/],
    ['an unknown field type', 'model A {\n id Int @id\n b B\n}', /'B', the type of A.b, is not known/],
    ['a line that is no field', 'model A {\n id Int @id\n ?\n}', /is not a field/],
    ['text after the type', 'model A {\n id Int id\n}', /'id' is not an attribute/],
    ['two models of one name', 'model A {\n id Int @id\n}\nmodel A {\n id Int @id\n}', /same name/],
    [
      'an unknown action',
      relation('fields: [bId], references: [id], onDelete: Explode'),
      /'Explode' is not a referential/,
    ],
    ['a foreign key over a missing field', relation('fields: [nope], references: [id]'), /A has no field 'nope'/],
    ['a reference to a missing field', relation('fields: [bId], references: [nope]'), /B has no field 'nope'/],
    ['a foreign key without references', relation('fields: [bId]'), /names no field/],
    [
      'a list without its other side',
      'model A {\n id Int @id\n bs B[]\n}\nmodel B {\n id Int @id\n}',
      /other side of A.bs/,
    ],
    ['MongoDB', 'datasource db {\n provider = "mongodb"\n}', /MongoDB/],
  ])('says what it does not understand: %s', (_, text, message) => {
    expect(readSchema(text).problem).toMatch(message)
  })

  it('never throws, and ends, on a damaged schema', () => {
    let seed = 7
    const random = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648
      return Math.floor((seed / 2147483648) * below)
    }
    const bits = [
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      '"',
      '@',
      '@@',
      '//',
      '/*',
      '\\',
      '\n',
      'model ',
      '?',
      ',',
      ':',
      '\u0000',
      '\u{1f600}',
    ]
    let problems = 0
    for (let round = 0; round < 2_000; round++) {
      let text = forum
      for (let change = 0; change <= random(4); change++) {
        const at = random(text.length)
        text = text.slice(0, at) + bits[random(bits.length)] + text.slice(at + random(20))
      }
      if (readSchema(text).problem !== undefined) problems++
    }
    expect(problems).toBeGreaterThan(500)
  })

  it('reads a text of many unclosed marks once', () => {
    expect(readSchema('"'.repeat(200_000)).problem).toBeDefined()
    expect(readSchema('/*'.repeat(200_000)).problem).toBeDefined()
    expect(readSchema(`model A {\n${'('.repeat(200_000)}`).problem).toBeDefined()
  })
})

function relation(args: string): string {
  return `model A {\n id Int @id\n bId Int\n b B @relation(${args})\n}\nmodel B {\n id Int @id\n as A[]\n}`
}

interface DmmfField {
  readonly name: string
  readonly kind: string
  readonly type: string
  readonly isList: boolean
  readonly relationName?: string
}

/** Both sides are lists. A self-relation's other side is another field of the same model. */
function isImplicit(
  models: readonly { name: string; fields: readonly DmmfField[] }[],
  owner: string,
  field: DmmfField,
): boolean {
  const target = models.find((model) => model.name === field.type)
  const opposite = target?.fields.find(
    (other) =>
      other.kind === 'object' &&
      other.relationName === field.relationName &&
      !(owner === field.type && other.name === field.name),
  )
  return field.isList && opposite?.isList === true
}

function foreignKeysIn(ddl: string): ForeignKey[] {
  const pattern =
    /ALTER TABLE (?:"[^"]+"\.)?"([^"]+)" ADD CONSTRAINT "[^"]+" FOREIGN KEY \(([^)]+)\) REFERENCES (?:"[^"]+"\.)?"([^"]+)"\(([^)]+)\) ON DELETE (.+) ON UPDATE (.+);/g
  const columns = (list = ''): string[] => list.split(', ').map((column) => column.slice(1, -1))
  const action = (words = ''): ForeignKey['onDelete'] => words.toLowerCase().replace(' ', '-') as ForeignKey['onDelete']
  return [...ddl.matchAll(pattern)].map(([, table = '', from, references = '', to, onDelete, onUpdate]) => ({
    table,
    columns: columns(from),
    references,
    referencedColumns: columns(to),
    onDelete: action(onDelete),
    onUpdate: action(onUpdate),
  }))
}

function keyText(key: ForeignKey): string {
  return `${key.table}(${key.columns}) -> ${key.references}(${key.referencedColumns}) ${key.onDelete} ${key.onUpdate}`
}
