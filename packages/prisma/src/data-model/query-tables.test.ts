import { PGlite } from '@electric-sql/pglite'
import type { SqlDriverAdapter, SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import { PrismaPGlite } from 'pglite-prisma-adapter'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixtureSchema, generateClient } from '../../test/generate-client.ts'
import { createTablesSql } from '../../test/schema-engine.ts'
import type { DataModel } from './data-model.ts'
import { type ReadTables, readTables } from './query-tables.ts'
import { readSchema } from './read-schema.ts'

type Operation = (args?: unknown) => Promise<unknown> & Record<string, (args?: unknown) => Promise<unknown>>
type Client = Record<string, Record<string, Operation>> & {
  $extends(extension: object): Client
  $disconnect(): Promise<void>
  _engineConfig: { inlineSchema: string }
}

const id = { id: 1 }
const place = { place: { tenant: 1, seat: 'a' } }

/** Model, operation, arguments. */
const reads: readonly (readonly [string, string, unknown?])[] = [
  ['member', 'findMany'],
  ['member', 'findUnique', { where: id }],
  ['member', 'findFirst', { where: { email: { contains: '@' } } }],
  ['member', 'findMany', { select: { id: true } }],
  ['member', 'findMany', { select: { id: true, written: true } }],
  ['member', 'findMany', { include: { written: true } }],
  ['member', 'findMany', { include: { written: false, badge: true } }],
  ['member', 'findMany', { include: { written: { include: { labels: true } } } }],
  ['member', 'findMany', { include: { written: { select: { labels: { select: { slug: true } } } } } }],
  ['member', 'findMany', { include: { written: { where: { labels: { some: { slug: 'a' } } } } } }],
  ['member', 'findMany', { include: { written: { orderBy: { reviewer: { email: 'asc' } }, take: 1, skip: 1 } } }],
  ['member', 'findMany', { include: { written: { omit: { title: true }, include: { _count: true } } } }],
  ['member', 'findMany', { include: { follows: true, followedBy: true } }],
  ['member', 'findMany', { include: { follows: { include: { follows: { include: { bookmarks: true } } } } } }],
  ['member', 'findMany', { include: { mentor: { include: { mentor: { include: { badge: true } } } } } }],
  ['member', 'findMany', { include: { mentored: { distinct: ['visibility'], cursor: id } } }],
  ['member', 'findMany', { include: { bookmarks: { include: { areas: true } } } }],
  ['member', 'findMany', { include: { memberships: { include: { team: { include: { lead: true } } } } } }],
  ['member', 'findMany', { include: { badge: { include: { member: { include: { reviewed: true } } } } } }],
  ['member', 'findMany', { include: { _count: true } }],
  ['member', 'findMany', { include: { _count: { select: { bookmarks: true, written: true } } } }],
  ['member', 'findMany', { include: { _count: { select: { written: { where: { labels: { none: {} } } } } } } }],
  ['member', 'findMany', { select: { id: true, _count: { select: { follows: true } } } }],
  ['member', 'findMany', { select: { _count: true } }],
  ['member', 'findMany', { where: { written: { some: {} } } }],
  ['member', 'findMany', { where: { written: { none: { labels: { every: { slug: 'x' } } } } } }],
  ['member', 'findMany', { where: { bookmarks: { some: { areas: { some: { id: 1n } } } } } }],
  ['member', 'findMany', { where: { followedBy: { some: { badge: { isNot: null } } } } }],
  ['member', 'findMany', { where: { mentor: { is: { mentor: { is: { email: 'a' } } } } } }],
  ['member', 'findMany', { where: { mentor: null } }],
  ['member', 'findMany', { where: { badge: null } }],
  ['member', 'findMany', { where: { badge: { isNot: { id: 3 } } } }],
  ['member', 'findMany', { where: { badge: { id: 3 } } }],
  [
    'member',
    'findMany',
    { where: { OR: [{ badge: { is: { id: 1 } } }, { AND: [{ NOT: { reviewed: { some: {} } } }] }] } },
  ],
  ['member', 'findMany', { where: { NOT: [{ memberships: { some: { team: { code: 'x' } } } }] } }],
  ['member', 'findMany', { where: { AND: { OR: [{ bookmarks: { none: {} } }] } } }],
  ['member', 'findMany', { where: { settings: { path: ['written'], equals: { written: { some: 1 } } } } }],
  ['member', 'findMany', { where: { visibility: 'PUBLIC', id: { in: [1, 2, 3], not: { gt: 7 } } } }],
  ['member', 'findMany', { orderBy: { mentor: { badge: { id: 'asc' } } } }],
  ['member', 'findMany', { orderBy: [{ written: { _count: 'desc' } }, { bookmarks: { _count: 'asc' } }] }],
  ['member', 'findMany', { orderBy: { mentor: { mentorId: { sort: 'asc', nulls: 'last' } } } }],
  ['member', 'findMany', { cursor: id, take: -2, orderBy: { mentor: { email: 'asc' } } }],
  ['member', 'findMany', { distinct: ['visibility', 'mentorId'], where: { reviewed: { every: { title: 'a' } } } }],
  ['member', 'findFirstOrThrow', { where: { written: { every: { readers: { some: {} } } } } }],
  ['member', 'findUniqueOrThrow', { where: { id: 1, OR: [{ bookmarks: { some: {} } }, { id: 1 }] } }],
  ['member', 'findUnique', { where: { email: 'a@x', badge: { is: { id: 1 } } }, include: { written: true } }],
  ['member', 'count'],
  ['member', 'count', { where: { reviewed: { some: { areas: { none: {} } } } } }],
  ['member', 'count', { select: { _all: true, mentorId: true }, where: { mentor: { badge: { isNot: null } } } }],
  ['member', 'count', { cursor: id, orderBy: { id: 'asc' }, take: 3, where: { mentor: { badge: null } } }],
  ['member', 'aggregate', { _count: true, _max: { id: true }, where: { mentored: { some: { badge: { is: null } } } } }],
  ['member', 'aggregate', { _avg: { mentorId: true }, orderBy: { written: { _count: 'asc' } }, take: 5 }],
  ['member', 'groupBy', { by: ['visibility'], _count: true }],
  ['member', 'groupBy', { by: ['visibility'], _count: { _all: true }, having: { id: { _avg: { gt: 0 } } } }],
  [
    'member',
    'groupBy',
    { by: ['mentorId'], where: { follows: { some: { written: { some: {} } } } }, orderBy: { mentorId: 'asc' } },
  ],
  ['topic', 'findMany', { include: { author: true, reviewer: true, readers: true } }],
  ['topic', 'findMany', { include: { labels: { include: { topics: { include: { areas: true } } } } } }],
  ['topic', 'findMany', { where: { author: { is: { mentor: { isNot: { email: 'x' } } } } } }],
  ['topic', 'findMany', { where: { author: { memberships: { some: { team: { parent: { isNot: null } } } } } } }],
  ['topic', 'findMany', { orderBy: { author: { _relevance: undefined, badge: { member: { email: 'asc' } } } } }],
  ['topic', 'findMany', { select: { author: { select: { _count: { select: { follows: true } } } } } }],
  [
    'label',
    'findMany',
    { include: { topics: { where: { reviewer: { isNot: null } }, orderBy: { author: { email: 'asc' } } } } },
  ],
  [
    'label',
    'findMany',
    { include: { _count: { select: { topics: { where: { author: { badge: { isNot: null } } } } } } } },
  ],
  ['area', 'findMany', { where: { topics: { some: { labels: { some: {} } } } } }],
  ['team', 'findMany', { include: { parent: true, children: true, lead: true, memberships: true } }],
  [
    'team',
    'findUnique',
    { where: { tenant_code: { tenant: 1, code: 'a' } }, include: { lead: { include: { member: true } } } },
  ],
  ['team', 'findMany', { where: { lead: { member: { badge: { is: { id: 1 } } } } } }],
  ['team', 'findMany', { where: { parent: { children: { some: { memberships: { none: {} } } } } } }],
  ['membership', 'findUnique', { where: place, include: { leads: { include: { _count: true } } } }],
  ['membership', 'findMany', { cursor: place, orderBy: [{ team: { parent: { code: 'asc' } } }, { seat: 'asc' }] }],
  [
    'membership',
    'groupBy',
    { by: ['tenant'], where: { leads: { some: {} } }, having: { memberId: { _sum: { gt: 1 } } } },
  ],
  ['badge', 'findMany', { where: { member: { written: { some: { labels: { some: {} } } } } } }],
  ['draft', 'findMany'],
]

