// How tests get databases: every kind that this machine can have, each with the tables of the sample shop.

import { randomBytes } from 'node:crypto'
import { describe, inject, it } from 'vitest'
import type { Dialect } from '../../prisma/shop-sql.ts'
import { openMariadbDatabase } from './mariadb-database.ts'
import { openPgliteDatabase } from './pglite-database.ts'
import { openPostgresDatabase } from './postgres-database.ts'
import { askBroker, type BrokerAddress } from './server-broker.ts'
import type { ServerKind } from './server-recipes.ts'
import { openSqliteDatabase } from './sqlite-database.ts'
import { type DatabaseConnection, type DatabaseKind, TestDatabase } from './test-database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    larderServers: BrokerAddress
  }
}

/** A kind of database that tests can open as often as they like. */
export interface DatabaseSource {
  readonly kind: DatabaseKind
  readonly dialect: Dialect
  /** Why there is none and how to get one; undefined when `open` works. */
  readonly missing: string | undefined
  /** A new, empty database. The test closes it. */
  open(): Promise<TestDatabase>
}

/** A Redis server and a namespace that no other test uses. */
export interface TestRedis {
  readonly url: string
  readonly namespace: string
}

export const databaseKinds: readonly DatabaseKind[] = ['postgres', 'pglite', 'mariadb', 'sqlite']

/**
 * The databases of these kinds; a server is started when the first test of the run asks for it.
 *
 * @throws {Error} when a given URL does not answer, or when LARDER_REQUIRE_SERVERS=1 and a server is missing
 */
export function testDatabases(kinds: readonly DatabaseKind[] = databaseKinds): Promise<DatabaseSource[]> {
  return Promise.all(kinds.map(source))
}

/**
 * A `describe` for each kind of database, called `<name> on <kind>`. One that is missing is reported as skipped, with how
 * to enable it. Await it at the top level of the test file.
 */
export async function describeDatabases(
  name: string,
  body: (database: DatabaseSource) => void,
  kinds: readonly DatabaseKind[] = databaseKinds,
): Promise<void> {
  for (const database of await testDatabases(kinds)) {
    if (database.missing === undefined) describe(`${name} on ${database.kind}`, () => body(database))
    else describe.skip(`${name} on ${database.kind}`, () => it(`needs a server: ${database.missing}`, () => {}))
  }
}

/** A Redis for the calling test file, or why there is none. */
export async function testRedis(): Promise<TestRedis | { readonly missing: string }> {
  const server = await serverOf('redis')
  return 'missing' in server ? server : { url: server.url, namespace: freshName() }
}

async function source(kind: DatabaseKind): Promise<DatabaseSource> {
  const open = (connect: () => Promise<DatabaseConnection>) => async () => TestDatabase.of(await connect())
  switch (kind) {
    case 'pglite':
      return { kind, dialect: 'postgres', missing: undefined, open: open(openPgliteDatabase) }
    case 'sqlite':
      return {
        kind,
        dialect: 'sqlite',
        missing: undefined,
        open: open(() => openSqliteDatabase(inject('larderServers').folder)),
      }
    case 'postgres':
      return onServer(kind, 'postgres', (url) => open(() => openPostgresDatabase(url, freshName())))
    case 'mariadb':
      return onServer(kind, 'mysql', (url) => open(() => openMariadbDatabase(url, freshName())))
  }
}

async function onServer(
  kind: 'postgres' | 'mariadb',
  dialect: Dialect,
  opener: (url: string) => () => Promise<TestDatabase>,
): Promise<DatabaseSource> {
  const server = await serverOf(kind)
  if (!('missing' in server)) return { kind, dialect, missing: undefined, open: opener(server.url) }
  const { missing } = server
  return { kind, dialect, missing, open: () => Promise.reject(new Error(`there is no ${kind}: ${missing}`)) }
}

async function serverOf(kind: ServerKind): Promise<{ readonly url: string } | { readonly missing: string }> {
  const answer = await askBroker(inject('larderServers'), kind)
  if ('failure' in answer) throw new Error(answer.failure)
  return answer
}

/** Begins with `larder_test_`, the only databases and namespaces that tests touch, and the run that it belongs to. */
function freshName(): string {
  return `larder_test_${inject('larderServers').run}_${randomBytes(5).toString('hex')}`
}
