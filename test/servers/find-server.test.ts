// The order in which servers are found, and what is said when there is none.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FoundServer, findServer, type MissingServer } from './find-server.ts'
import { serverRecipes } from './server-recipes.ts'

const kinds = ['postgres', 'mariadb', 'redis'] as const
const nobody = 'http://127.0.0.1:1'

describe.each(kinds)('a private %s', (kind) => {
  let server: FoundServer | MissingServer
  beforeAll(async () => {
    server = await findServer(kind, { env: {}, ways: ['private'] })
  })
  afterAll(() => ('missing' in server ? undefined : server.stop()))

  it('answers only on this machine and only with its password, is used by its URL, and ends', async () => {
    const { urlVariable, programs, probe } = serverRecipes[kind]
    if ('missing' in server) {
      expect(server.missing).toContain(`${programs} is not installed`)
      return
    }
    const address = new URL(server.url)
    expect(address.hostname).toBe('127.0.0.1')
    await probe(server.url)
    address.password = 'wrong'
    await expect(probe(address.href)).rejects.toThrow()

    const given = await findServer(kind, { env: { [urlVariable]: server.url } })
    expect(given).toMatchObject({ kind, url: server.url, origin: 'url' })
    await (given as FoundServer).stop()
    await probe(server.url)

    await server.stop()
    await expect(probe(server.url)).rejects.toThrow()
  })
})

it.each(kinds)('fails when %s does not answer at the given URL, instead of using another one', async (kind) => {
  const { urlVariable } = serverRecipes[kind]
  const search = findServer(kind, { env: { [urlVariable]: nobody.replace('http', kind) } })
  await expect(search).rejects.toThrow(`${urlVariable} is set, but no ${kind} answers there`)
})

it.each(kinds)('says why there is no %s and how to get one', async (kind) => {
  const { missing } = (await findServer(kind, { env: {}, ways: ['url'] })) as MissingServer
  expect(missing).toContain(`${serverRecipes[kind].urlVariable} is not set`)
  expect(missing).toContain(`To enable: set ${serverRecipes[kind].urlVariable}, install `)
})

it('does not take a missing server for a reason to skip with LARDER_REQUIRE_SERVERS=1', async () => {
  const search = findServer('redis', { env: { LARDER_REQUIRE_SERVERS: '1' }, ways: ['url'] })
  await expect(search).rejects.toThrow('LARDER_REQUIRE_SERVERS=1 and no redis')
})

it('finds a server in a container, or says that no engine answers', async () => {
  const found = await findServer('redis', { env: {}, ways: ['container'] })
  if ('missing' in found) {
    expect(found.missing).toMatch(/^no container engine answers/)
    return
  }
  await serverRecipes.redis.probe(found.url)
  await found.stop()
})
