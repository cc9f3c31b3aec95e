// Attacks on the protocol with an authority that answers later, as a server does, and with several caches on one.

import { Cache } from '@larder/core'
import { describe, expect, it } from 'vitest'
import { resolveOptions } from '../../packages/core/src/cache/options.ts'
import { FaultyAuthority } from '../../packages/core/test/doubles/faulty-authority.ts'
import { ManualRuntime, settled } from '../../packages/core/test/doubles/manual-runtime.ts'
import { signal } from '../contract/signal.ts'

function subject() {
  const runtime = new ManualRuntime()
  const authority = new FaultyAuthority(runtime)
  const open = () => {
    const cache = new Cache(resolveOptions({ jitter: 0, ttl: '1d' }), { runtime, authority })
    return { cache, origin: cache.origin({ adapter: 'test', dialect: 'postgres', database: 'shop' }) }
  }
  /** The one row of a database. */
  const database = { value: 'old' }
  const read = async (origin: ReturnType<typeof open>['origin']) =>
    await origin.read({
      text: 'select',
      tables: () => ({ tables: ['users'] }),
      run: async () => database.value,
    })
  return { runtime, authority, open, database, read }
}

const verdict = () => undefined

describe('a remote authority', () => {
  it('H06 a statement that is sent while the COMMIT waits for its mark is invalidated with it', async () => {
    const { authority, open, database, read } = subject()
    const { origin } = open()
    expect(await read(origin)).toBe('old')
    const transaction = origin.transaction()
    const sql = (table: string) => `update ${table} set name = 'new'`
    await origin.execute({ sql: sql('orders'), transaction, send: async () => 1, verdict })
    const mark = signal()
    authority.behaviours.set('unsettle', (call) => mark.given.then(call))
    let written = 'old'
    const commit = origin.execute({
      sql: 'COMMIT',
      transaction,
      send: async () => {
        database.value = written
      },
      verdict,
    })
    // Nobody awaits it; it reaches the connection before the COMMIT does.
    await origin.execute({
      sql: sql('users'),
      transaction,
      send: async () => {
        written = 'new'
      },
      verdict,
    })
    mark.give()
    await commit
    expect(database.value).toBe('new')
    expect(await read(origin)).toBe('new')
  })

  it('H06 a statement that is queued behind the COMMIT commits by itself and is invalidated', async () => {
    const { open, database, read } = subject()
    const { origin } = open()
    const transaction = origin.transaction()
    await origin.execute({ sql: "update orders set name = 'new'", transaction, send: async () => 1, verdict })
    const committing = signal()
    const executing = signal()
    const commit = origin.execute({ sql: 'COMMIT', transaction, send: () => committing.given, verdict })
    const update = origin.execute({
      sql: "update users set name = 'new'",
      transaction,
      send: async () => {
        await executing.given
        database.value = 'new'
      },
      verdict,
    })
    await settled()
    committing.give()
    await commit
    // The COMMIT has been answered, the statement behind it not yet.
    expect(await read(origin)).toBe('old')
    executing.give()
    await update
    expect(await read(origin)).toBe('new')
  })

  it('H06 a statement after a COMMIT or ROLLBACK by means of the driver commits by itself and is invalidated', async () => {
    for (const end of ['commit', 'rollback'] as const) {
      const { open, database, read } = subject()
      const { origin } = open()
      const transaction = origin.transaction()
      await origin.execute({ sql: "update users set name = 'x'", transaction, send: async () => 1, verdict })
      if (end === 'commit') await origin.commit(transaction, async () => {}, verdict)
      else await origin.rollback(transaction, async () => {})
      expect(await read(origin)).toBe('old')
      await origin.execute({
        sql: "update users set name = 'new'",
        transaction,
        send: async () => {
          database.value = 'new'
        },
        verdict,
      })
      expect(await read(origin), end).toBe('new')
    }
  })

  it('H15 a cache that is closed does not let go of a write whose outcome is unknown', async () => {
    const { runtime, open, database, read } = subject()
    const writer = open()
    const reader = open()
    expect(await read(reader.origin)).toBe('old')
    const writing = writer.origin.execute({
      sql: "update users set name = 'new'",
      send: () => Promise.reject(new Error('the socket is closed')),
      verdict,
    })
    await expect(writing).rejects.toThrow('socket')
    await writer.cache.close()
    await runtime.pass(40_000)
    // The process lives, the lease is over: an entry filled now would be stale once the statement commits.
    await read(reader.origin)
    database.value = 'new'
    expect(await read(reader.origin)).toBe('new')
  })

  it('H13 a cache that is closed still delivers what it owes to the authority that others use', async () => {
    const { runtime, authority, open, database, read } = subject()
    const writer = open()
    const reader = open()
    expect(await read(reader.origin)).toBe('old')
    authority.all(() => Promise.reject(new Error('down')))
    await writer.origin.execute({
      sql: "update users set name = 'new'",
      send: async () => {
        database.value = 'new'
      },
      verdict,
    })
    await writer.cache.close()
    authority.recover()
    await runtime.pass(60_000)
    expect(await read(reader.origin)).toBe('new')
  })

  it('H02 a read that begins after a write was owed and delivered does not join one from before it', async () => {
    const { runtime, authority, open, database, read } = subject()
    const { origin } = open()
    await read(origin)
    await origin.execute({ sql: 'delete from users', send: async () => 1, verdict })
    const slow = signal()
    const early = origin.read({
      text: 'select',
      tables: () => ({ tables: ['users'] }),
      run: async () => {
        const value = database.value
        await slow.given
        return value
      },
    })
    await settled()
    authority.behaviours.set('unsettle', () => Promise.reject(new Error('down')))
    authority.behaviours.set('settle', () => Promise.reject(new Error('down')))
    await origin.execute({
      sql: "update users set name = 'new'",
      send: async () => {
        database.value = 'new'
      },
      verdict,
    })
    expect(await read(origin)).toBe('new')
    authority.recover()
    await runtime.pass(10_000)
    expect(await read(origin)).toBe('new')
    slow.give()
    expect(await early).toBe('old')
    expect(await read(origin)).toBe('new')
  })
})
