import { beforeEach, describe, expect, it } from 'vitest'
import { FaultyAuthority } from '../../test/doubles/faulty-authority.ts'
import { ManualRuntime } from '../../test/doubles/manual-runtime.ts'
import { MapStore } from '../../test/doubles/map-store.ts'
import { TestCache } from '../../test/doubles/test-cache.ts'
import type { CacheOptions } from '../cache/options.ts'
import type { EntryKey } from '../store/store.ts'
import { openFrame, sealFrame } from '../value/checked-frame.ts'
import { superjsonCodec } from '../value/superjson-codec.ts'

let runtime: ManualRuntime
let store: MapStore
let authority: FaultyAuthority

beforeEach(() => {
  runtime = new ManualRuntime()
  store = new MapStore(runtime.clock)
  authority = new FaultyAuthority(runtime)
})

/** A process of its own, on the store and the authority that all share. */
function newProcess(options: CacheOptions = {}): TestCache<FaultyAuthority> {
  return new TestCache({ runtime, authority, options: { store, namespace: 'shop', ...options } })
}

/** Process memory is no help: what comes, comes from the store. */
const withoutMemory = { memory: false } as const

describe('a store that processes share', () => {
  it('serves what another process stored, and memory from then on', async () => {
    const [first, second] = [newProcess(), newProcess()]
    await first.read()
    expect(await second.read()).toEqual({ query: 1 })
    expect(await second.read()).toEqual({ query: 1 })
    expect(second.take('hit').map(({ tier }) => tier)).toEqual(['store', 'memory'])
    expect(second.queries).toBe(0)
    expect(second.cache.stats()).toMatchObject({ hits: 2, misses: 0, memory: { entries: 1 } })
  })

  it('serves every time where there is no memory tier', async () => {
    const test = newProcess(withoutMemory)
    await test.read()
    await test.read()
    await test.read()
    expect(test.takeOutcomes()).toEqual(['miss', 'hit store', 'hit store'])
  })

  it('H41 gives each reader a copy of its own', async () => {
    const test = newProcess()
    await newProcess().read()
    const fromStore = await test.read()
    fromStore.query = 'changed'
    expect(await test.read()).toEqual({ query: 1 })
  })

  it('H29 does not serve what a write of another process has made wrong', async () => {
    const [first, second] = [newProcess(), newProcess()]
    await first.read()
    await second.read()
    await first.write()
    expect(await second.read({ run: async () => 'new' })).toBe('new')
    expect(await first.read({ run: async () => 'new' })).toBe('new')
    expect(await newProcess().read()).toBe('new')
    expect(second.takeOutcomes()).toEqual(['hit store', 'miss'])
  })

  it('H45 H47 keeps versions apart, though each invalidates the other', async () => {
    const [old, young] = [newProcess({ version: '1' }), newProcess({ version: '2' })]
    const read = (test: TestCache, value: string) => test.read({ run: async () => value })
    await read(old, 'old shape')
    expect(await read(young, 'new shape')).toBe('new shape')
    expect(await read(newProcess({ version: '1' }), 'missed')).toBe('old shape')
    await young.write()
    expect(await read(old, 'read again')).toBe('read again')
    await old.write()
    expect(await read(young, 'read again')).toBe('read again')
  })

  it('H33 keeps scopes apart', async () => {
    const [first, second] = [newProcess(), newProcess()]
    const scoped = (scope: string | null) => ({ defaults: { scope: () => scope }, run: async () => scope })
    for (const scope of ['a', 'b', null]) await first.read(scoped(scope))
    for (const scope of ['a', 'b', null]) expect(await second.read(scoped(scope))).toBe(scope)
    expect(second.takeOutcomes()).toEqual(['hit store', 'hit store', 'hit store'])
  })

  it('H11 serves nothing of another epoch of the authority', async () => {
    await newProcess(withoutMemory).read()
    const test = newProcess(withoutMemory)
    authority.behaviours.set('lookup', async (call) => ({ ...((await call()) as object), epoch: 'restarted' }))
    await test.read()
    expect(test.takeOutcomes()).toEqual(['miss'])
  })

  it('is asked for whole milliseconds, at least one', async () => {
    const ttls: number[] = []
    const set = store.set.bind(store)
    store.set = (key, entry, ttl) => {
      ttls.push(ttl)
      return set(key, entry, ttl)
    }
    const test = newProcess({ jitter: 0.3333 })
    await test.read({ strategy: { ttl: 10.0001 } })
    await test.read({ strategy: { ttl: '0.01ms' }, text: 'short' })
    expect(ttls).toEqual([8_334, 1])
  })

  it('H56 serves nothing older than its ttl by the wall clock, the only one that machines share', async () => {
    await newProcess({ ttl: '1m' }).read()
    const elsewhere = new ManualRuntime()
    elsewhere.monotonic = 5
    elsewhere.wall = runtime.wall + 59_999
    const test = new TestCache({ runtime: elsewhere, authority, options: { store, namespace: 'shop', ttl: '1h' } })
    await test.read()
    await elsewhere.pass(1)
    await test.read()
    expect(test.takeOutcomes()).toEqual(['hit store', 'miss'])
  })

  it('H56 counts an entry from a wall clock ahead as new, not as one of the future', async () => {
    runtime.wall += 86_400_000
    await newProcess({ ttl: '1m' }).read()
    runtime.wall -= 86_400_000
    const test = newProcess({ ttl: '1m' })
    await test.read()
    await runtime.pass(59_999)
    await test.read()
    await runtime.pass(1)
    await test.read()
    expect(test.takeOutcomes()).toEqual(['hit store', 'hit memory', 'miss'])
  })

  it('serves a reader nothing that is older than it takes', async () => {
    await newProcess().read()
    await runtime.pass(10_000)
    const test = newProcess()
    await test.read({ strategy: { ttl: 10 } })
    expect(test.takeOutcomes()).toEqual(['miss'])
  })

  it('misses an entry with other tags', async () => {
    await newProcess().read()
    const test = newProcess()
    await test.read({ strategy: { tags: ['home'] } })
    expect(test.takeOutcomes()).toEqual(['miss'])
  })

  it('is not needed: when it fails, queries go on, and memory helps', async () => {
    store.get = () => Promise.reject(new Error('down'))
    store.set = () => Promise.reject(new Error('down'))
    const test = newProcess()
    await test.read()
    await test.read()
    expect(test.take('fault').map(({ step }) => step)).toEqual(['store', 'fill'])
    expect(test.takeOutcomes()).toEqual(['miss', 'hit memory'])
  })
})