/** Model, relation called on `findUnique`, its arguments. */
const fluent: readonly (readonly [string, string, unknown?])[] = [
  ['member', 'written'],
  ['member', 'bookmarks', { where: { labels: { some: {} } } }],
  ['member', 'mentor', { include: { badge: true } }],
  ['member', 'badge', { select: { member: { select: { follows: true } } } }],
]

describe.each([
  ['query', ''],
  ['join', ', "relationJoins"'],
])('H20 readTables, relations loaded by %s', (strategy, feature) => {
  const statements: string[] = []
  const seen: { model: string; operation: string; tables: ReadTables }[] = []
  let pglite: PGlite
  let base: Client
  let client: Client
  let dataModel: DataModel

  beforeAll(async () => {
    const schema = await fixtureSchema('forum')
    const settings = `  provider = "prisma-client"\n  previewFeatures = ["views"${feature}]\n  importFileExtension = "ts"`
    const folder = await generateClient(`forum-${strategy}`, settings, schema)
    pglite = new PGlite()
    await pglite.exec(await createTablesSql(`generator client {\n${settings}\n}\n${schema}`))
    await pglite.exec(`
      CREATE VIEW activity AS SELECT "authorId" AS member_id, count(*)::int AS posts FROM "Topics of the Forum" GROUP BY 1;
      INSERT INTO members (email) VALUES ('a@x'), ('b@x');
      UPDATE members SET mentor_id = 1 WHERE id = 2;
      INSERT INTO "Topics of the Forum" (title, "authorId", "reviewerId") VALUES ('t', 1, 2), ('u', 2, 1);
      INSERT INTO "Label" (slug) VALUES ('a'); INSERT INTO "_LabelToTopic" VALUES ('a', 1);
      INSERT INTO "_bookmarks" VALUES (1, 1); INSERT INTO "_follows" VALUES (1, 2), (2, 1);
      INSERT INTO "Area" DEFAULT VALUES; INSERT INTO "_AreaToTopic" VALUES (1, 1);
      INSERT INTO badges VALUES (1, 1);
      INSERT INTO "Team" (tenant, team_code) VALUES (1, 'a');
      INSERT INTO memberships (tenant, seat, "teamCode", "memberId") VALUES (1, 'a', 'a', 1);
      UPDATE "Team" SET "leadTenant" = 1, "leadCode" = 'a';`)
    const { PrismaClient } = await import(new URL('client/client.ts', folder).href)
    base = new PrismaClient({ adapter: recording(new PrismaPGlite(pglite), statements) })
    const reading = readSchema(base._engineConfig.inlineSchema)
    if (reading.dataModel === undefined) throw new Error(reading.problem)
    dataModel = reading.dataModel
    client = base.$extends({
      query: {
        $allModels: {
          $allOperations(call: { model: string; operation: string; args: unknown; query(args: unknown): unknown }) {
            const { model, operation, args } = call
            seen.push({ model, operation, tables: readTables(dataModel, model, operation, args) })
            return call.query(args)
          },
        },
      },
    })
  }, 60_000)

  afterAll(async () => {
    await base?.$disconnect()
    await pglite?.close()
  })

  async function tablesOf(run: () => Promise<unknown>): Promise<{ executed: Set<string>; walked: ReadTables }> {
    statements.length = 0
    seen.length = 0
    await run()
    const executed = new Set<string>()
    // `CAST($1 AS "public"."visibility")` names an enum, no table.
    const pattern = /(?<! AS )"public"\."([^"]+)"/g
    for (const sql of statements) for (const [, table] of sql.matchAll(pattern)) executed.add(table as string)
    expect(seen).toHaveLength(1)
    expect(executed.size).toBeGreaterThan(0)
    return { executed, walked: (seen[0] as (typeof seen)[0]).tables }
  }

  function expectCovered({ executed, walked }: { executed: Set<string>; walked: ReadTables }): void {
    expect(walked.unknown).toBeUndefined()
    expect([...executed].filter((table) => !walked.tables?.has(table))).toEqual([])
  }

  it.each(reads.map(([model, operation, args]) => [model, operation, print(args), args] as const))(
    'covers the executed SQL of %s.%s(%s)',
    async (model, operation, _, args) => {
      expectCovered(await tablesOf(() => (client[model]?.[operation] as Operation)(args)))
    },
  )

  it.each(fluent.map(([model, relation, args]) => [model, relation, print(args), args] as const))(
    'covers the executed SQL of %s.findUnique().%s(%s)',
    async (model, relation, _, args) => {
      const found = (client[model]?.findUnique as Operation)({ where: id })
      expectCovered(await tablesOf(async () => found[relation]?.(args)))
    },
  )

  it('names exactly the executed tables when nothing is left out or doubled', async () => {
    const exact = [
      ['member', 'findMany', undefined, ['members']],
      ['member', 'findMany', { include: { written: false } }, ['members']],
      ['member', 'findMany', { where: { settings: { path: ['x'], equals: { written: 1 } } } }, ['members']],
      ['member', 'aggregate', { _count: true }, ['members']],
      ['member', 'groupBy', { by: ['visibility'], _count: true }, ['members']],
      ['topic', 'findMany', { include: { labels: true } }, ['Label', 'Topics of the Forum', '_LabelToTopic']],
    ] as const
    for (const [model, operation, args, tables] of exact) {
      const { executed, walked } = await tablesOf(() => (client[model]?.[operation] as Operation)(args))
      expect([...executed].sort()).toEqual([...tables])
      expect([...(walked.tables ?? [])].sort()).toEqual([...tables])
    }
  })

  it('does not know the tables behind a view', async () => {
    const viaRelation = await tablesOf(() => (client.member?.findMany as Operation)({ include: { activity: true } }))
    expect(viaRelation.walked.unknown).toMatch(/'Activity' is a view/)
    const direct = await tablesOf(() => (client.activity?.findMany as Operation)())
    expect(direct.walked.unknown).toMatch(/'Activity' is a view/)
    expect(readTables(dataModel, 'Member', 'findMany', { where: { activity: { posts: 1 } } }).unknown).toBeDefined()
  })
})

