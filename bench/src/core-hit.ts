/** What a hit costs in core, without an ORM, and what an entry costs beside its value. */

import { createCache } from '@larder/core'
import { inspectValue } from '../../packages/core/src/value/inspect-value.ts'
import { ValueTypes } from '../../packages/core/src/value/value-types.ts'
import type { Result } from './goals.ts'
import { measure } from './measure.ts'

const user = (id: number) => ({
  id,
  email: `user${id}@example.com`,
  name: `User ${id}`,
  role: 'CUSTOMER',
  createdAt: new Date(1_700_000_000_000 + id),
  version: 0,
})

export async function benchCoreHit(): Promise<Result[]> {
  const cache = createCache()
  const origin = cache.origin({ adapter: 'bench', dialect: 'postgres', database: 'bench' })
  const page = Array.from({ length: 100 }, (_, id) => user(id))
  const read = (text: string, value: unknown) =>
    origin.read({ text, tables: () => ({ tables: ['users'] }), run: async () => value })
  await read('one', user(1))
  await read('page', page)

  const inspected = inspectValue(page, ValueTypes.builtIn)
  if (inspected.unsupported !== undefined) throw new Error(inspected.unsupported)
  const [one] = await measure([{ name: 'hit of one row', run: (n) => times(n, () => read('one', undefined)) }], {
    times: 20_000,
  })
  const [copy, many] = await measure(
    [
      { name: 'bare copy of 100 rows', run: (n) => times(n, () => inspected.copy(page)) },
      { name: 'hit of 100 rows', run: (n) => times(n, () => read('page', undefined)) },
    ],
    { times: 1_000 },
  )
  return [
    { goal: 'core-hit-one-row', measured: one },
    { goal: 'core-hit-100-rows', floor: copy, measured: many },
  ]
}

/** The cost of an invalidation must not depend on how many entries there are. */
export async function benchInvalidation(): Promise<Result[]> {
  const withEntries = async (entries: number) => {
    const cache = createCache({ memory: { maxEntries: entries, maxBytes: '4gb' } })
    const origin = cache.origin({ adapter: 'bench', dialect: 'postgres', database: `bench ${entries}` })
    for (let id = 0; id < entries; id++) {
      await origin.read({ text: `${id}`, tables: () => ({ tables: ['users'] }), run: async () => id })
    }
    const write = () =>
      origin.execute({ sql: 'UPDATE users SET a = 1', send: async () => undefined, verdict: () => undefined })
    return async (n: number) => {
      for (let i = 0; i < n; i++) await write()
    }
  }
  const [few, many] = await measure(
    [
      { name: '1,000 entries', run: await withEntries(1_000) },
      { name: '1,000,000 entries', run: await withEntries(1_000_000) },
    ],
    { times: 2_000 },
  )
  return [{ goal: 'invalidation-flat', floor: few, measured: many }]
}

/** Heap growth per entry of a one-row result, less the row itself. */
export async function benchEntryOverhead(): Promise<Result[]> {
  if (globalThis.gc === undefined) return []
  const entries = 50_000
  const settle = (): number => {
    globalThis.gc?.()
    globalThis.gc?.()
    return process.memoryUsage().heapUsed
  }
  const rows: unknown[] = []
  const start = settle()
  for (let id = 0; id < entries; id++) rows.push(user(id))
  const bare = settle() - start
  const cache = createCache({ memory: { maxEntries: entries, maxBytes: '4gb' } })
  const origin = cache.origin({ adapter: 'bench', dialect: 'postgres', database: 'bytes' })
  const before = settle()
  for (let id = 0; id < entries; id++) {
    await origin.read({
      text: `User.findUnique {5:where{2:id#${id};}}`,
      tables: () => ({ tables: ['users'] }),
      run: async () => user(id),
    })
  }
  const overhead = (settle() - before - bare) / entries
  return rows.length === entries && cache.stats().memory.entries === entries
    ? [{ goal: 'entry-overhead', measured: { name: 'entry', microseconds: overhead } }]
    : []
}

function times(count: number, call: () => unknown): void {
  for (let i = 0; i < count; i++) call()
}
