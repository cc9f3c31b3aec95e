/** What a hit costs over a query hook that returns a constant: Prisma's own floor. */

import { createCache } from '@larder/core'
import { cacheExtension } from '@larder/prisma'
import { openBenchDatabase } from './bench-database.ts'
import type { Result } from './goals.ts'
import { measure } from './measure.ts'

export async function benchPrismaHit(): Promise<Result[]> {
  const database = await openBenchDatabase('pglite')
  const client = () => database.client()
  const cached = client().$extends(cacheExtension({ cache: createCache() }))
  await cached.$cache.ready()
  const row = await cached.user.findUnique({ where: { id: 1 } })
  const page = await cached.user.findMany({ take: 100 })
  const constant = client().$extends({
    query: { $allOperations: async ({ operation }) => (operation === 'findMany' ? page : row) },
  })
  const copying = client().$extends({
    query: { $allOperations: async () => page.map((user) => ({ ...user, createdAt: new Date(user.createdAt) })) },
  })

  const [floor, hit] = await measure(
    [
      { name: 'constant hook', run: (n) => repeat(n, () => constant.user.findUnique({ where: { id: 1 } })) },
      { name: 'hit of one row', run: (n) => repeat(n, () => cached.user.findUnique({ where: { id: 1 } })) },
    ],
    { times: 2_000 },
  )
  const [bare, hits] = await measure(
    [
      { name: 'hook that copies 100 rows', run: (n) => repeat(n, () => copying.user.findMany({ take: 100 })) },
      { name: 'hit of 100 rows', run: (n) => repeat(n, () => cached.user.findMany({ take: 100 })) },
    ],
    { times: 300 },
  )
  await database.stop()
  return [
    { goal: 'prisma-hit-one-row', floor, measured: hit },
    { goal: 'prisma-hit-100-rows', floor: bare, measured: hits },
  ]
}

async function repeat(times: number, call: () => PromiseLike<unknown>): Promise<void> {
  for (let i = 0; i < times; i++) await call()
}
