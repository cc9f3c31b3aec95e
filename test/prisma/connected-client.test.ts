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
    const { warnings } = await cache.health()
    expect(warnings).toMatchObject([{ code: 'already-connected' }])
    expect(cache.stats()).toMatchObject({ fills: 0, faults: 0 })
  })

  it('does not keep a client of the same adapter, that had not connected, from being cached', async () => {
    await using db = await source.open()
    const cache = createCache()
    const adapter = db.connect()
    const connected = db.client({ adapter })
    await connected.$connect()
    const unwatched = connected.$extends(cacheExtension({ cache }))
    await unwatched.$cache.ready()
    const watched = db.client({ adapter }).$extends(cacheExtension({ cache }))
    await watched.$cache.ready()
    for (const client of [unwatched, watched]) for (let i = 0; i < 2; i++) await client.tag.findMany()
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 1, bypassReasons: { 'origin-off': 2 } })
  })
})
