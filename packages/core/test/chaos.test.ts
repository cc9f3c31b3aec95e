/**
 * Every seam of core, broken in every way: no query fails or waits beyond its limits, no write is lost or reported
 * failed, nothing stale is served, and when the seam works again so does the cache.
 */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CacheOptions } from '../src/cache/options.ts'
import { ProcessAuthority } from '../src/protocol/process-authority.ts'
import type { Tag } from '../src/protocol/tag.ts'
import { msgpackCodec } from '../src/value/msgpack-codec.ts'
import type { ValueType } from '../src/value/value-type.ts'
import { type AuthorityStep, FaultyAuthority } from './doubles/faulty-authority.ts'
import { ManualRuntime, settled } from './doubles/manual-runtime.ts'
import { MapStore } from './doubles/map-store.ts'
import { EVENTS, TestCache, track } from './doubles/test-cache.ts'

const TIMEOUT = 50
const WRITE_TIMEOUT = 1_000
const LEASE = 30_000
const UNKNOWN_FOR = 300_000

/** What a broken seam does instead. Garbage also comes as a promise where the seam may answer with one. */
const THROWS = (): never => {
  throw new Error('broken')
}
const REJECTS = (): Promise<never> => Promise.reject(new Error('broken'))
const HANGS = (): Promise<never> => new Promise(() => {})

class Trap {
  get [Symbol.iterator](): never {
    throw new Error('trap')
  }
}
for (const name of ['epoch', 'stamps', 'marked', 'stamp', 'alone', 'reason', 'tables', 'length', '0', 'serverCode']) {
  Object.defineProperty(Trap.prototype, name, { get: THROWS })
}

const GARBAGE: readonly (readonly [what: string, value: () => unknown])[] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['a number', () => 42],
  ['a text', () => 'users'],
  ['true', () => true],
  ['an empty object', () => ({})],
  ['an empty list', () => []],
  ['a list with holes', () => new Array(2)],
  ['a list of nulls', () => [null, null]],
  ['bytes', () => Uint8Array.of(1, 2, 3)],
  ['a function', () => () => 42],
  ['an object that throws when it is read', () => new Trap()],
  ['states without stamps', () => ({ epoch: 'e', stamps: [], marked: false })],
  ['states of the wrong types', () => ({ epoch: 1, stamps: 'xx', marked: 'no' })],
  ['states with empty stamps', () => ({ epoch: 'e', stamps: ['', '', ''], marked: false })],
]

type Behaviour = readonly [what: string, act: () => unknown]

const FAILURES: readonly Behaviour[] = [
  ['throws', THROWS],
  ['rejects', REJECTS],
  ['never answers', HANGS],
]
const ANSWERS = GARBAGE.map(([what, value]): Behaviour => [`answers ${what}`, value])
const PROMISES = GARBAGE.map(([what, value]): Behaviour => [`promises ${what}`, async () => value()])

class Money {
  cents: number
  constructor(cents: number) {
    this.cents = cents
  }
}

/** Tables with a version each, which every write raises. */
class Database {
  readonly versions: Record<string, number> = { users: 1, orders: 1 }

  read(table: string): { version: number; price: Money } {
    return { version: this.versions[table] as number, price: new Money(100) }
  }

  write(...tables: string[]): string {
    for (const table of tables) this.versions[table] = (this.versions[table] as number) + 1
    return 'written'
  }
}

/** Where a process can be broken; undefined while it works. */
type Seam =
  | AuthorityStep
  | 'every call of the authority'
  | 'store.get'
  | 'store.set'
  | 'every call of the store'
  | 'codec.encode'
  | 'codec.decode'
  | 'scope'
  | 'tables'
  | 'listeners'
  | 'verdict'
  | 'start'
  | 'type.copy'
  | 'type.byteLength'
  | 'type.encode'
  | 'type.decode'

const AUTHORITY_STEPS: readonly AuthorityStep[] = ['lookup', 'create', 'unsettle', 'renew', 'settle', 'cancel']