describe('readTables', () => {
  const named = (lines: string): DataModel => {
    const { dataModel, problem } = readSchema(`
      model A {
        id Int @id
        bId Int
        ${lines}
      }
      model B {
        id Int @id
        as A[]
        c C?
      }
      model C {
        id Int @id
        bId Int @unique
        b B @relation(fields: [bId], references: [id])
      }`)
    if (dataModel === undefined) throw new Error(problem)
    return dataModel
  }
  const toB = 'B @relation(fields: [bId], references: [id])'
  const plain = named(`b ${toB}`)

  it('does not know the tables of a model that the schema lacks', () => {
    expect(readTables(plain, 'Nope', 'findMany', {}).unknown).toMatch(/no model 'Nope'/)
  })

  it.each(['some', 'AND', 'where', 'select', 'is', '_count'])(
    'follows both meanings of a relation that is called %s',
    (name) => {
      const walked = readTables(named(`${name} ${toB}`), 'A', 'findMany', { [name]: { [name]: { c: {} } } })
      expect([...(walked.tables ?? [])].sort()).toEqual(['A', 'B', 'C'])
    },
  )

  it('follows the structure below a scalar that is called like it', () => {
    const walked = readTables(named(`b ${toB}\nwhere String`), 'A', 'findMany', { where: { b: { c: {} } } })
    expect(walked.tables).toEqual(new Set(['A', 'B', 'C']))
  })

  it('does not walk bytes', () => {
    const bytes = Object.assign(new Uint8Array(4), { b: true })
    expect(readTables(plain, 'A', 'findMany', { where: { unknown: bytes } }).tables).toEqual(new Set(['A']))
  })
})

function recording(factory: SqlDriverAdapterFactory, statements: string[]): SqlDriverAdapterFactory {
  const connect = factory.connect.bind(factory)
  factory.connect = async () => record(await connect(), statements)
  return factory
}

function record(adapter: SqlDriverAdapter, statements: string[]): SqlDriverAdapter {
  const queryRaw = adapter.queryRaw.bind(adapter)
  adapter.queryRaw = (query) => {
    statements.push(query.sql)
    return queryRaw(query)
  }
  return adapter
}

function print(args: unknown): string {
  return JSON.stringify(args, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)) ?? ''
}
