// What is particular to each server: its programs, arguments, first answer and container image.

import { realpathSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { createConnection } from 'mariadb'
import { Client } from 'pg'
import { findProgram } from './find-program.ts'
import { mariadbUrl } from './mariadb-url.ts'
import type { PrivatePlace, PrivateServerPlan } from './private-server.ts'

export type ServerKind = 'postgres' | 'mariadb' | 'redis'

export interface ServerRecipe {
  readonly kind: ServerKind
  /** The environment variable with the URL of a server to use. */
  readonly urlVariable: string
  /** What to install, for the list of skipped servers. */
  readonly programs: string
  /** Users that may run the server when the tests run as root. */
  readonly serviceUsers: readonly string[]
  /** The plan of a private server, or undefined when its programs are not installed. */
  privatePlan(): ((place: PrivatePlace) => PrivateServerPlan) | undefined
  readonly container: {
    readonly image: string
    readonly port: number
    readonly environment: Readonly<Record<string, string>>
    readonly command: readonly string[]
    url(host: string, port: number): string
  }
  /** Rejects when the server at this URL does not answer. */
  probe(url: string): Promise<void>
}

const user = 'larder_test'

/** Data of private servers need not survive a crash of the machine; without fsync they start and commit at once. */
const postgres: ServerRecipe = {
  kind: 'postgres',
  urlVariable: 'LARDER_TEST_POSTGRES_URL',
  programs: 'PostgreSQL (initdb, postgres)',
  serviceUsers: ['postgres'],
  privatePlan() {
    const server = findProgram(['postgres'])
    // `initdb` must be of the same version as the server it prepares.
    const initdb = server && findProgram(['initdb'], dirname(realpathSync(server)))
    if (server === undefined || initdb === undefined) return undefined
    return ({ folder, port, password }) => {
      const data = join(folder, 'data')
      const url = `postgres://${user}:${password}@127.0.0.1:${port}/postgres`
      const settings = {
        listen_addresses: '127.0.0.1',
        unix_socket_directories: '',
        max_connections: 200,
        shared_buffers: '32MB',
        fsync: 'off',
        synchronous_commit: 'off',
        full_page_writes: 'off',
        dynamic_shared_memory_type: 'mmap',
      }
      return {
        url,
        files: { password },
        setUp: [
          [
            initdb,
            ...['-D', data, '-U', user, '--pwfile', join(folder, 'password'), '-A', 'scram-sha-256'],
            ...['-E', 'UTF8', '--no-locale', '--no-sync'],
          ],
        ],
        serve: [
          server,
          ...['-D', data, '-p', String(port)],
          ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
        ],
        // A fast shutdown: clients are disconnected instead of waited for.
        stopSignal: 'SIGINT',
        probe: () => postgres.probe(url),
      }
    }
  },
  container: {
    image: 'postgres:17-alpine',
    port: 5432,
    environment: { POSTGRES_USER: user, POSTGRES_PASSWORD: user },
    command: ['postgres', '-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'max_connections=200'],
    url: (host, port) => `postgres://${user}:${user}@${host}:${port}/postgres`,
  },
  async probe(url) {
    const client = new Client({ connectionString: url })
    // A server that is starting up can close the connection after the rejection as well.
    client.on('error', () => {})
    try {
      await client.connect()
    } finally {
      await client.end().catch(() => {})
    }
  },
}

const mariadb: ServerRecipe = {
  kind: 'mariadb',
  urlVariable: 'LARDER_TEST_MARIADB_URL',
  programs: 'MariaDB (mariadb-install-db, mariadbd)',
  serviceUsers: ['mysql', 'mariadb'],
  privatePlan() {
    const server = findProgram(['mariadbd'])
    const install = findProgram(['mariadb-install-db'])
    if (server === undefined || install === undefined) return undefined
    return ({ folder, port, password }) => {
      const data = join(folder, 'data')
      const url = `mariadb://${user}:${password}@127.0.0.1:${port}`
      return {
        url,
        files: {
          'init.sql': `CREATE USER ${user}@'%' IDENTIFIED BY '${password}';\nGRANT ALL ON *.* TO ${user}@'%' WITH GRANT OPTION;\n`,
        },
        setUp: [[install, '--no-defaults', `--datadir=${data}`, '--skip-test-db', '--skip-name-resolve']],
        serve: [
          server,
          ...['--no-defaults', `--datadir=${data}`, `--port=${port}`, '--bind-address=127.0.0.1'],
          ...[`--socket=${join(folder, 'socket')}`, `--pid-file=${join(folder, 'pid')}`],
          ...[`--init-file=${join(folder, 'init.sql')}`, '--skip-name-resolve', '--skip-log-bin'],
          ...['--character-set-server=utf8mb4', '--max-connections=200', '--performance-schema=OFF'],
          ...['--innodb-flush-method=nosync', '--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0'],
          ...['--innodb-buffer-pool-size=64M', '--innodb-fast-shutdown=3'],
        ],
        stopSignal: 'SIGTERM',
        probe: () => mariadb.probe(url),
      }
    }
  },
  container: {
    image: 'mariadb:10.11',
    port: 3306,
    environment: { MARIADB_ROOT_PASSWORD: user },
    command: ['--character-set-server=utf8mb4', '--max-connections=200'],
    url: (host, port) => `mariadb://root:${user}@${host}:${port}`,
  },
  async probe(url) {
    const connection = await createConnection(mariadbUrl(url))
    await connection.end()
  },
}

const redis: ServerRecipe = {
  kind: 'redis',
  urlVariable: 'LARDER_TEST_REDIS_URL',
  programs: 'Redis (redis-server) or Valkey (valkey-server)',
  serviceUsers: ['redis', 'valkey'],
  privatePlan() {
    const server = findProgram(['redis-server', 'valkey-server'])
    if (server === undefined) return undefined
    return ({ folder, port, password }) => {
      const url = `redis://:${password}@127.0.0.1:${port}`
      return {
        url,
        files: { 'redis.conf': `requirepass ${password}\nbind 127.0.0.1\nport ${port}\nsave ""\nappendonly no\n` },
        setUp: [],
        serve: [server, join(folder, 'redis.conf'), '--dir', folder],
        stopSignal: 'SIGTERM',
        probe: () => redis.probe(url),
      }
    }
  },
  container: {
    image: 'redis:7-alpine',
    port: 6379,
    environment: {},
    command: ['redis-server', '--save', '', '--appendonly', 'no'],
    url: (host, port) => `redis://${host}:${port}`,
  },
  probe: (url) => pingRedis(new URL(url)),
}

/** Every server that the tests can use. */
export const serverRecipes: Readonly<Record<ServerKind, ServerRecipe>> = { postgres, mariadb, redis }

/** AUTH and PING in the Redis protocol, so that no client library is needed to see whether a server answers. */
function pingRedis(url: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: url.hostname, port: Number(url.port || 6379) })
    const password = decodeURIComponent(url.password)
    const login = url.username === '' ? [password] : [decodeURIComponent(url.username), password]
    if (password !== '') socket.write(command(['AUTH', ...login]))
    socket.write(command(['PING']))
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk.toString()
      if (answer.includes('+PONG')) socket.destroy()
      else if (/^-/m.test(answer)) socket.destroy(new Error(`Redis answered ${answer.trim()}`))
    })
    socket.setTimeout(5_000, () => socket.destroy(new Error('Redis does not answer')))
    socket.once('error', reject)
    socket.once('close', () =>
      answer.includes('+PONG') ? resolve() : reject(new Error('Redis closed the connection')),
    )
  })
}

function command(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`
}
