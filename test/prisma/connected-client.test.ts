// A client that had connected before the extension was added: its connections cannot be watched.

import { createCache } from '@larder/core'
import { cacheExtension } from '@larder/prisma'
import { expect, it } from 'vitest'
import { describeDatabases } from '../servers/databases.ts'

await describeDatabases('a client that had connected', (source) => {
  it('runs uncached, with the reason in health(), and ready() does not hang', async () => {
    await using db = await source.open()
    const cache = createCache()
    const client = db.client()
    await client.$connect()
    const prisma = client.$extends(cacheExtension({ cache }))
    await prisma.$cache.ready()
    await prisma.tag.findMany()
    const { value, trace } = await prisma.$cache.explain(() => prisma.tag.findMany())
    expect(value).toEqual([])
    expect(trace).toMatchObject([{ outcome: 'bypass', reason: 'origin-off' }])
    const { origins } = await cache.health()
    expect(origins).toMatchObject([{ state: 'off', reason: expect.stringContaining('already-connected') }])
  })
})
