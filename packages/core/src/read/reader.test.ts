import { describe, expect, it } from 'vitest'
import { TestCache } from '../../test/doubles/test-cache.ts'

const MINUTE = 60_000

describe('a read', () => {
  it('misses, is stored, and hits from then on', async () => {
    const test = new TestCache()
    expect(await test.read()).toEqual({ query: 1 })
    expect(await test.read()).toEqual({ query: 1 })
    expect(test.takeOutcomes()).toEqual(['miss', 'hit memory'])
  })

  it('that hits is answered at once, without a promise', async () => {
    const test = new TestCache()
    await test.read()
    const request = { text: 'select from users', tables: () => ({ tables: ['users'] }), run: async () => 'query' }
    expect(test.origin.read(request)).toEqual({ query: 1 })
  })

  it('asks for its tables on a miss only', async () => {
    const test = new TestCache()
    let asked = 0
    const tables = () => {
      asked++
      return { tables: ['users'] }
    }
    await test.read({ tables })
    await test.read({ tables })
    expect(asked).toBe(1)
  })

  it('misses again after a write to one of its tables, whatever the case of the name', async () => {
    const test = new TestCache()
    const read = () => test.read({ tables: () => ({ tables: ['Users', 'orders'] }) })
    await read()
    await test.write('update users set x = 1')
    await read()
    await test.write('insert into "ORDERS" values (1)')
    await read()
    await test.write('update products set x = 1')
    await read()
    expect(test.takeOutcomes()).toEqual(['miss', 'miss', 'miss', 'hit memory'])
  })

  it('of no table is cached until everything is invalidated', async () => {
    const test = new TestCache()
    const read = () => test.read({ tables: () => ({ tables: [] }) })
    await read()
    await test.write()
    await read()
    await test.cache.invalidate({ all: true })
    await read()
    expect(test.takeOutcomes()).toEqual(['miss', 'hit memory', 'miss'])
  })

  it.each([undefined, null, 'users', { tables: 'users' }, { tables: [5] }, { tables: { 0: 'users', length: 1 } }, 5])(
    'whose tables() answers %j is not cached',
    async (answer) => {
      const test = new TestCache()
      await test.read({ tables: () => answer as never })
      await test.read({ tables: () => answer as never })
      expect(test.takeOutcomes()).toEqual(['bypass unknown-tables', 'bypass unknown-tables'])
    },
  )
})

