import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FaultyAuthority, hang } from '../../test/doubles/faulty-authority.ts'
import { ManualRuntime } from '../../test/doubles/manual-runtime.ts'
import { TestCache, track } from '../../test/doubles/test-cache.ts'
import type { Authority } from '../protocol/authority.ts'
import { REASONS, type Reason } from './reasons.ts'

/** Reasons that core cannot know: the adapters that give them. */
const OF_ADAPTERS: Partial<Record<Reason, string>> = {
  'array-transaction': 'prisma',
  'uncanonical-arguments': 'prisma',
}

function remote(): TestCache<FaultyAuthority> {
  const runtime = new ManualRuntime()
  return new TestCache({ runtime, authority: new FaultyAuthority(runtime) })
}

/** A read of a text as a raw query would do it. */
function readSql(test: TestCache, sql: string): Promise<unknown> {
  return test.read({ text: sql, tables: () => test.origin.tablesOf(sql) })
}

/** How each reason comes about; the read that is meant is the last one. */
const SCENARIOS: Partial<Record<Reason, () => Promise<TestCache<Authority>>>> = {
  async disabled() {
    const test = new TestCache({ options: { enabled: false } })
    await test.read()
    return test
  },
  async closed() {
    const test = new TestCache()
    await test.read()
    await test.cache.close()
    await test.read()
    return test
  },
  async 'off-for-call'() {
    const test = new TestCache()
    await test.read({ strategy: false })
    return test
  },
  async 'invalid-strategy'() {
    const test = new TestCache()
    await test.read({ strategy: { ttl: -1 } })
    return test
  },
  async 'in-transaction'() {
    const test = new TestCache()
    await test.read({ inTransaction: true })
    return test
  },
  async 'no-scope'() {
    const test = new TestCache({ options: { scope: () => undefined } })
    await test.read()
    return test
  },
  async 'unknown-tables'() {
    const test = new TestCache()
    await readSql(test, 'SHOW ALL')
    return test
  },
  async 'non-deterministic'() {
    const test = new TestCache()
    await readSql(test, 'SELECT random() FROM users')
    return test
  },
  async 'side-effect'() {
    const test = new TestCache()
    await readSql(test, `SELECT nextval('s')`)
    return test
  },
  async 'row-lock'() {
    const test = new TestCache()
    await readSql(test, 'SELECT * FROM users FOR UPDATE')
    return test
  },
  async 'session-state'() {
    const test = new TestCache()
    await readSql(test, 'SELECT current_user FROM users')
    return test
  },
  async 'temporary-table'() {
    const test = new TestCache()
    await readSql(test, 'SELECT * FROM pg_temp.users')
    return test
  },
  async 'unknown-function'() {
    const test = new TestCache()
    await readSql(test, 'SELECT price_of(id) FROM users')
    return test
  },
  async starting() {
    const test = new TestCache({ client: { start: hang } })
    await test.read()
    return test
  },
  async 'session-changed'() {
    const test = new TestCache()
    await test.write('SET ROLE admin')
    await test.read()
    return test
  },
  async 'origin-off'() {
    const test = new TestCache()
    test.origin.turnOff('test', 'Caching is off in this test.')
    await test.read()
    return test
  },
  async 'write-in-flight'() {
    const test = new TestCache()
    void test.write(undefined, { send: hang })
    await test.read()
    return test
  },
  async owed() {
    const test = remote()
    test.authority.behaviours.set('settle', () => Promise.reject(new Error('down')))
    await test.write()
    await test.read()
    return test
  },
  async 'authority-fault'() {
    const test = remote()
    test.authority.behaviours.set('lookup', () => Promise.reject(new Error('down')))
    await test.read()
    return test
  },
  async 'authority-timeout'() {
    const test = remote()
    test.authority.behaviours.set('lookup', hang)
    const read = track(test.read())
    await test.runtime.pass(50)
    await read.promise
    return test
  },
  async 'no-stamp'() {
    const test = remote()
    test.authority.behaviours.set('create', async () => ({ epoch: 'e', stamps: [undefined, undefined], marked: false }))
    await test.read()
    return test
  },
  async 'uncopyable-value'() {
    const test = new TestCache()
    await test.read({ run: async () => ({ method: () => 1 }) })
    return test
  },
  async 'too-large'() {
    const test = new TestCache({ options: { maxEntryBytes: '1kb' } })
    await test.read({ run: async () => 'x'.repeat(2_000) })
    return test
  },
}

const UNSTORED: readonly Reason[] = ['uncopyable-value', 'too-large']

describe('reason codes', () => {
  it.each(Object.keys(SCENARIOS) as Reason[])('%s is given, counted and told', async (reason) => {
    const scenario = SCENARIOS[reason] as () => Promise<TestCache>
    const test = await scenario()
    const stats = test.cache.stats()
    if (UNSTORED.includes(reason)) {
      expect(stats).toMatchObject({ misses: 1, bypasses: 0, unstored: { [reason]: 1 }, memory: { entries: 0 } })
      expect(test.take('unstored')).toEqual([expect.objectContaining({ adapter: 'test', reason })])
    } else {
      expect(stats).toMatchObject({ hits: 0, bypasses: 1, bypassReasons: { [reason]: 1 }, memory: { entries: 0 } })
      // close() ends the events too.
      const told = reason === 'closed' ? [] : [expect.objectContaining({ adapter: 'test', reason })]
      expect(test.take('bypass')).toEqual(told)
    }
    expect(test.queries + Number(UNSTORED.includes(reason))).toBeGreaterThan(0)
  })

  it('are all given by core, but for those of adapters', () => {
    const known = [...Object.keys(SCENARIOS), ...Object.keys(OF_ADAPTERS)]
    expect(known.toSorted()).toEqual(Object.keys(REASONS).toSorted())
  })

  it.each(Object.entries(OF_ADAPTERS))('%s is given by the adapter %s', (reason, adapter) => {
    const folder = new URL(`../../../${adapter}/src/`, import.meta.url)
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
    const sources = files
      .filter((file) => !file.endsWith('.test.ts'))
      .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    expect(sources.some((source) => source.includes(`'${reason}'`))).toBe(true)
  })

  it('have a table in the guide that says the same', () => {
    const guide = readFileSync(new URL('../../../../docs/guides/reasons.md', import.meta.url), 'utf8')
    const rows = [...guide.matchAll(/^\| `([a-z-]+)` \| (.+?) \|/gm)].map(([, code, meaning]) => [code, meaning])
    expect(rows).toEqual(Object.entries(REASONS))
  })
})
