import { expect, it } from 'vitest'
import { cacheExtension } from '@larder/prisma'
import { createCache } from '@larder/core'
import { describeDatabases } from '../servers/databases.ts'

await describeDatabases('smoke', (source) => {
  it('caches and invalidates', async () => {
    await using db = await source.open()
    const cache = createCache()
    const events: unknown[] = []
    for (const name of ['fault', 'warning', 'bypass', 'invalidate'] as const) cache.on(name, (e) => events.push([name, e]))
    const prisma = db.client().$extends(cacheExtension({ cache })) as any
    await prisma.$cache.ready()
    await prisma.user.create({ data: { email: 'a@x', name: 'A', orders: { create: { note: 'n' } } } })
    const read = () => prisma.user.findMany({ include: { orders: true } })
    const one = await read()
    const { value, trace } = await prisma.$cache.explain(read)
    expect(value).toEqual(one)
    console.log(source.kind, trace, cache.stats(), JSON.stringify(await cache.health()), JSON.stringify(events))
    expect(trace[0].outcome).toBe('hit')
    await prisma.$transaction(async (tx: any) => {
      await tx.user.update({ where: { email: 'a@x' }, data: { name: 'B' } })
      expect((await tx.user.findFirst()).name).toBe('B')
      expect((await read())[0]?.name).toBe('A')
    }).catch((e: any) => { if (source.kind !== 'pglite') throw e; console.log(e.message) })
    if (source.kind === 'pglite') return
    expect((await read())[0]?.name).toBe('B')
  })
})
