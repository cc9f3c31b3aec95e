// One server per test run, whoever asks and however often.

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findServer } from './find-server.ts'
import { openMariadbDatabase } from './mariadb-database.ts'
import { openPostgresDatabase } from './postgres-database.ts'
import { askBroker, ServerBroker } from './server-broker.ts'

it('starts one server for several askers, and ends it', async () => {
  const broker = new ServerBroker({ env: {}, ways: ['private'] })
  const address = await broker.open()
  const answers = await Promise.all([askBroker(address, 'redis'), askBroker(address, 'redis')])
  expect(answers[0]).toEqual(answers[1])
  await broker.close()
  await expect(askBroker(address, 'redis')).rejects.toThrow()
})

it('tells which servers were asked for in vain', async () => {
  const broker = new ServerBroker({ env: {}, ways: ['url'] })
  const address = await broker.open()
  expect(await askBroker(address, 'postgres')).toEqual({ missing: expect.stringContaining('is not set') })
  expect(await broker.close()).toEqual([{ kind: 'postgres', missing: expect.stringContaining('To enable') }])
})

it('passes a failure on to the asker', async () => {
  const broker = new ServerBroker({ env: { LARDER_REQUIRE_SERVERS: '1' }, ways: ['url'] })
  const address = await broker.open()
  expect(await askBroker(address, 'redis')).toEqual({ failure: expect.stringContaining('LARDER_REQUIRE_SERVERS=1') })
  expect(await broker.close()).toEqual([])
})

it('has a folder for the files of the run, and removes it with what is in it', async () => {
  const broker = new ServerBroker({ env: {}, ways: ['url'] })
  const { folder } = await broker.open()
  writeFileSync(join(folder, 'left'), '')
  await broker.close()
  expect(existsSync(folder)).toBe(false)
})

it('answers nobody who does not know its address', async () => {
  const broker = new ServerBroker({ env: {}, ways: ['url'] })
  const { url } = await broker.open()
  expect((await fetch(new URL('/redis', url))).status).toBe(404)
  await broker.close()
})

it.each([
  ['postgres', 'LARDER_TEST_POSTGRES_URL', openPostgresDatabase],
  ['mariadb', 'LARDER_TEST_MARIADB_URL', openMariadbDatabase],
] as const)('drops what its own run left behind on a given %s, and nothing else', async (kind, variable, open) => {
  const server = await findServer(kind, { env: {}, ways: ['private'] })
  if ('missing' in server) return
  const broker = new ServerBroker({ env: { [variable]: server.url }, ways: ['url'] })
  const address = await broker.open()
  await askBroker(address, kind)
  const left = await open(server.url, `larder_test_${address.run}_left`)
  const other = await open(server.url, 'larder_test_00000000_other')
  try {
    await broker.close()
    await expect(open(server.url, 'larder_test_00000000_other')).rejects.toThrow(/exists/)
    const again = await open(server.url, `larder_test_${address.run}_left`)
    await again.remove()
  } finally {
    await Promise.allSettled([left.remove(), other.remove()])
    await server.stop()
  }
})
