/** H18: all caches of one process share one authority, and a process that is one of several is told so. */

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Cache } from '../src/cache/cache.ts'
import { createCache, defaultCache } from '../src/cache/create-cache.ts'
import { ManualRuntime } from './doubles/manual-runtime.ts'
import { MapStore } from './doubles/map-store.ts'

const STATE = Symbol.for('larder.default.v1')
type Holder = { [STATE]?: { authority?: unknown; cache?: Cache } }

const SIGNS = [
  'pm_id',
  'NODE_APP_INSTANCE',
  'KUBERNETES_SERVICE_HOST',
  'AWS_LAMBDA_FUNCTION_NAME',
  'VERCEL',
  'NETLIFY',
  'K_SERVICE',
  'FUNCTIONS_WORKER_RUNTIME',
]

let kept: Holder[typeof STATE]
let warned: { message: string; code: string }[]

beforeEach(() => {
  const holder = globalThis as Holder
  kept = holder[STATE]
  delete holder[STATE]
  for (const name of SIGNS) vi.stubEnv(name, undefined)
  warned = []
  vi.spyOn(process, 'emitWarning').mockImplementation((...parameters: unknown[]) => {
    warned.push({ message: String(parameters[0]), code: (parameters[1] as { code: string }).code })
  })
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  vi.resetModules()
  const holder = globalThis as Holder
  delete holder[STATE]
  if (kept !== undefined) holder[STATE] = kept
})

const client = { adapter: 'test', dialect: 'postgres', database: 'shop' } as const

/** Reads and writes users through a cache, as a client of its own. */
function open(cache: Cache) {
  const origin = cache.origin(client)
  return {
    read: async () =>
      await origin.read({ text: 'select from users', tables: () => ({ tables: ['users'] }), run: async () => 'row' }),
    write: () => origin.execute({ sql: 'update users set x = 1', send: async () => 1, verdict: () => undefined }),
  }
}

describe('H18 the caches of one process', () => {
  it('see the writes of each other, the default one among them', async () => {
    const caches = [createCache(), createCache({ ttl: '1h' }), defaultCache()]
    const clients = caches.map(open)
    for (const writer of clients) {
      for (const reader of clients) await reader.read()
      await writer.write()
      for (const reader of clients) await reader.read()
    }
    for (const cache of caches) expect(cache.stats()).toMatchObject({ hits: 2, misses: 4 })
  })

  it('are one when they are the default, and others when they are not', () => {
    expect(defaultCache()).toBe(defaultCache())
    expect(createCache()).not.toBe(createCache())
    expect(createCache()).not.toBe(defaultCache())
  })

  it('keep what they share in one place of the process, whatever copies of the package there are', async () => {
    const first = createCache()
    const { authority } = (globalThis as Holder)[STATE] ?? {}
    expect(authority).toBeDefined()
    vi.resetModules()
    const copy = await import('../src/cache/create-cache.ts')
    expect(copy.createCache).not.toBe(createCache)
    const [mine, theirs] = [open(first), open(copy.createCache())]
    await mine.read()
    await theirs.write()
    await mine.read()
    expect(first.stats()).toMatchObject({ hits: 0, misses: 2 })
    expect(copy.defaultCache()).toBe(defaultCache())
    expect((globalThis as Holder)[STATE]?.authority).toBe(authority)
  })

  it('share the authority of the process with stores that bring none', async () => {
    const store = new MapStore(new ManualRuntime().clock)
    const [memory, stored] = [open(createCache()), createCache({ store, namespace: 'shop' })]
    const reader = open(stored)
    await reader.read()
    await memory.write()
    await reader.read()
    expect(stored.stats()).toMatchObject({ hits: 0, misses: 2 })
  })
})

describe('process-local-authority', () => {
  it('is no warning without a sign of other processes', () => {
    createCache().origin(client)
    expect(warned).toEqual([])
  })

  it.each(SIGNS)('is warned of once where %s is set', (name) => {
    vi.stubEnv(name, '0')
    const cache = createCache()
    for (let i = 0; i < 3; i++) cache.origin(client)
    expect(warned).toEqual([
      {
        code: 'LARDER_PROCESS_LOCAL_AUTHORITY',
        message: expect.stringContaining('Configure a store that they share.'),
      },
    ])
  })

  it('is no warning with an authority that processes share', () => {
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '10.0.0.1')
    const authority = { ...methods, kind: 'redis', shared: true }
    const store = Object.assign(new MapStore(new ManualRuntime().clock), { authority })
    createCache({ store, namespace: 'shop' }).origin(client)
    expect(warned).toEqual([])
  })

  it('is warned of in a worker of a cluster, and not in its primary', async () => {
    const environment = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !SIGNS.includes(name) && name !== 'NODE_OPTIONS'),
    )
    const program = fileURLToPath(new URL('doubles/warn-in-cluster.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program], { env: environment })
    expect(stdout.trim()).toBe('worker LARDER_PROCESS_LOCAL_AUTHORITY')
  })
})

const methods = { lookup() {}, create() {}, unsettle() {}, renew() {}, settle() {}, cancel() {} } as never as {
  lookup: never
  create: never
  unsettle: never
  renew: never
  settle: never
  cancel: never
}