describe('the time to live', () => {
  it('of the cache ends an entry', async () => {
    const test = new TestCache({ options: { ttl: '1m' } })
    await test.read()
    await test.runtime.pass(MINUTE - 1)
    await test.read()
    await test.runtime.pass(1)
    await test.read()
    expect(test.takeOutcomes()).toEqual(['miss', 'hit memory', 'miss'])
  })

  it.each<[what: string, ttls: { cache: string; client?: number; call?: number | string }, effective: number]>([
    ['the cache without others', { cache: '10s' }, 10_000],
    ['the client over the cache', { cache: '10s', client: 20_000 }, 20_000],
    ['the call over the client', { cache: '10s', client: 20_000, call: 30 }, 30_000],
    ['the call over the cache, though shorter', { cache: '10s', call: '5s' }, 5_000],
  ])('is that of %s', async (_what, { cache, client, call }, effective) => {
    const test = new TestCache({ options: { ttl: cache as '1s' } })
    const read = () =>
      test.read({ defaults: { ttl: client }, strategy: call === undefined ? undefined : { ttl: call as number } })
    await read()
    await test.runtime.pass(effective - 1)
    await read()
    await test.runtime.pass(1)
    await read()
    expect(test.takeOutcomes()).toEqual(['miss', 'hit memory', 'miss'])
  })

  it('of a call holds for what others stored for longer', async () => {
    const test = new TestCache({ options: { ttl: '1h' } })
    await test.read()
    await test.runtime.pass(MINUTE)
    await test.read({ strategy: { ttl: 61 } })
    await test.read({ strategy: { ttl: 60 } })
    expect(test.takeOutcomes()).toEqual(['miss', 'hit memory', 'miss'])
  })

  it('counts from before the query was sent', async () => {
    const test = new TestCache({ options: { ttl: '1m' } })
    const run = async () => {
      await test.runtime.pass(MINUTE)
      return 'slow'
    }
    await test.read({ run })
    await test.read({ run })
    expect(test.takeOutcomes()).toEqual(['miss', 'miss'])
  })

  it.each<[what: string, options: object, request: object]>([
    ['of the cache', { ttl: 0 }, {}],
    ['of the client', {}, { defaults: { ttl: 0 } }],
    ['of the call', {}, { strategy: { ttl: 0 } }],
    ['of the call, with a unit,', {}, { strategy: { ttl: '0s' } }],
  ])('%s of 0 neither reads nor stores', async (_what, options, request) => {
    const test = new TestCache({ options })
    await test.read(request)
    await test.read(request)
    expect(test.takeOutcomes()).toEqual(['bypass off-for-call', 'bypass off-for-call'])
    expect(test.cache.stats().memory.entries).toBe(0)
  })

  it('of a call may be more than the 0 of the cache', async () => {
    const test = new TestCache({ options: { ttl: 0 } })
    await test.read({ strategy: { ttl: 5 } })
    await test.read({ strategy: { ttl: 5 } })
    expect(test.takeOutcomes()).toEqual(['miss', 'hit memory'])
  })

  it.each([
    [0, 60_000],
    [0.1, 57_000],
    [1, 30_000],
  ])('with jitter %d ends a minute after %d ms when the die shows a half', async (jitter, end) => {
    const test = new TestCache({ options: { ttl: '1m', jitter } })
    await test.read()
    await test.runtime.pass(end - 1)
    await test.read()
    await test.runtime.pass(1)
    await test.read()
    expect(test.takeOutcomes()).toEqual(['miss', 'hit memory', 'miss'])
  })

  it('with jitter is never longer than what was asked for', async () => {
    const test = new TestCache({ options: { ttl: '1m', jitter: 1 } })
    for (const fraction of [0, 0.25, 0.999999]) {
      test.runtime.random.fraction = () => fraction
      const text = `select ${fraction}`
      await test.read({ text })
      await test.runtime.pass(MINUTE * (1 - fraction))
      await test.read({ text })
    }
    expect(test.takeOutcomes()).toEqual(Array(6).fill('miss'))
  })

  it('H56 ends although the monotonic clock stood still in suspend', async () => {
    const test = new TestCache({ options: { ttl: '1m' } })
    await test.read()
    test.runtime.wall += MINUTE
    await test.read()
    expect(test.takeOutcomes()).toEqual(['miss', 'miss'])
  })

  it('H56 ends although the wall clock was set back, and not before', async () => {
    const test = new TestCache({ options: { ttl: '1m' } })
    await test.read()
    test.runtime.wall -= 1_000 * MINUTE
    await test.read()
    await test.runtime.pass(MINUTE)
    await test.read()
    expect(test.takeOutcomes()).toEqual(['miss', 'hit memory', 'miss'])
  })
})

describe('the scope', () => {
  const asking = (scope: () => unknown) => ({ defaults: { scope: scope as () => string } })

  it('H33 keeps two tenants apart, and both from those without one', async () => {
    const test = new TestCache()
    const scopes = ['a', 'b', '', 'null', null]
    for (const scope of scopes) expect(await test.read(asking(() => scope))).toEqual({ query: test.queries })
    expect(await test.read()).toEqual({ query: 5 })
    for (const [i, scope] of scopes.entries()) expect(await test.read(asking(() => scope))).toEqual({ query: i + 1 })
    expect(test.queries).toBe(5)
  })

  it('H33 is asked for each read', async () => {
    let tenant = 'a'
    const test = new TestCache({ options: { scope: () => tenant } })
    await test.read()
    tenant = 'b'
    await test.read()
    tenant = 'a'
    await test.read()
    expect(test.takeOutcomes()).toEqual(['miss', 'miss', 'hit memory'])
  })

  it('of the client goes before that of the cache', async () => {
    const test = new TestCache({ options: { scope: () => undefined } })
    await test.read(asking(() => 'a'))
    expect(test.takeOutcomes()).toEqual(['miss'])
  })

  it('H33 of one tenant is never joined by another while both queries run', async () => {
    const test = new TestCache()
    const tenants = ['a', 'b', null].map((tenant) => test.read({ ...asking(() => tenant), run: async () => tenant }))
    expect(await Promise.all(tenants)).toEqual(['a', 'b', null])
  })

  it('H30 that looks like part of a text is not taken for one', async () => {
    const test = new TestCache()
    const parts = ['', '1', '1:', '1:a', 'a', 'aa', '/', '/a', '2:aa', ':', '0:', '0 ', '0 /', '0 1:a', 'a1:']
    const reads = parts.flatMap((text) => [null, ...parts].map((scope) => ({ scope, text })))
    for (const { scope, text } of reads) {
      await test.read({ text, ...asking(() => scope), run: async () => ({ scope, text }) })
    }
    for (const { scope, text } of reads) {
      expect(await test.read({ text, ...asking(() => scope), run: async () => 'missed' })).toEqual({ scope, text })
    }
  })

  it('that invalidates, invalidates for all: tags carry no scope', async () => {
    const test = new TestCache()
    await test.read(asking(() => 'a'))
    await test.read(asking(() => 'b'))
    await test.write()
    await test.read(asking(() => 'a'))
    await test.read(asking(() => 'b'))
    expect(test.takeOutcomes()).toEqual(['miss', 'miss', 'miss', 'miss'])
  })

  it.each<[what: string, scope: () => unknown, faults: number]>([
    ['undefined', () => undefined, 0],
    ['a number', () => 5, 0],
    ['an object', () => ({ tenant: 'a' }), 0],
    ['a String object', () => Object('a'), 0],
    ['a promise', async () => 'a', 0],
    ['a promise that rejects', () => Promise.reject(new Error('no tenant')), 0],
    [
      'nothing, for it throws',
      () => {
        throw new Error('no tenant')
      },
      1,
    ],
  ])('that is %s does not use the cache', async (_what, scope, faults) => {
    const test = new TestCache()
    await test.read(asking(scope))
    await test.read(asking(scope))
    expect(test.take('fault').map(({ step }) => step)).toEqual(Array(2 * faults).fill('scope'))
    expect(test.takeOutcomes()).toEqual(['bypass no-scope', 'bypass no-scope'])
    expect(test.cache.stats().memory.entries).toBe(0)
  })
})

