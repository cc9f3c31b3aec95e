// The databases that tests get: separate, watched from outside, and gone afterwards.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Prisma } from '../../prisma/generated/postgres-joins/client.ts'
import { databaseKinds, describeDatabases, testDatabases, testRedis } from './databases.ts'
import { serverRecipes } from './server-recipes.ts'
import type { TestDatabase } from './test-database.ts'

await describeDatabases('a test database', (database) => {
  it('starts empty and shares nothing with another one', async () => {
    await using one = await database.open()
    await using other = await database.open()
    await one.client().user.create({ data: { email: 'a' } })
    expect(await one.client().user.count()).toBe(1)
    expect(await other.client().user.count()).toBe(0)
  })

  describe('used by several tests', () => {
    let db: TestDatabase
    beforeAll(async () => {
      db = await database.open()
    })
    afterEach(() => db.reset())
    afterAll(() => db.close())

    it('runs scripts on a connection that no client sees', async () => {
      const seen: string[] = []
      const client = db.client({ log: [{ emit: 'event', level: 'query' }] })
      client.$on('query', ({ query }) => seen.push(query))
      await db.exec("INSERT INTO tags (name) VALUES ('x'); UPDATE tags SET version = 4;")
      expect(seen).toEqual([])
      expect(await client.tag.findMany()).toEqual([{ id: 1, name: 'x', version: 4 }])
      const rows = await db.query('SELECT name, version FROM tags')
      expect(rows).toEqual([{ name: 'x', version: 4 }])
    })

    it('gives clients that roll back', async () => {
      const client = db.client()
      const failing = client.$transaction(async (tx) => {
        await tx.user.create({ data: { email: 'a' } })
        expect(await tx.user.count()).toBe(1)
        throw new Error('on purpose')
      })
      await expect(failing).rejects.toThrow('on purpose')
      expect(await client.user.count()).toBe(0)
    })

    it('gives clients whose queries fail with Prisma error codes', async () => {
      const client = db.client()
      await client.user.create({ data: { email: 'a' } })
      const error = await client.user.create({ data: { email: 'a' } }).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(Prisma.PrismaClientKnownRequestError)
      expect(error).toMatchObject({ code: 'P2002' })
    })

    it('takes another adapter and other options for a client', async () => {
      const adapter = db.connect()
      let connections = 0
      const counting = {
        provider: adapter.provider,
        adapterName: adapter.adapterName,
        connect: () => {
          connections += 1
          return adapter.connect()
        },
      }
      const client = db.client({ adapter: counting, omit: { user: { version: true } } })
      expect(await client.user.create({ data: { email: 'a' } })).not.toHaveProperty('version')
      expect(connections).toBe(1)
    })
  })

  it('closes twice without an error and is gone', async () => {
    const db = await database.open()
    const client = db.client()
    await client.user.count()
    await db.close()
    await db.close()
    if (db.kind === 'sqlite') expect(existsSync(fileURLToPath(db.url ?? ''))).toBe(false)
    await expect(db.query('SELECT 1')).rejects.toThrow()
    if (db.dialect === 'postgres') await expect(client.user.count()).rejects.toThrow()
  })
})

await describeDatabases(
  'a database server',
  (database) => {
    it('keeps only databases of tests that run', async () => {
      await using db = await database.open()
      const name = new URL(db.url ?? '').pathname.slice(1)
      const names = async () =>
        (
          await db.query(
            db.kind === 'postgres'
              ? 'SELECT datname AS name FROM pg_database'
              : 'SELECT schema_name AS name FROM information_schema.schemata',
          )
        ).map((row) => row['name'])
      expect(name).toMatch(/^larder_test_[0-9a-f]{8}_[0-9a-f]{10}$/)
      expect(await names()).toContain(name)
      const other = await database.open()
      const otherName = new URL(other.url ?? '').pathname.slice(1)
      expect(await names()).toContain(otherName)
      await other.close()
      expect(await names()).not.toContain(otherName)
    })
  },
  ['postgres', 'mariadb'],
)

it('lists the kinds that were asked for, and pglite and sqlite always work', async () => {
  const databases = await testDatabases()
  expect(databases.map(({ kind }) => kind)).toEqual(databaseKinds)
  for (const { kind, missing } of databases) {
    if (kind === 'pglite' || kind === 'sqlite') expect(missing).toBeUndefined()
  }
  expect((await testDatabases(['sqlite'])).map(({ dialect }) => dialect)).toEqual(['sqlite'])
})

const redis = await testRedis()
it.skipIf('missing' in redis)('gives a Redis that answers and a namespace of its own', async () => {
  if ('missing' in redis) return
  await serverRecipes.redis.probe(redis.url)
  const second = await testRedis()
  expect('missing' in second ? '' : second.namespace).toMatch(/^larder_test_[\w.-]{1,52}$/)
  expect(second).not.toEqual(redis)
})
