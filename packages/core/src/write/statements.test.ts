import { describe, expect, it } from 'vitest'
import { FaultyAuthority } from '../../test/doubles/faulty-authority.ts'
import { ManualRuntime, settled } from '../../test/doubles/manual-runtime.ts'
import { deferred, TestCache } from '../../test/doubles/test-cache.ts'
import type { Dialect } from '../sql/statement-tables.ts'
import type { Transaction } from './transaction.ts'

const DIALECTS: readonly Dialect[] = ['postgres', 'mysql', 'sqlite']

/** A client of one dialect, and the tables whose entries are still served. */
class Client extends TestCache<FaultyAuthority> {
  constructor(dialect: Dialect, options = {}) {
    const runtime = new ManualRuntime()
    super({ runtime, authority: new FaultyAuthority(runtime, { remote: false }), client: { dialect }, options })
  }

  /** Runs a statement in a transaction. */
  inside(transaction: Transaction, sql: string, statement = {}): Promise<unknown> {
    return this.write(sql, { transaction, ...statement })
  }

  /** Caches a table's rows, through another client, which nothing switches off. */
  async cacheTables(...tables: string[]): Promise<void> {
    for (const table of tables) await this.#read(table)
  }

  /** Whether the cached rows of a table are still served. */
  async serves(table: string): Promise<boolean> {
    const { value } = await this.#read(table)
    return value === 'cached'
  }

  async #read(table: string): Promise<{ value: unknown }> {
    const before = this.cache.stats().hits
    await this.#reader.read({ text: table, tables: () => ({ tables: [table] }), run: async () => table })
    return { value: this.cache.stats().hits > before ? 'cached' : 'queried' }
  }

  readonly #reader = this.newOrigin()

  get state(): string {
    return this.origin.health.state
  }
}

const failing = (code: string) => ({
  send: () => Promise.reject(new Error(code)),
  verdict: () => ({ serverCode: code }),
})

