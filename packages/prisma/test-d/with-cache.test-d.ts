import { type Prisma, PrismaClient } from 'generated-client'
import type { TestedTypeMap } from 'type-map'
import { expectTypeOf } from 'vitest'
import type { CacheExtension } from '../src/types/cache-extension-type.ts'
import { withCache } from '../src/types/with-cache.ts'

interface PrismaCache {
  invalidate(): Promise<void>
}

declare const adapter: NonNullable<Prisma.PrismaClientOptions['adapter']>
declare const cacheExtension: () => CacheExtension<PrismaCache>

const plain = new PrismaClient({ adapter })
const extended = plain.$extends(cacheExtension())
const cached = withCache<typeof extended, TestedTypeMap<typeof extended>>(extended)

const where = { id: 1 }
const place = { place: { tenant: 1, seat: 'a' } }
const cacheStrategy = { ttl: '5m', tags: ['home'] } as const

// Every read takes a strategy, and its result is that of the plain client.
export async function reads(): Promise<void> {
  expectTypeOf(await cached.member.findUnique({ where, cacheStrategy })).toEqualTypeOf(
    await plain.member.findUnique({ where }),
  )
  expectTypeOf(await cached.member.findUniqueOrThrow({ where, cacheStrategy })).toEqualTypeOf(
    await plain.member.findUniqueOrThrow({ where }),
  )
  expectTypeOf(await cached.member.findFirst({ cacheStrategy })).toEqualTypeOf(await plain.member.findFirst())
  expectTypeOf(await cached.member.findFirstOrThrow({ cacheStrategy })).toEqualTypeOf(
    await plain.member.findFirstOrThrow(),
  )
  expectTypeOf(await cached.member.findMany({ cacheStrategy })).toEqualTypeOf(await plain.member.findMany())
  expectTypeOf(await cached.member.count({ cacheStrategy })).toEqualTypeOf<number>()
  expectTypeOf(await cached.activity.findMany({ cacheStrategy })).toEqualTypeOf(await plain.activity.findMany())
  expectTypeOf(await cached.membership.findUnique({ where: place, cacheStrategy })).toEqualTypeOf(
    await plain.membership.findUnique({ where: place }),
  )
  await cached.member.findMany({ cacheStrategy: false })
  await cached.member.findMany({ cacheStrategy: {} })
  await cached.member.findMany({ cacheStrategy: { ttl: 60 } })
  await cached.member.findMany({ cacheStrategy: { ttl: '250ms', tags: [] } })
}

// count, aggregate, groupBy
export async function aggregates(): Promise<void> {
  expectTypeOf(await cached.member.count({ select: { _all: true, mentorId: true }, cacheStrategy })).toEqualTypeOf(
    await plain.member.count({ select: { _all: true, mentorId: true } }),
  )
  expectTypeOf(await cached.member.aggregate({ _max: { id: true }, _count: true, cacheStrategy })).toEqualTypeOf(
    await plain.member.aggregate({ _max: { id: true }, _count: true }),
  )
  const groups = await cached.member.groupBy({
    by: ['visibility', 'mentorId'],
    _count: true,
    _avg: { id: true },
    cacheStrategy,
  })
  expectTypeOf(groups[0]!.visibility).toEqualTypeOf<'PUBLIC' | 'PRIVATE'>()
  expectTypeOf(groups[0]!.mentorId).toEqualTypeOf<number | null>()
  expectTypeOf(groups[0]!._count).toEqualTypeOf<number>()
  expectTypeOf(groups[0]!._avg).toEqualTypeOf<{ id: number | null }>()
  // @ts-expect-error a column that was not asked for
  groups[0]!.email
}

// select, include, omit
export async function selections(): Promise<void> {
  const select = {
    id: true,
    written: { select: { title: true, labels: true } },
    _count: { select: { follows: true } },
  } as const
  expectTypeOf(await cached.member.findMany({ select, cacheStrategy })).toEqualTypeOf(
    await plain.member.findMany({ select }),
  )
  const include = { badge: true, mentor: { include: { written: { omit: { title: true } } } } } as const
  expectTypeOf(await cached.member.findFirst({ include, cacheStrategy })).toEqualTypeOf(
    await plain.member.findFirst({ include }),
  )
  const omit = { settings: true, email: true } as const
  expectTypeOf(await cached.member.findMany({ omit, cacheStrategy })).toEqualTypeOf(
    await plain.member.findMany({ omit }),
  )
  const inline = await cached.member.findFirstOrThrow({
    select: { email: true, mentor: { select: { id: true } } },
    cacheStrategy,
  })
  expectTypeOf(inline).toEqualTypeOf<{ email: string; mentor: { id: number } | null }>()
  // @ts-expect-error not selected
  inline.id
}

