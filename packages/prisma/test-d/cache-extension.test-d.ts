import { Prisma, PrismaClient } from 'generated-client'
import { expectTypeOf } from 'vitest'
import type { CacheExtension } from '../src/types/cache-extension-type.ts'

interface PrismaCache {
  invalidate(): Promise<void>
}

declare const adapter: NonNullable<Prisma.PrismaClientOptions['adapter']>
declare const cacheExtension: () => CacheExtension<PrismaCache>

const plain = new PrismaClient({ adapter })
const untouched = plain.$extends({})
const extended = plain.$extends(cacheExtension())

// The extension adds `$cache` ...
expectTypeOf(extended.$cache).toEqualTypeOf<PrismaCache>()
await extended.$transaction(async (tx) => expectTypeOf(tx.$cache).toEqualTypeOf<PrismaCache>())
expectTypeOf(extended.$extends({ client: { $x: 1 } }).$cache).toEqualTypeOf<PrismaCache>()
expectTypeOf(plain.$extends({ client: { $x: 1 } }).$extends(cacheExtension()).$x).toEqualTypeOf<number>()

// ... and changes nothing else.
expectTypeOf<Exclude<keyof typeof extended, '$cache'>>().toEqualTypeOf<keyof typeof untouched>()
expectTypeOf<typeof extended.member>().toEqualTypeOf<typeof untouched.member>()
expectTypeOf<typeof extended.topic.groupBy>().toEqualTypeOf<typeof untouched.topic.groupBy>()
expectTypeOf<typeof extended.$queryRaw>().toEqualTypeOf<typeof untouched.$queryRaw>()
expectTypeOf(await extended.member.findMany({ include: { written: true } })).toEqualTypeOf(
  await plain.member.findMany({ include: { written: true } }),
)
expectTypeOf(await extended.member.findUnique({ where: { id: 1 } }).written()).toEqualTypeOf(
  await plain.member.findUnique({ where: { id: 1 } }).written(),
)

// Also inside Prisma.defineExtension.
const defined = Prisma.defineExtension(cacheExtension())
expectTypeOf(plain.$extends(defined).$cache).toEqualTypeOf<PrismaCache>()