describe.each(DIALECTS)('%s: a transaction', (dialect) => {
  it('H06 marks nothing before COMMIT, and then all that it wrote', async () => {
    const client = new Client(dialect)
    await client.cacheTables('users', 'orders', 'products')
    const transaction = client.origin.transaction()
    await client.inside(transaction, 'update users set x = 1')
    await client.inside(transaction, 'insert into orders values (1)')
    expect(client.authority.calls.some(({ step }) => step === 'unsettle')).toBe(false)
    expect([await client.serves('users'), await client.serves('orders')]).toEqual([true, true])
    const sent: boolean[] = []
    await client.inside(transaction, 'COMMIT', {
      send: async () => void sent.push(client.authority.inner.lookup(['table:users', 'table:orders'] as never).marked),
    })
    expect(sent).toEqual([true])
    expect([await client.serves('users'), await client.serves('orders')]).toEqual([false, false])
    expect(await client.serves('products')).toBe(true)
  })

  it('commits by means of the driver as it does by a text', async () => {
    const client = new Client(dialect)
    await client.cacheTables('users')
    const transaction = client.origin.transaction()
    await client.inside(transaction, 'update users set x = 1')
    await client.origin.commit(
      transaction,
      async () => 'committed',
      () => undefined,
    )
    expect(await client.serves('users')).toBe(false)
  })

  it('that wrote nothing asks nothing of the authority', async () => {
    const client = new Client(dialect)
    const transaction = client.origin.transaction()
    await client.inside(transaction, 'select * from users')
    await client.inside(transaction, 'COMMIT')
    expect(client.authority.calls).toEqual([])
  })

  it('H05 that is rolled back invalidates nothing that the database has undone', async () => {
    const client = new Client(dialect)
    await client.cacheTables('users')
    const transaction = client.origin.transaction()
    await client.inside(transaction, 'update users set x = 1')
    await client.inside(transaction, 'ROLLBACK')
    // MySQL's non-transactional tables keep what was written.
    expect(await client.serves('users')).toBe(dialect !== 'mysql')
  })

  it('H08 keeps the tables of a savepoint that was rolled back, or released', async () => {
    const client = new Client(dialect)
    await client.cacheTables('users', 'orders', 'products')
    const transaction = client.origin.transaction()
    for (const sql of [
      'SAVEPOINT a',
      'update users set x = 1',
      'ROLLBACK TO SAVEPOINT a',
      'SAVEPOINT b',
      'update orders set x = 1',
      'RELEASE SAVEPOINT b',
    ]) {
      await client.inside(transaction, sql)
    }
    expect(client.authority.calls.some(({ step }) => step !== 'lookup' && step !== 'create')).toBe(false)
    await client.inside(transaction, 'COMMIT')
    expect(await client.serves('users')).toBe(false)
    expect(await client.serves('orders')).toBe(false)
    expect(await client.serves('products')).toBe(true)
  })

  it('invalidates at COMMIT what was touched, and nothing when it is rolled back', async () => {
    const client = new Client(dialect)
    await client.cacheTables('users', 'orders')
    const transaction = client.origin.transaction()
    transaction.touch(['table:users' as never])
    expect(await client.serves('users')).toBe(true)
    await client.inside(transaction, 'COMMIT')
    expect([await client.serves('users'), await client.serves('orders')]).toEqual([false, true])
  })

  it('H15 that fails at COMMIT is settled or cancelled as the server says, and may be committed again', async () => {
    const client = new Client(dialect)
    await client.cacheTables('users')
    const transaction = client.origin.transaction()
    await client.inside(transaction, 'update users set x = 1')
    await expect(
      client.inside(transaction, 'COMMIT', failing(dialect === 'postgres' ? '40001' : '1205')),
    ).rejects.toThrow()
    await client.cacheTables('users')
    // SQLite keeps the transaction open when it was busy; a driver may repeat what was never sent.
    await client.inside(transaction, 'COMMIT')
    expect(await client.serves('users')).toBe(false)
  })

  it('H13 that may not commit now may commit later', async () => {
    const client = new Client(dialect, { onAuthorityDown: 'reject-writes' })
    await client.cacheTables('users')
    const transaction = client.origin.transaction()
    await client.inside(transaction, 'update users set x = 1')
    client.authority.behaviours.set('unsettle', () => Promise.reject(new Error('down')))
    await expect(client.inside(transaction, 'COMMIT')).rejects.toMatchObject({ code: 'AUTHORITY_UNAVAILABLE' })
    client.authority.recover()
    await settled()
    await client.cacheTables('users')
    await client.inside(transaction, 'COMMIT')
    expect(await client.serves('users')).toBe(false)
  })

  it('H07 has no part in what the outer client writes meanwhile: that is settled at once, and stays so', async () => {
    const client = new Client(dialect)
    await client.cacheTables('users', 'orders')
    const transaction = client.origin.transaction()
    await client.inside(transaction, 'update users set x = 1')
    await client.write('update orders set x = 1')
    expect(await client.serves('orders')).toBe(false)
    await client.inside(transaction, 'ROLLBACK')
    expect(await client.serves('orders')).toBe(true)
  })

  it('H15 whose COMMIT is lost stays marked', async () => {
    const client = new Client(dialect)
    await client.cacheTables('users')
    const transaction = client.origin.transaction()
    await client.inside(transaction, 'update users set x = 1')
    const lost = { send: () => Promise.reject(new Error('socket closed')), verdict: () => undefined }
    await expect(client.inside(transaction, 'COMMIT', lost)).rejects.toThrow('socket closed')
    await client.serves('users')
    expect(client.takeOutcomes().at(-1)).toBe('bypass write-in-flight')
  })

  it('H38 that is prepared in two phases invalidates everything, and so does what finishes it elsewhere', async () => {
    const client = new Client(dialect)
    const [prepare, finish] =
      dialect === 'mysql' ? [`XA PREPARE 'x'`, `XA COMMIT 'x'`] : [`PREPARE TRANSACTION 'x'`, `COMMIT PREPARED 'x'`]
    await client.cacheTables('users')
    const transaction = client.origin.transaction()
    await client.inside(transaction, 'update users set x = 1')
    await client.inside(transaction, prepare)
    expect(await client.serves('users')).toBe(false)
    expect(await client.serves('users')).toBe(true)
    await client.write(finish)
    expect(await client.serves('users')).toBe(false)
  })

  it('H08 that is committed by a text among others invalidates everything', async () => {
    const client = new Client(dialect)
    await client.cacheTables('users', 'orders')
    const transaction = client.origin.transaction()
    await client.inside(transaction, 'update users set x = 1')
    await client.inside(transaction, 'COMMIT; select 1')
    expect(await client.serves('users')).toBe(false)
    // What is written from here on is no longer in a transaction.
    await client.inside(transaction, 'update orders set x = 1')
    expect(await client.serves('orders')).toBe(false)
  })

  it('H08 that is chained to the next one commits, and the next one is watched', async () => {
    const client = new Client(dialect)
    await client.cacheTables('users', 'orders')
    const transaction = client.origin.transaction()
    await client.inside(transaction, 'update users set x = 1')
    await client.inside(transaction, 'COMMIT AND CHAIN')
    expect(await client.serves('users')).toBe(false)
    await client.cacheTables('orders')
    await client.inside(transaction, 'update orders set x = 1')
    await client.cacheTables('orders')
    await client.inside(transaction, 'COMMIT')
    expect(await client.serves('orders')).toBe(false)
  })
})

