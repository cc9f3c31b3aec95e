/** The demo: the same requests through Prisma without and with Larder, on the same rows. */

import { type Cache, createCache } from '@larder/core'
import { cacheExtension } from '@larder/prisma'
import { cacheWithLateStamps } from './broken-cache.ts'
import { chinookDataSet } from './chinook/chinook-data-set.ts'
import type { DemoDatabase } from './database/demo-database.ts'
import { openPgliteDemoDatabase } from './database/pglite-demo-database.ts'
import { openPostgresDemoDatabase } from './database/postgres-demo-database.ts'
import { StatementCount } from './database/statement-count.ts'
import { Ledger } from './ledger/ledger.ts'
import type { DemoOptions } from './options.mjs'
import type { DemoResult, RunResult } from './report/demo-report.ts'
import type { DemoSteps, Progress } from './report/demo-steps.ts'
import { shopDataSet } from './shop/shop-data-set.ts'
import type { DataSet, DemoClient } from './workload/data-set.ts'
import { type PlannedRequest, planRequests } from './workload/plan-requests.ts'
import { runRequests } from './workload/run-requests.ts'
import { Session } from './workload/session.ts'

export interface RunDemoOptions extends Omit<DemoOptions, 'skipSetup' | 'help'> {
  readonly steps: DemoSteps
  /** Breaks the demo off; the database is removed all the same. */
  readonly signal: AbortSignal
  /** Requests before each measured run, so that none pays for a cold start; default 200. */
  readonly warmUp?: number
  /** Default: as a user makes one, or the broken one that `break` asks for. */
  readonly cache?: () => Cache
}

/** Throws what a query or the database throws, and the signal's reason. */
export async function runDemo(options: RunDemoOptions): Promise<DemoResult> {
  const { dataset, scale, seed } = options
  if (dataset !== undefined) return runOn(await chinookDataSet(dataset), options)
  return runOn(shopDataSet({ scale, seed }), options)
}

async function runOn<Client extends DemoClient>(data: DataSet<Client>, options: RunDemoOptions): Promise<DemoResult> {
  const { steps, signal, databaseUrl } = options
  const database = await steps.step(
    'database',
    () => (databaseUrl === undefined ? openPgliteDemoDatabase() : openPostgresDemoDatabase(databaseUrl)),
    ({ title }) => title,
  )
  try {
    return await unlessAborted(signal, compare(data, database, options))
  } finally {
    await database.remove()
  }
}

async function compare<Client extends DemoClient>(
  data: DataSet<Client>,
  database: DemoDatabase,
  options: RunDemoOptions,
): Promise<DemoResult> {
  const { steps, signal, requests, clients, writes, seed, warmUp = 200 } = options
  await steps.step('rows', (progress) => fill(database, data, signal, progress), String)
  for (const note of data.notes) steps.note(note)
  const planned = planRequests(data.pages(), { requests, writes, seed })
  const run = { data, database, planned, clients, signal, warmUp }
  const said = ({ seconds }: RunResult): string =>
    `${requests.toLocaleString('en')} requests in ${seconds.toFixed(1)} s`
  const without = await steps.step(
    'without Larder',
    (progress) => measure({ ...run, progress, cache: undefined }),
    said,
  )
  await steps.step(
    'the same rows again',
    () => database.restore(),
    () => 'done',
  )
  const cache = options.cache?.() ?? (options.break === undefined ? createCache() : cacheWithLateStamps())
  try {
    const larder = await steps.step('with Larder', (progress) => measure({ ...run, progress, cache }), said)
    return { without, with: larder }
  } finally {
    await cache.close()
  }
}

/** The work, or at once a rejection when the signal fires, whatever the work is waiting for. */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let stop = (): void => {}
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
  })
  // Nobody listens any more to what the abandoned work meets when its database is removed.
  work.catch(() => {})
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    return await Promise.race([work, stopped])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function fill<Client extends DemoClient>(
  database: DemoDatabase,
  data: DataSet<Client>,
  signal: AbortSignal,
  progress: Progress,
): Promise<string> {
  let loaded = ''
  await database.fill(async (exec) => {
    const breakable = (sql: string): Promise<number> => {
      signal.throwIfAborted()
      return exec(sql)
    }
    loaded = await data.load(breakable, progress)
  })
  return loaded
}

interface MeasureOptions<Client extends DemoClient> {
  readonly data: DataSet<Client>
  readonly database: DemoDatabase
  readonly planned: readonly PlannedRequest<Client>[]
  readonly clients: number
  readonly signal: AbortSignal
  readonly progress: Progress
  readonly cache: Cache | undefined
  readonly warmUp: number
}

async function measure<Client extends DemoClient>(options: MeasureOptions<Client>): Promise<RunResult> {
  const { data, database, planned, clients, signal, progress, cache } = options
  const ledger = new Ledger(await warmedUp(options))
  const statements = new StatementCount()
  const plain = data.client(statements.of(database.connect()))
  try {
    // Before the client connects, as in an application: where it is created.
    const client = cache === undefined ? plain : await withLarder(plain, cache)
    await plain.$connect()
    const session = new Session(client, ledger, data.naming)
    const onProgress = (done: number): void => {
      progress(done / planned.length, `${done.toLocaleString('en')} of ${planned.length.toLocaleString('en')} requests`)
    }
    statements.reset()
    const timing = await runRequests({ requests: planned, visit: session, clients, signal, onProgress })
    return { ...timing, ...session.counts, statements: statements.total, stats: cache?.stats() }
  } finally {
    await plain.$disconnect()
  }
}

/** Warms code and database up with reads of another sequence, without Larder; answers the totals before the first write. */
async function warmedUp<Client extends DemoClient>({
  data,
  database,
  clients,
  signal,
  warmUp,
}: MeasureOptions<Client>): Promise<Record<string, number>> {
  const client = data.client(database.connect())
  try {
    const totals = await data.totals(client)
    const requests = planRequests(data.pages(), { requests: warmUp, writes: 0, seed: 0 })
    const visit = new Session(client, new Ledger(totals), data.naming)
    await runRequests({ requests, visit, clients, signal })
    return totals
  } finally {
    await client.$disconnect()
  }
}

/** The one line that makes a client cached; the rest sees to it that the demo measures what it says. */
async function withLarder<Client extends DemoClient>(client: Client, cache: Cache): Promise<Client> {
  const cached = (client as unknown as Extensible).$extends(cacheExtension({ cache }))
  await cache.ready()
  const off = (await cache.health()).origins.find(({ state }) => state !== 'on')
  if (off !== undefined) throw new Error(`Larder did not start (${off.state}): ${off.reason ?? 'no reason given'}`)
  // The extension changes no type but for adding $cache; the compiler cannot know that of a type parameter.
  return cached as Client
}

interface Extensible {
  $extends(extension: unknown): unknown
}