describe('invalidate()', () => {
  it.each<[what: string, target: object, hit: boolean]>([
    ['tables', { tables: ['users'] }, false],
    ['tables with a schema', { tables: ['public.users'] }, false],
    ['tables in another case', { tables: ['USERS'] }, false],
    ['tables with a schema in another case', { tables: ['Public.Users'] }, false],
    ['other tables', { tables: ['orders', 'users.orders'] }, true],
    ['tags', { tags: ['home'] }, false],
    ['other tags', { tags: ['Home', 'users', 'table:users'] }, true],
    ['everything', { all: true }, false],
    ['nothing', { tables: [] }, true],
  ])('of %s', async (_what, target, hit) => {
    const test = new TestCache()
    const read = () => test.read({ strategy: { tags: ['home', 'nav'] } })
    await read()
    await test.cache.invalidate(target)
    await read()
    expect(test.takeOutcomes()).toEqual(['miss', hit ? 'hit memory' : 'miss'])
  })

  it('rejects a target that it does not know', async () => {
    const test = new TestCache()
    await expect(test.cache.invalidate({} as never)).rejects.toMatchObject({ code: 'INVALID_TARGET' })
  })
})

describe('extra tags', () => {
  it('are asked for beside the tables', async () => {
    const test = new TestCache()
    const read = () => test.read({ strategy: { tags: ['home'] } })
    await read()
    await test.write()
    await read()
    expect(test.takeOutcomes()).toEqual(['miss', 'miss'])
  })

  it('of a call miss what calls without them stored, since its invalidation would not be seen', async () => {
    const test = new TestCache()
    await test.read()
    await test.cache.invalidate({ tags: ['home'] })
    await test.read({ strategy: { tags: ['home'] } })
    await test.read({ strategy: { tags: ['home'] } })
    await test.read()
    expect(test.takeOutcomes()).toEqual(['miss', 'miss', 'hit memory', 'hit memory'])
  })

  it('are no part of the identity: without them the same entry is read', async () => {
    const test = new TestCache()
    await test.read({ strategy: { tags: ['home'] } })
    await test.read()
    await test.cache.invalidate({ tags: ['home'] })
    await test.read()
    expect(test.takeOutcomes()).toEqual(['miss', 'hit memory', 'miss'])
  })
})