describe('H44 a bad entry', () => {
  const value = { id: 7, name: 'Ann', born: new Date(5), big: 12345678901234567890n, list: [1, null, 'x'] }
  let key: EntryKey
  let bytes: Uint8Array

  beforeEach(async () => {
    await newProcess(withoutMemory).read({ run: async () => value })
    const [only] = store.entries
    ;[key, { bytes }] = only as [EntryKey, { bytes: Uint8Array }]
  })

  /** What a read gives when the store holds this. */
  async function readOver(entry: unknown): Promise<{ result: unknown; steps: string[]; outcomes: string[] }> {
    const test = newProcess(withoutMemory)
    store.get = async () => entry as Uint8Array
    const result = await test.read({ run: async () => 'queried' })
    return { result, steps: test.take('fault').map(({ step }) => step), outcomes: test.takeOutcomes() }
  }

  const MISS = { result: 'queried', steps: ['decode'], outcomes: ['miss'] }

  function withHeader(change: (header: any) => unknown): Uint8Array {
    const payload = Buffer.from(openFrame(1, bytes))
    const length = payload.readUInt32LE(0)
    const header = JSON.parse(payload.toString('utf8', 4, 4 + length))
    const text = Buffer.from(JSON.stringify(change(header)))
    const prefix = Buffer.alloc(4)
    prefix.writeUInt32LE(text.length, 0)
    return sealFrame(1, Buffer.concat([prefix, text, payload.subarray(4 + length)]))
  }

  it('is told from a good one', async () => {
    expect(await readOver(bytes)).toEqual({ result: value, steps: [], outcomes: ['hit store'] })
    expect(await readOver(withHeader((header) => header))).toMatchObject({ outcomes: ['hit store'] })
  })

  it('cut at any length is a miss and a fault', async () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(await readOver(bytes.subarray(0, length)), `cut to ${length} bytes`).toEqual(MISS)
    }
  })

  it('with one byte changed is a miss and a fault', async () => {
    for (let i = 0; i < bytes.length; i++) {
      for (const change of [1, 0x20, 0xff]) {
        const damaged = Uint8Array.from(bytes)
        damaged[i] = (damaged[i] as number) ^ change
        expect(await readOver(damaged), `byte ${i} of ${bytes.length} ^ ${change}`).toEqual(MISS)
      }
    }
  })

  it.each<[what: string, entry: unknown]>([
    ['a text', 'entry'],
    ['a number', 5],
    ['an object', {}],
    ['an array of bytes', [1, 2, 3]],
    ['an ArrayBuffer', new ArrayBuffer(20)],
    ['a view of other numbers', new Uint16Array(20)],
    ['random bytes', Uint8Array.from({ length: 300 }, (_, i) => (i * 7919) % 251)],
    ['zeros', new Uint8Array(100)],
    ['JSON of another library', Buffer.from('{"json":{},"meta":{}}')],
    ['a header longer than the entry', sealFrame(1, Uint8Array.of(255, 255, 255, 255, 1, 2, 3))],
    ['no header at all', sealFrame(1, Uint8Array.of(1, 0))],
    ['a header that is no JSON', sealFrame(1, Buffer.concat([Uint8Array.of(3, 0, 0, 0), Buffer.from('abcdef')]))],
    [
      'a deeply nested header',
      sealFrame(1, Buffer.concat([Uint8Array.of(0x40, 0x9c, 0, 0), Buffer.from('['.repeat(40_000))])),
    ],
    ['another format', sealFrame(2, Uint8Array.of(2, 0, 0, 0, 0x7b, 0x7d))],
  ])('that is %s is a miss and a fault', async (_what, entry) => {
    expect(await readOver(entry)).toEqual(MISS)
  })

  it.each<[what: string, change: (header: any) => unknown]>([
    ['null', () => null],
    ['a list', () => []],
    ['another codec', (header) => ({ ...header, codec: 'superjson' })],
    ['no tags', (header) => ({ ...header, tags: [], stamps: [] })],
    ['fewer stamps than tags', (header) => ({ ...header, stamps: header.stamps.slice(1) })],
    ['stamps that are no texts', (header) => ({ ...header, stamps: header.stamps.map(() => null) })],
    ['no epoch', (header) => ({ ...header, epoch: undefined })],
    ['no ttl', (header) => ({ ...header, ttl: 'Infinity' })],
    ['a ttl without end', (header) => ({ ...header, ttl: Number.POSITIVE_INFINITY })],
    ['no time', (header) => ({ ...header, at: null })],
  ])('whose header has %s is a miss and a fault', async (_what, change) => {
    expect(await readOver(withHeader(change))).toEqual(MISS)
  })

  it.each<[what: string, change: (header: any) => unknown]>([
    ['other stamps', (header) => ({ ...header, stamps: header.stamps.map(() => 'forged') })],
    ['another epoch', (header) => ({ ...header, epoch: 'forged' })],
    ['other tags', (header) => ({ ...header, tags: header.tags.map((tag: string) => `${tag}x`) })],
    ['a ttl below zero', (header) => ({ ...header, ttl: -5 })],
    ['a time long ago', (header) => ({ ...header, at: 0 })],
  ])('whose header has %s is a miss', async (_what, change) => {
    expect(await readOver(withHeader(change))).toEqual({ result: 'queried', steps: [], outcomes: ['miss'] })
  })

  it('that promises to live for ever lives as long as its reader takes at most', async () => {
    const hostile = withHeader((header) => ({ ...header, ttl: 1e300, at: 1e300 }))
    const test = newProcess({ ttl: '1m' })
    store.get = async () => hostile
    await test.read()
    store.get = async () => undefined
    await runtime.pass(59_999)
    await test.read()
    await runtime.pass(1)
    await test.read()
    expect(test.takeOutcomes()).toEqual(['hit store', 'hit memory', 'miss'])
  })

  it('that names __proto__ pollutes nothing', async () => {
    const text = JSON.stringify({ x: 1 }).replace('"x"', '"__proto__"')
    const polluted = withHeader((header) => ({ ...header, extra: JSON.parse(text) }))
    await readOver(polluted)
    expect(({} as { x?: number }).x).toBeUndefined()
  })

  it('of another codec is a miss and a fault both ways', async () => {
    const test = newProcess({ ...withoutMemory, codec: superjsonCodec() })
    expect(await test.read({ run: async () => 'queried' })).toBe('queried')
    expect(test.take('fault')).toEqual([expect.objectContaining({ step: 'decode' })])
    expect(await readOver((store.entries.get(key) as { bytes: Uint8Array }).bytes)).toEqual(MISS)
  })

  it('is replaced by the next fill', async () => {
    store.entries.set(key, { bytes: Uint8Array.of(1, 2, 3), until: Number.POSITIVE_INFINITY })
    const test = newProcess(withoutMemory)
    await test.read()
    await test.read()
    expect(test.takeOutcomes()).toEqual(['miss', 'hit store'])
  })

  it('that is null counts as none', async () => {
    expect(await readOver(null)).toEqual({ result: 'queried', steps: [], outcomes: ['miss'] })
  })
})