const SEAMS: readonly Seam[] = [
  ...AUTHORITY_STEPS,
  'every call of the authority',
  'store.get',
  'store.set',
  'every call of the store',
  'codec.encode',
  'codec.decode',
  'scope',
  'tables',
  'listeners',
  'verdict',
  'start',
  'type.copy',
  'type.byteLength',
  'type.encode',
  'type.decode',
]

interface Cell {
  readonly remote: boolean
  readonly onAuthorityDown: 'proceed' | 'reject-writes'
}

/** One process with all its seams. */
class Process {
  broken: (() => unknown) | undefined
  readonly #seam: Seam | undefined
  readonly authority: FaultyAuthority
  readonly test: TestCache<FaultyAuthority>

  constructor(world: World, seam: Seam | undefined) {
    this.#seam = seam
    const { runtime, cell } = world
    this.authority = Object.assign(new FaultyAuthority(runtime, { remote: cell.remote }), { inner: world.authority })
    for (const step of AUTHORITY_STEPS) {
      this.authority.behaviours.set(step, (call) => this.#through([step, 'every call of the authority'], call))
    }
    const { kind } = world.store
    const store = {
      kind,
      get: (key: never) => this.#through(['store.get', 'every call of the store'], () => world.store.get(key)),
      set: (key: never, bytes: never, ttl: never) =>
        this.#through(['store.set', 'every call of the store'], () => world.store.set(key, bytes, ttl)),
      delete: (key: never) => world.store.delete(key),
    }
    const good = msgpackCodec().withTypes
    const money: ValueType<Money> = {
      name: 'money',
      prototype: Money.prototype,
      copy: (value) => this.#through(['type.copy'], () => new Money(value.cents)) as Money,
      byteLength: () => this.#through(['type.byteLength'], () => 24) as number,
      encode: (value) => this.#through(['type.encode'], () => value.cents),
      decode: (cents) => this.#through(['type.decode'], () => new Money(cents as number)) as Money,
    }
    const codec = {
      name: 'chaos',
      withTypes: (types: never) => {
        const inner = good.call(msgpackCodec(), types)
        return {
          name: 'chaos',
          withTypes: () => codec,
          encode: (value: unknown) => this.#through(['codec.encode'], () => inner.encode(value)),
          decode: (bytes: Uint8Array) => this.#through(['codec.decode'], () => inner.decode(bytes)),
        }
      },
      encode: THROWS,
      decode: THROWS,
    }
    const options: CacheOptions = {
      onAuthorityDown: cell.onAuthorityDown,
      scope: () => this.#through(['scope'], () => 'tenant') as string,
      types: [money],
      ...(cell.remote && {
        store: store as never,
        namespace: 'chaos',
        codec: codec as never,
        memory: { maxEntries: 1 },
      }),
    }
    this.test = new TestCache({
      runtime,
      authority: this.authority,
      options,
      client: { start: () => this.#through(['start'], async () => 'shop') as Promise<string> },
    })
    for (const name of EVENTS) this.test.cache.on(name, () => this.#through(['listeners'], () => {}) as undefined)
  }

  #through(seams: readonly Seam[], act: () => unknown): unknown {
    return this.broken !== undefined && seams.includes(this.#seam as Seam) ? this.broken() : act()
  }

  tables(table: string): never {
    return this.#through(['tables'], () => ({ tables: [table] })) as never
  }

  verdict(code: string | undefined): never {
    return this.#through(['verdict'], () => ({ serverCode: code })) as never
  }
}

class World {
  readonly runtime = new ManualRuntime()
  readonly authority = new ProcessAuthority(this.runtime)
  readonly store = new MapStore(this.runtime.clock)
  readonly database = new Database()
  readonly cell: Cell
  readonly victim: Process
  readonly other: Process
  readonly #seam: Seam

  constructor(cell: Cell, seam: Seam) {
    this.cell = cell
    this.#seam = seam
    this.victim = new Process(this, seam)
    this.other = new Process(this, undefined)
  }

  /** A read that may wait for the cache for as long as the contract says, and must see the newest version. */
  async read(process: Process, table: string, readers = 1): Promise<void> {
    const expected = this.database.versions[table] as number
    const reads = Array.from({ length: readers }, () =>
      track(
        process.test.read({
          text: table,
          tables: () => process.tables(table),
          run: async () => this.database.read(table),
        }),
      ),
    )
    await this.#within(TIMEOUT, reads)
    for (const read of reads) {
      expect(read, `read of ${table}`).toMatchObject({ state: 'resolved' })
      if (!(await this.#mayBeOld(process, table))) expect(read.value.version, `version of ${table}`).toBe(expected)
      if (!this.#seam.startsWith('type.')) expect(read.value.price).toBeInstanceOf(Money)
    }
  }

  /** Between the two events of an owed write, other processes may be served older rows. */
  async #mayBeOld(process: Process, table: string): Promise<boolean> {
    if (process === this.victim) return false
    // An authority whose every answer is garbage says that it has marked what it has not.
    if (this.#seam === 'every call of the authority') return true
    const { tags } = (await this.#report()).owed
    return tags.includes(`table:${table}` as Tag)
  }

  async #report() {
    const health = track(this.victim.test.cache.health())
    await this.#within(TIMEOUT, [health])
    expect(health.state).toBe('resolved')
    return health.value as NonNullable<typeof health.value>
  }

  /** A write that may wait as long as the contract says, is sent once, and succeeds once it is. */
  async write(process: Process, ...tables: string[]): Promise<void> {
    await this.#checkedWrite((send) => {
      const sql = tables.map((table) => `update ${table} set version = version + 1`).join('; ')
      const put = { text: tables[0] as string, value: () => this.database.read(tables[0] as string) }
      return process.test.write(sql, { send, put, verdict: () => process.verdict(undefined) })
    }, tables)
  }

  async commit(process: Process, ...tables: string[]): Promise<void> {
    const { origin } = process.test
    const transaction = origin.transaction()
    const verdict = () => process.verdict(undefined)
    for (const table of tables) {
      const sql = `update ${table} set version = version + 1`
      await origin.execute({ sql, transaction, send: async () => 1, verdict })
    }
    await this.#checkedWrite((send) => origin.execute({ sql: 'COMMIT', transaction, send, verdict }), tables)
  }

  async #checkedWrite(start: (send: () => Promise<string>) => Promise<unknown>, tables: string[]): Promise<void> {
    let sent = 0
    const write = track(
      start(async () => {
        sent++
        return this.database.write(...tables)
      }),
    )
    await this.#within(2 * WRITE_TIMEOUT + TIMEOUT, [write])
    if (write.state === 'rejected' && write.error.code === 'AUTHORITY_UNAVAILABLE') {
      expect(this.cell.onAuthorityDown).toBe('reject-writes')
      expect(['unsettle', 'every call of the authority']).toContain(this.#seam)
      expect(sent).toBe(0)
      return
    }
    expect(write).toMatchObject({ state: 'resolved', value: 'written' })
    expect(sent).toBe(1)
  }

  /** A write that the database refuses, or about whose end it says nothing: its error arrives unchanged. */
  async writeInVain(process: Process, table: string, code: string | undefined): Promise<void> {
    const error = new Error('of the database')
    const write = track(
      process.test.write(`update ${table} set version = version + 1`, {
        send: () => Promise.reject(error),
        verdict: () => process.verdict(code),
      }),
    )
    await this.#within(2 * WRITE_TIMEOUT, [write])
    expect(write.state).toBe('rejected')
    if (write.error.code !== 'AUTHORITY_UNAVAILABLE') expect(write.error).toBe(error)
  }

  async invalidate(process: Process): Promise<void> {
    const invalidation = track(process.test.cache.invalidate({ tables: ['users'] }))
    await this.#within(WRITE_TIMEOUT, [invalidation])
    if (this.cell.onAuthorityDown === 'proceed') expect(invalidation.state).toBe('resolved')
    else expect(invalidation.state).not.toBe('pending')
  }

  async #within(limit: number, work: readonly { readonly state: string }[]): Promise<void> {
    await settled()
    if (work.some(({ state }) => state === 'pending')) await this.runtime.pass(limit)
  }

  async workload(): Promise<void> {
    const { victim, other } = this
    for (const table of ['users', 'orders']) {
      await this.read(victim, table)
      await this.read(victim, table, 3)
    }
    await this.write(victim, 'users')
    await this.read(other, 'users')
    await this.read(victim, 'users')
    await this.write(other, 'users')
    await this.read(victim, 'users', 3)
    await this.read(other, 'users')
    await this.commit(victim, 'users', 'orders')
    for (const table of ['orders', 'users']) {
      await this.read(other, table, 2)
      await this.read(victim, table)
    }
    await this.writeInVain(victim, 'users', '23505')
    await this.read(victim, 'users')
    await this.read(other, 'users')
    await this.invalidate(victim)
    await this.read(victim, 'users')
  }
}

const rejections: unknown[] = []
const note = (reason: unknown): void => void rejections.push(reason)

beforeEach(() => {
  rejections.length = 0
  process.on('unhandledRejection', note)
})

afterEach(() => {
  process.off('unhandledRejection', note)
})

/** How a seam is broken: one that may answer with a promise, in every way; one that may not, with a promise too. */
function behavioursOf(seam: Seam, remote: boolean): readonly Behaviour[] {
  if (remote && (isOfAuthority(seam) || seam.includes('store'))) return [...FAILURES, ...PROMISES]
  if (seam === 'start') return [...FAILURES, ...PROMISES]
  const all = [...FAILURES, ...ANSWERS, ...PROMISES.slice(0, 2)]
  // Core cannot tell a value from another one that the codec might have meant.
  const looksGood = /^answers (undefined|null|a number|a text|true|an empty|a list|bytes|states)/
  if (seam === 'codec.decode') return all.filter(([what]) => !looksGood.test(what))
  // Synchronous functions of adapters: a promise of theirs is a value like any other, and its rejection their own.
  return seam.startsWith('type.') ? all.filter(([what]) => what !== 'rejects') : all
}

function isOfAuthority(seam: Seam): boolean {
  return seam === 'every call of the authority' || AUTHORITY_STEPS.includes(seam as AuthorityStep)
}

describe.each(['proceed', 'reject-writes'] as const)('chaos, %s', (onAuthorityDown) => {
  describe.each([false, true])('with a shared store and authority: %s', (remote) => {
    const seams = SEAMS.filter(
      (seam) =>
        (remote || !/store|codec|type\.(en|de)code/.test(seam)) &&
        (onAuthorityDown === 'proceed' || isOfAuthority(seam)),
    )
    describe.each(seams)('%s', (seam) => {
      it.each(behavioursOf(seam, remote))('%s', async (_what, act) => {
        const world = new World({ remote, onAuthorityDown }, seam)
        const { victim, other, runtime } = world
        await victim.test.cache.ready()
        await other.test.cache.ready()
        for (const process of [victim, other]) for (const table of ['users', 'orders']) await world.read(process, table)

        victim.broken = act
        await world.workload()
        await runtime.pass(LEASE)
        await world.workload()
        await world.writeInVain(victim, 'orders', undefined)
        await world.read(victim, 'orders')
        await world.read(other, 'orders')

        victim.broken = undefined
        await world.read(victim, 'users')
        await runtime.pass(UNKNOWN_FOR + 2 * LEASE)
        await world.workload()
        const health = await victim.test.cache.health()
        expect(health).toMatchObject({ owed: { writes: 0 }, marks: 0, authority: { reachable: true } })
        for (const process of [victim, other]) {
          await world.read(process, 'users')
          const { hits } = process.test.cache.stats()
          await world.read(process, 'users')
          expect(process.test.cache.stats().hits).toBe(hits + 1)
        }
        await runtime.pass(LEASE)
        expect(runtime.pendingTimers).toBe(0)
        expect(rejections).toEqual([])
      })
    })
  })
})

describe('chaos of starting', () => {
  it.each([...FAILURES, ...PROMISES])(
    'a client whose database %s when it is asked first reads uncached, and correctly',
    async (_what, act) => {
      const world = new World({ remote: true, onAuthorityDown: 'proceed' }, 'start')
      world.victim.broken = act
      await world.workload()
      await world.runtime.pass(LEASE)
      await world.workload()
      expect(rejections).toEqual([])
    },
  )
})
