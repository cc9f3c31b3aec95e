// Prints `export LARDER_TEST_...='url'` for each server of this machine that really answers; the tests are told of no other.
import { connect } from 'node:net'
import mariadb from 'mariadb'
import pg from 'pg'

const TIMEOUT_MS = 2000
const servers = [
  ['LARDER_TEST_POSTGRES_URL', 'postgres://postgres@127.0.0.1:5432/postgres', askPostgres],
  ['LARDER_TEST_MARIADB_URL', 'mysql://root@127.0.0.1:3306/test', askMariadb],
  ['LARDER_TEST_REDIS_URL', 'redis://127.0.0.1:6379', askRedis],
]

for (const [variable, url, ask] of servers) {
  if (process.env[variable]) continue
  try {
    await ask(url)
    console.log(`export ${variable}='${url}'`)
    console.error(`${variable}: ${url} answers`)
  } catch (error) {
    console.error(`${variable}: ${url} does not answer (${error.code ?? error.message}); the tests start their own`)
  }
}

async function askPostgres(url) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: TIMEOUT_MS })
  await client.connect()
  await client.query('select 1').finally(() => client.end())
}

async function askMariadb(url) {
  const { hostname, port, username, pathname } = new URL(url)
  const connection = await mariadb.createConnection({
    host: hostname,
    port: Number(port),
    user: username,
    database: pathname.slice(1),
    connectTimeout: TIMEOUT_MS,
  })
  await connection.query('select 1').finally(() => connection.end())
}

async function askRedis(url) {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), timeout: TIMEOUT_MS })
  try {
    await new Promise((resolve, reject) => {
      socket.once('connect', () => socket.write('PING\r\n'))
      socket.once('data', (reply) => (`${reply}`.startsWith('+PONG') ? resolve() : reject(new Error(`said ${reply}`))))
      socket.once('timeout', () => reject(new Error('timed out')))
      socket.once('error', reject)
    })
  } finally {
    socket.destroy()
  }
}