describe.each(DIALECTS)('%s: raw transaction control on a pooled connection', (dialect) => {
  it.each([
    'BEGIN',
    'START TRANSACTION',
    'begin isolation level serializable',
    'COMMIT; BEGIN',
    'ROLLBACK; BEGIN',
    'update users set x = 1; BEGIN',
  ])('H17 %s switches caching off for this client, with a warning', async (sql) => {
    const client = new Client(dialect)
    await client.write(sql)
    expect(client.state).toBe('off')
    await client.read()
    expect(client.takeOutcomes()).toContain('bypass origin-off')
    expect((await client.cache.health()).warnings).toHaveLength(1)
  })

  it('H08 leaves what is written in between invalidated once it is committed', async () => {
    const client = new Client(dialect)
    await client.write('BEGIN')
    await client.write('update users set x = 1')
    await client.cacheTables('users')
    await client.write('COMMIT')
    expect(await client.serves('users')).toBe(false)
  })

  it('H08 in one text with all that belongs to it invalidates everything and leaves caching on', async () => {
    const client = new Client(dialect)
    await client.cacheTables('users')
    await client.write('BEGIN; update orders set x = 1; COMMIT')
    expect(client.state).toBe('on')
    expect(await client.serves('users')).toBe(false)
  })

  it('H17 in one text that fails in the middle leaves the connection inside: caching is off', async () => {
    const client = new Client(dialect)
    const sql = 'BEGIN; update users set x = 1; insert into nowhere values (1); COMMIT'
    await expect(client.write(sql, failing('42P01'))).rejects.toThrow()
    expect(client.state).toBe('off')
  })
})

