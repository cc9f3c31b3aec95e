/** What a miss and a write cost beside the database's own time. */

import { createCache, defaultCache } from '@larder/core'
import { cacheExtension } from '@larder/prisma'
import { openBenchDatabase } from './bench-database.ts'
import type { Result } from './goals.ts'
import { measure } from './measure.ts'

export async function benchPrismaMiss(): Promise<Result[]> {
  const database = await openBenchDatabase('postgres')
  try {
    const plain = database.client().$extends({ query: { $allOperations: ({ args, query }) => query(args) } })
    const cached = database.client().$extends(cacheExtension({ cache: createCache() }))
    await cached.$cache.ready()
    // Each read of a run has an argument of its own, so that none is a hit.
    let next = 0
    const [floor, miss] = await measure(
      [
        {
          name: 'empty hook',
          run: async (n) => {
            for (let i = 0; i < n; i++)
              await plain.user.findUnique({ where: { id: 1, version: { lt: 1_000 + next++ } } })
          },
        },
        {
          name: 'miss',
          run: async (n) => {
            for (let i = 0; i < n; i++)
              await cached.user.findUnique({ where: { id: 1, version: { lt: 1_000 + next++ } } })
          },
        },
      ],
      { times: 200, turns: 101 },
    )
    return [{ goal: 'prisma-miss-postgres', floor, measured: miss }]
  } finally {
    await database.stop()
  }
}

/** The whole of Larder around a statement that costs nothing. */
export async function benchWriteOverhead(): Promise<Result[]> {
  const origin = defaultCache().origin({ adapter: 'bench', dialect: 'postgres', database: 'writes' })
  const sql = 'INSERT INTO "public"."users" ("email") VALUES ($1) RETURNING "public"."users"."id"'
  const send = async (): Promise<void> => {}
  const [bare, write] = await measure(
    [
      {
        name: 'bare',
        run: async (n) => {
          for (let i = 0; i < n; i++) await send()
        },
      },
      {
        name: 'write',
        run: async (n) => {
          for (let i = 0; i < n; i++) await origin.execute({ sql, send, verdict: () => undefined })
        },
      },
    ],
    { times: 5_000 },
  )
  if (bare === undefined || write === undefined) return []
  return [{ goal: 'prisma-write-memory', measured: { ...write, microseconds: write.microseconds - bare.microseconds } }]
}