describe('results', () => {
  it('H41 are copies: what a caller changes, no other sees', async () => {
    const test = new TestCache()
    const run = async () => ({ rows: [{ name: 'Ann', tags: ['x'], born: new Date(0), bytes: Uint8Array.of(1) }] })
    const original = await run()
    for (let i = 0; i < 3; i++) {
      const result = await test.read({ run })
      expect(result).toEqual(original)
      const [row] = result.rows
      row.name = 'changed'
      row.tags.push('changed')
      row.born.setTime(1)
      row.bytes[0] = 9
      result.rows.push('changed')
    }
    expect(test.takeOutcomes()).toEqual(['miss', 'hit memory', 'hit memory'])
  })

  it('H41 may be frozen by a caller', async () => {
    const test = new TestCache()
    Object.freeze(await test.read())
    const hit = await test.read()
    hit.query = 'changed'
    expect(hit.query).toBe('changed')
  })

  it('H46 of a query that throws are not stored', async () => {
    const test = new TestCache()
    const error = new Error('syntax error')
    await expect(test.read({ run: () => Promise.reject(error) })).rejects.toBe(error)
    await expect(
      test.read({
        run: () => {
          throw error
        },
      }),
    ).rejects.toBe(error)
    expect(test.cache.stats()).toMatchObject({ fills: 0, memory: { entries: 0 } })
    expect(await test.read()).toEqual({ query: 1 })
  })

  it.each([null, undefined, [], 0, '', false])('H46 may be %j, until a row is inserted', async (empty) => {
    const test = new TestCache()
    let row: unknown = empty
    const run = async () => row
    expect(await test.read({ run })).toEqual(empty)
    expect(await test.read({ run })).toEqual(empty)
    row = { id: 1 }
    await test.write('insert into users values (1)')
    expect(await test.read({ run })).toEqual({ id: 1 })
    expect(test.takeOutcomes()).toEqual(['miss', 'hit memory', 'miss'])
  })

  it('H53 larger than maxEntryBytes are given but not stored', async () => {
    const test = new TestCache({ options: { maxEntryBytes: '4kb' } })
    const big = { text: 'x'.repeat(5_000) }
    expect(await test.read({ run: async () => big })).toBe(big)
    expect(test.take('unstored')).toEqual([expect.objectContaining({ reason: 'too-large' })])
    expect(await test.read({ run: async () => ({ text: 'x'.repeat(3_000) }) })).toEqual({ text: 'x'.repeat(3_000) })
    expect(test.cache.stats()).toMatchObject({ fills: 1, unstored: { 'too-large': 1 } })
  })

  it('H53 larger than maxEntryBytes are shared by readers that came together, and not stored', async () => {
    const test = new TestCache({ options: { maxEntryBytes: '4kb' } })
    let runs = 0
    const run = async () => {
      runs++
      return { text: 'x'.repeat(5_000) }
    }
    const results = await Promise.all([test.read({ run }), test.read({ run }), test.read({ run })])
    expect(runs).toBe(1)
    expect(new Set(results).size).toBe(3)
    expect(test.cache.stats()).toMatchObject({ fills: 0, unstored: { 'too-large': 1 }, memory: { entries: 0 } })
  })

  it.each<[what: string, value: () => unknown]>([
    ['a function', () => ({ f: () => 1 })],
    ['a class that nobody registered', () => [new Map()]],
    ['a cycle', cycle],
    ['a promise', () => ({ later: Promise.resolve() })],
    ['a getter', () => Object.defineProperty({}, 'x', { get: () => 1, enumerable: true })],
  ])('H40 with %s are given as they are, and not stored', async (_what, value) => {
    const test = new TestCache()
    const result = value()
    expect(await test.read({ run: async () => result })).toBe(result)
    expect(test.take('unstored')).toEqual([
      expect.objectContaining({ reason: 'uncopyable-value', detail: expect.any(String) }),
    ])
    expect(test.cache.stats()).toMatchObject({ fills: 0, unstored: { 'uncopyable-value': 1 }, memory: { entries: 0 } })
  })

  it('H40 that cannot be copied are queried by each reader that had joined', async () => {
    const test = new TestCache()
    const run = async () => ({ query: ++test.queries, f: () => 1 })
    const results = await Promise.all([test.read({ run }), test.read({ run }), test.read({ run })])
    expect(results.map(({ query }) => query)).toEqual([1, 2, 3])
  })
})

describe('identity', () => {
  it('H32 differs between databases and adapters, not between clients of one database', async () => {
    const test = new TestCache()
    const others = [{}, { database: 'other' }, { adapter: 'drizzle' }, { dialect: 'mysql' as const }]
    await test.read()
    const outcomes = []
    for (const client of others) {
      await test.newOrigin(client).read({
        text: 'select from users',
        tables: () => ({ tables: ['users'] }),
        run: async () => 'query',
      })
      outcomes.push(...test.takeOutcomes())
    }
    expect(outcomes.slice(1)).toEqual(['hit memory', 'miss', 'miss', 'hit memory'])
  })

  it('H32 of a client that does not say which database it has is like no other', async () => {
    const test = new TestCache()
    for (let i = 0; i < 2; i++) {
      await test.newOrigin({ database: undefined }).read({
        text: 'select from users',
        tables: () => ({ tables: ['users'] }),
        run: async () => 'query',
      })
    }
    expect(test.takeOutcomes()).toEqual(['miss', 'miss'])
  })
})

function cycle(): unknown {
  const value: { self?: unknown } = {}
  value.self = value
  return value
}