// Global omit
export async function globalOmit(): Promise<void> {
  const omitting = new PrismaClient({ adapter, omit: { member: { email: true } } })
  const extendedOmitting = omitting.$extends(cacheExtension())
  type OmitMap = TestedTypeMap<typeof extendedOmitting, { member: { email: true } }>
  const found = await withCache<typeof extendedOmitting, OmitMap>(extendedOmitting).member.findFirstOrThrow({
    cacheStrategy,
  })
  expectTypeOf(found).toEqualTypeOf(await omitting.member.findFirstOrThrow())
  // @ts-expect-error omitted for the whole client
  found.email
}

// Fluent API
export async function fluent(): Promise<void> {
  expectTypeOf(await cached.member.findUnique({ where, cacheStrategy }).written()).toEqualTypeOf(
    await plain.member.findUnique({ where }).written(),
  )
  expectTypeOf(
    await cached.member
      .findUnique({ where })
      .mentor()
      .badge({ select: { id: true } }),
  ).toEqualTypeOf(
    await plain.member
      .findUnique({ where })
      .mentor()
      .badge({ select: { id: true } }),
  )
  expectTypeOf(await cached.member.findUniqueOrThrow({ where }).bookmarks({ include: { labels: true } })).toEqualTypeOf(
    await plain.member.findUniqueOrThrow({ where }).bookmarks({ include: { labels: true } }),
  )
}

// Strategies that are none
export async function badStrategies(): Promise<void> {
  // @ts-expect-error a duration needs a unit of its own
  await cached.member.findMany({ cacheStrategy: { ttl: '5 minutes' } })
  // @ts-expect-error not an option
  await cached.member.findMany({ cacheStrategy: { key: 'mine' } })
  // @ts-expect-error tags is a list
  await cached.member.findMany({ cacheStrategy: { tags: 'home' } })
  // @ts-expect-error true says nothing
  await cached.member.findMany({ cacheStrategy: true })
  // @ts-expect-error only withCache types it
  await extended.member.findMany({ cacheStrategy })
}

// Writes reject a strategy
export async function writesRejectStrategies(): Promise<void> {
  const data = { email: 'a' }
  // @ts-expect-error write
  await cached.member.create({ data, cacheStrategy })
  // @ts-expect-error write
  await cached.member.createMany({ data, cacheStrategy })
  // @ts-expect-error write
  await cached.member.createManyAndReturn({ data, cacheStrategy })
  // @ts-expect-error write
  await cached.member.update({ where, data, cacheStrategy })
  // @ts-expect-error write
  await cached.member.updateMany({ where, data, cacheStrategy })
  // @ts-expect-error write
  await cached.member.updateManyAndReturn({ where, data, cacheStrategy })
  // @ts-expect-error write
  await cached.member.upsert({ where, create: data, update: data, cacheStrategy })
  // @ts-expect-error write
  await cached.member.delete({ where, cacheStrategy })
  // @ts-expect-error write
  await cached.member.deleteMany({ where, cacheStrategy })
  // @ts-expect-error write
  await cached.member.deleteMany({ cacheStrategy: false })
}

// Writes are otherwise as they were
export async function writes(): Promise<void> {
  const data = { email: 'a', mentor: { connect: { id: 2 } } }
  expectTypeOf(await cached.member.create({ data })).toEqualTypeOf(await plain.member.create({ data }))
  expectTypeOf(await cached.member.create({ data, select: { id: true } })).toEqualTypeOf<{ id: number }>()
  expectTypeOf(await cached.member.update({ where, data, include: { badge: true } })).toEqualTypeOf(
    await plain.member.update({ where, data, include: { badge: true } }),
  )
  expectTypeOf(await cached.member.deleteMany()).toEqualTypeOf<Prisma.BatchPayload>()
  expectTypeOf(await cached.member.createMany()).toEqualTypeOf<Prisma.BatchPayload>()
  expectTypeOf(await cached.member.updateManyAndReturn({ where, data: { motto: 'x' } })).toEqualTypeOf(
    await plain.member.updateManyAndReturn({ where, data: { motto: 'x' } }),
  )
}

// Arguments are checked as before
export async function argumentChecks(): Promise<void> {
  // @ts-expect-error unknown key
  await cached.member.findMany({ wher: where, cacheStrategy })
  // @ts-expect-error unknown field
  await cached.member.findMany({ where: { nope: 1 }, cacheStrategy })
  // @ts-expect-error select and include
  await cached.member.findMany({ select: { id: true }, include: { badge: true } })
  // @ts-expect-error select and omit
  await cached.member.findMany({ select: { id: true }, omit: { email: true } })
  // @ts-expect-error where is required
  await cached.member.findUnique()
  // @ts-expect-error by is required
  await cached.member.groupBy({ cacheStrategy })
  // @ts-expect-error data is required
  await cached.member.create()
  // @ts-expect-error a view has no writes
  await cached.activity.create({ data: {} })
}

