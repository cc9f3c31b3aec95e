import type { PrismaClient } from 'generated-client'
import { expectTypeOf } from 'vitest'
import { withCache } from '../../src/types/with-cache.ts'

declare const prisma: PrismaClient

// Nothing can be inferred from a copy of Prisma's runtime, and the result says what to write instead.
const cached = withCache(prisma)
expectTypeOf(cached).toHaveProperty('error')
expectTypeOf(cached).not.toBeAny()
// @ts-expect-error it is no client
cached.member