describe('H17 settings of transactions', () => {
  it.each<[Dialect, string]>([
    ['postgres', 'SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ'],
    ['postgres', `SET default_transaction_isolation = 'serializable'`],
    ['mysql', 'SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED'],
    ['mysql', 'SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED'],
    ['mysql', 'SET autocommit = 0'],
    ['mysql', `SET @@session.transaction_isolation = 'READ-UNCOMMITTED'`],
    ['sqlite', 'PRAGMA read_uncommitted = 1'],
  ])('of a pooled connection switch caching off: %s %s', async (dialect, sql) => {
    const client = new Client(dialect)
    await client.write(sql)
    expect(client.origin.health).toMatchObject({
      state: 'off',
      reason: expect.stringContaining('session-transaction-settings'),
    })
  })

  it.each<[Dialect, string]>([
    ['postgres', 'SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ'],
    ['mysql', 'SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED'],
    ['mysql', `SET SESSION transaction_isolation = 'READ-UNCOMMITTED'`],
    ['mysql', 'SET LOCAL transaction_isolation = 1'],
    ['mysql', 'SET autocommit = 0'],
    ['sqlite', 'PRAGMA read_uncommitted = 1'],
  ])('that outlive the transaction in which they are made do too: %s %s', async (dialect, sql) => {
    const client = new Client(dialect)
    await client.inside(client.origin.transaction(), sql)
    expect(client.state).toBe('off')
  })

  it.each<[Dialect, string]>([
    ['postgres', 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE'],
    ['postgres', 'set transaction read only'],
    ['postgres', 'SET CONSTRAINTS ALL DEFERRED'],
    ['postgres', 'BEGIN ISOLATION LEVEL SERIALIZABLE'],
    ['mysql', 'START TRANSACTION READ ONLY'],
  ])('that end with the transaction in which they are made do not: %s %s', async (dialect, sql) => {
    const client = new Client(dialect)
    await client.inside(client.origin.transaction(), sql)
    expect(client.state).toBe('on')
  })
})

describe('H33 settings of the session', () => {
  it.each<[Dialect, string]>([
    ['postgres', 'SET ROLE admin'],
    ['postgres', `SET search_path = 'tenant_1'`],
    ['postgres', `SET app.tenant = '1'`],
    ['postgres', 'RESET ROLE'],
    ['postgres', 'DISCARD ALL'],
    ['postgres', `SELECT set_config('app.tenant', '1', false)`],
    ['mysql', `SET time_zone = '+02:00'`],
    ['mysql', `SET LOCAL time_zone = '+02:00'`],
    ['mysql', 'USE other'],
  ])('stop caching for reads without a scope: %s %s', async (dialect, sql) => {
    for (const inTransaction of [false, true]) {
      const client = new Client(dialect)
      await client.read()
      await client.write(sql, inTransaction ? { transaction: client.origin.transaction() } : {})
      await client.read()
      await client.read({ defaults: { scope: () => 'tenant' } })
      expect(client.takeOutcomes()).toEqual(['miss', 'bypass session-changed', 'miss'])
      expect((await client.cache.health()).warnings.map(({ code }) => code)).toEqual(['session-changed'])
    }
  })

  it.each(['SET LOCAL ROLE admin', `SET LOCAL app.tenant = '1'`, `SELECT set_config('app.tenant', '1', true)`])(
    'that end with their transaction do not: %s',
    async (sql) => {
      const client = new Client('postgres')
      await client.inside(client.origin.transaction(), sql)
      await client.read()
      expect(client.takeOutcomes()).toEqual(['miss'])
    },
  )

  it('are seen among others in one text', async () => {
    const client = new Client('postgres')
    await client.inside(client.origin.transaction(), `SET LOCAL app.tenant = '1'; SET ROLE admin`)
    await client.read()
    expect(client.takeOutcomes()).toEqual(['bypass session-changed'])
  })
})

describe('H37 what MySQL commits by itself', () => {
  /** A transaction that has written users, while everybody reads them. */
  async function written() {
    const client = new Client('mysql')
    const transaction = client.origin.transaction()
    await client.inside(transaction, 'update users set x = 1')
    await client.cacheTables('users', 'orders')
    return { client, transaction }
  }

  it.each([
    'TRUNCATE orders',
    'CREATE TABLE x (id int)',
    'ALTER TABLE orders ADD x int',
    'DROP TABLE orders',
    'LOCK TABLES orders WRITE',
    'SET autocommit = 1',
    'START TRANSACTION',
    'BEGIN',
    'CALL procedure_that_commits()',
  ])('%s commits what the transaction had written', async (sql) => {
    const { client, transaction } = await written()
    await client.inside(transaction, sql)
    expect(await client.serves('users')).toBe(false)
  })

  it.each(['TRUNCATE orders', 'ALTER TABLE orders ADD x int', 'LOCK TABLES orders WRITE', 'SET autocommit = 1'])(
    'after %s each statement is a transaction of its own',
    async (sql) => {
      const { client, transaction } = await written()
      await client.inside(transaction, sql)
      await client.cacheTables('orders')
      await client.inside(transaction, 'update orders set x = 1')
      expect(await client.serves('orders')).toBe(false)
    },
  )

  it('marks before the statement that commits is sent', async () => {
    const { client, transaction } = await written()
    await client.inside(transaction, 'TRUNCATE orders', {
      send: async () => {
        await client.serves('users')
        expect(client.takeOutcomes().at(-1)).toBe('bypass write-in-flight')
      },
    })
    expect.assertions(1)
  })

  it('a statement that fails may have ended the transaction: it is settled, and each one after it', async () => {
    const { client, transaction } = await written()
    await expect(client.inside(transaction, 'update orders set x = 1', failing('1213'))).rejects.toThrow('1213')
    expect([await client.serves('users'), await client.serves('orders')]).toEqual([false, false])
    await client.inside(transaction, 'update orders set x = 2')
    expect(await client.serves('orders')).toBe(false)
  })

  it('UNLOCK TABLES may commit nothing: the transaction is still to be watched', async () => {
    const { client, transaction } = await written()
    await client.inside(transaction, 'UNLOCK TABLES')
    await client.cacheTables('users')
    await client.inside(transaction, 'COMMIT')
    expect(await client.serves('users')).toBe(false)
  })

  it.each(['TRUNCATE users', 'CREATE TABLE x (id int)', 'DROP TABLE users', 'LOCK TABLES users READ', 'UNLOCK TABLES'])(
    '%s outside of a transaction leaves caching on',
    async (sql) => {
      const client = new Client('mysql')
      await client.cacheTables('users')
      await client.write(sql)
      expect(client.state).toBe('on')
      if (!sql.includes('LOCK')) expect(await client.serves('users')).toBe(false)
    },
  )

  it('START TRANSACTION at the beginning of a transaction invalidates nothing', async () => {
    const client = new Client('mysql')
    await client.cacheTables('users')
    await client.inside(client.origin.transaction(), 'START TRANSACTION')
    expect(await client.serves('users')).toBe(true)
  })
})

describe('H37 a procedure of PostgreSQL that commits and then fails', () => {
  it.each([
    'CALL transfer(1, 2)',
    'DO $$ BEGIN INSERT INTO users VALUES (1); COMMIT; RAISE EXCEPTION $x$no$x$; END $$',
  ])('has written what it committed: %s', async (sql) => {
    const client = new Client('postgres')
    await client.cacheTables('users')
    await expect(client.write(sql, failing('P0001'))).rejects.toThrow('P0001')
    expect(await client.serves('users')).toBe(false)
  })
})

describe('statements', () => {
  it('H22 that write inside a SELECT are marked and settled', async () => {
    const client = new Client('postgres')
    await client.cacheTables('users')
    await client.write('WITH gone AS (DELETE FROM users RETURNING *) SELECT * FROM gone')
    expect(await client.serves('users')).toBe(false)
  })

  it.each(['CALL anything()', 'VACUUM FULL; DO $$ $$', 'this is no SQL', 'SELECT my_function()'])(
    'H26 whose tables cannot be known invalidate everything: %s',
    async (sql) => {
      const client = new Client('postgres')
      await client.cacheTables('users')
      await client.write(sql)
      expect(await client.serves('users')).toBe(false)
    },
  )

  it('H26 whose analysis fails invalidate everything', async () => {
    const runtime = new ManualRuntime()
    const analyzer = {
      analyze() {
        throw new Error('bug')
      },
    }
    const test = new TestCache({ runtime, parts: { analyzer } })
    await test.read()
    await test.write('update orders set x = 1')
    await test.read()
    expect(test.take('fault')).toEqual([expect.objectContaining({ step: 'tables' })])
    expect(test.takeOutcomes()).toEqual(['miss', 'miss'])
    expect(test.origin.tablesOf('select 1')).toMatchObject({ reason: 'unknown-tables' })
  })

  it('H23 carry on along foreign keys', async () => {
    const client = new Client('postgres')
    const key = (table: string, references: string, onDelete: 'cascade' | 'restrict' | 'set-null') => ({
      table,
      columns: ['parent_id'],
      references,
      referencedColumns: ['id'],
      onDelete,
      onUpdate: 'no-action' as const,
    })
    client.origin.addForeignKeys([
      key('orders', 'users', 'cascade'),
      key('items', 'orders', 'set-null'),
      key('logs', 'users', 'restrict'),
    ])
    await client.cacheTables('users', 'orders', 'items', 'logs')
    await client.write('insert into users values (1)')
    expect(await client.serves('orders')).toBe(true)
    const transaction = client.origin.transaction()
    await client.inside(transaction, 'delete from users where id = 1')
    await client.inside(transaction, 'COMMIT')
    for (const table of ['users', 'orders', 'items']) expect(await client.serves(table), table).toBe(false)
    expect(await client.serves('logs')).toBe(true)
  })

  it('H18 of one client invalidate what another client of the cache has read', async () => {
    const test = new TestCache()
    await test.read()
    await test.newOrigin({ adapter: 'drizzle', database: 'other' }).execute({
      sql: 'update users set x = 1',
      send: async () => 1,
      verdict: () => undefined,
    })
    await test.read()
    expect(test.takeOutcomes()).toEqual(['miss', 'miss'])
  })

  it('invalidate while caching is disabled, closed or off', async () => {
    for (const stop of ['disabled', 'closed', 'off']) {
      const authority = new FaultyAuthority(new ManualRuntime(), { remote: false })
      const test = new TestCache({ authority, options: { enabled: stop !== 'disabled' } })
      if (stop === 'closed') await test.cache.close()
      if (stop === 'off') test.origin.turnOff('test', 'off')
      await test.write()
      expect(authority.takeSteps()).toEqual(['unsettle', 'settle'])
    }
  })

  it('H04 H54 of a transaction wait for nothing of the cache before COMMIT', async () => {
    const client = new Client('postgres')
    client.authority.all(() => new Promise(() => {}))
    const transaction = client.origin.transaction()
    const gate = deferred()
    await client.inside(transaction, 'update users set x = 1')
    await client.origin.read({
      text: 'x',
      tables: () => ({ tables: ['users'] }),
      run: async () => 1,
      inTransaction: true,
    })
    gate.resolve()
    expect(client.authority.calls).toEqual([])
  })
})