// Transactions
export async function transactions(): Promise<void> {
  const result = await cached.$transaction(async (tx) => {
    expectTypeOf(await tx.member.findMany({ cacheStrategy })).toEqualTypeOf(await plain.member.findMany())
    expectTypeOf(tx.$cache).toEqualTypeOf<PrismaCache>()
    expectTypeOf(tx).not.toHaveProperty('$extends')
    // @ts-expect-error write
    await tx.member.delete({ where, cacheStrategy })
    return tx.member.count()
  })
  expectTypeOf(result).toEqualTypeOf<number>()
  const [members, count] = await cached.$transaction(
    [cached.member.findMany({ cacheStrategy }), cached.topic.count()],
    {
      isolationLevel: 'Serializable',
    },
  )
  expectTypeOf(members).toEqualTypeOf(await plain.member.findMany())
  expectTypeOf(count).toEqualTypeOf<number>()
}

// Extensions before and after
export async function otherExtensions(): Promise<void> {
  const shout = {
    result: { member: { shout: { needs: { email: true }, compute: (m: { email: string }) => m.email.toUpperCase() } } },
  }
  const hello = {
    client: { $hello: () => 'hello' },
    model: { $allModels: { first: (n: number) => n }, topic: { hot: () => true } },
  }

  const after = cached
    .$extends(shout)
    .$extends(hello)
    .$extends({ query: { member: { findMany: ({ args, query }) => query(args) } } })
  expectTypeOf((await after.member.findFirstOrThrow({ cacheStrategy })).shout).toEqualTypeOf<string>()
  expectTypeOf((await after.member.findMany({ select: { shout: true }, cacheStrategy }))[0]!).toEqualTypeOf<{
    shout: string
  }>()
  expectTypeOf(after.$hello()).toEqualTypeOf<string>()
  expectTypeOf(after.member.first(1)).toEqualTypeOf<number>()
  expectTypeOf(after.$cache).toEqualTypeOf<PrismaCache>()
  // @ts-expect-error write
  await after.member.delete({ where, cacheStrategy })
  await after.$transaction(async (tx) => tx.member.findMany({ cacheStrategy }))

  const beforehand = plain.$extends(shout).$extends(hello).$extends(cacheExtension())
  const before = withCache<typeof beforehand, TestedTypeMap<typeof beforehand>>(beforehand)
  expectTypeOf((await before.member.findFirstOrThrow({ cacheStrategy })).shout).toEqualTypeOf<string>()
  expectTypeOf((await before.member.findMany({ select: { shout: true }, cacheStrategy }))[0]!).toEqualTypeOf<{
    shout: string
  }>()
  expectTypeOf(before.$hello()).toEqualTypeOf<string>()
  expectTypeOf(before.topic.hot()).toEqualTypeOf<boolean>()
  expectTypeOf(await before.$transaction(async (tx) => tx.topic.hot())).toEqualTypeOf<boolean>()

  const replacing = plain
    .$extends({ model: { member: { findMany: (limit: number) => limit } } })
    .$extends(cacheExtension())
  const replaced = withCache<typeof replacing, TestedTypeMap<typeof replacing>>(replacing)
  expectTypeOf(replaced.member.findMany).toEqualTypeOf<(limit: number) => number>()
}

// Everything else of the client
export async function restOfTheClient(): Promise<void> {
  expectTypeOf(cached.$cache).toEqualTypeOf<PrismaCache>()
  expectTypeOf(await cached.$queryRaw<{ n: number }[]>`SELECT 1 AS n`).toEqualTypeOf<{ n: number }[]>()
  expectTypeOf(await cached.$executeRawUnsafe('SELECT 1')).toEqualTypeOf<number>()
  expectTypeOf(cached.member.fields).toEqualTypeOf(plain.member.fields)
  expectTypeOf(cached.$disconnect).toBeCallableWith()
  expectTypeOf<Prisma.Result<typeof cached.member, { select: { id: true } }, 'findMany'>>().toEqualTypeOf<
    { id: number }[]
  >()
  expectTypeOf<Prisma.Args<typeof cached.member, 'findMany'>>().toHaveProperty('cacheStrategy')
  expectTypeOf<Prisma.Args<typeof cached.member, 'create'>>().not.toHaveProperty('cacheStrategy')
  expectTypeOf<keyof typeof cached>().toEqualTypeOf<keyof typeof extended>()
  expectTypeOf<keyof typeof cached.member>().toEqualTypeOf<keyof typeof extended.member>()
}
