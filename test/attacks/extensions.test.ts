// Attacks by way of other extensions: `$cache` reached from inside them, row-level security, mutated results.

import { expect, it } from 'vitest'
import { Prisma } from '../../prisma/generated/postgres/client.ts'
import { describeShop } from '../prisma/prisma-shop.ts'
import { rename } from './helpers.ts'

await describeShop(
  'other extensions',
  (shop) => {
    it('H06 $cache that a later extension finds inside a transaction invalidates at COMMIT', async () => {
      const cached = await shop.cached()
      const { cache } = cached
      const prisma = cached.prisma.$extends({
        client: {
          async $forget() {
            const context = Prisma.getExtensionContext(this) as unknown as typeof cached.prisma
            await context.$cache.invalidate({ tables: ['users'] })
          },
        },
      })
      const invalidated: unknown[] = []
      cache.on('invalidate', ({ tags }) => invalidated.push(tags))
      await prisma.$transaction(async (tx) => {
        await (tx as unknown as typeof prisma).$forget()
        expect(invalidated, 'before COMMIT').toEqual([])
      })
      expect(invalidated).toEqual([['table:users']])
    })

    it('H33 an extension that puts every query into an array transaction with a setting is never answered by the cache', async () => {
      const cached = await shop.cached()
      const id = await shop.user('Ada')
      const prisma = cached.prisma.$extends((client) =>
        client.$extends({
          query: {
            $allModels: {
              async $allOperations({ args, query }) {
                const [, result] = await (client as unknown as typeof cached.prisma).$transaction([
                  (client as unknown as typeof cached.prisma).$executeRaw`SELECT set_config('shop.tenant', 'a', TRUE)`,
                  query(args) as never,
                ])
                return result
              },
            },
          },
        }),
      )
      expect((await prisma.user.findFirst({ where: { id } }))?.name).toBe('Ada')
      await rename(prisma, id, 'new')
      expect((await prisma.user.findFirst({ where: { id } }))?.name).toBe('new')
      expect(cached.cache.stats().bypassReasons['array-transaction']).toBe(2)
      expect(cached.cache.stats().hits).toBe(0)
    })

    it('H41 readers that share one execution, and later hits, get rows of their own', async () => {
      const { prisma } = await shop.cached()
      const id = await shop.user('Ada', ['a note'])
      const read = () => prisma.user.findMany({ where: { id }, include: { orders: true } })
      const results = [...(await Promise.all([read(), read(), read()])), await read()]
      for (const [index, [user]] of results.entries()) {
        expect(user).toMatchObject({ name: 'Ada', orders: [{ note: 'a note' }] })
        Object.assign(user!, { name: `changed ${index}` })
        user!.orders.length = 0
      }
      expect(await read()).toMatchObject([{ name: 'Ada', orders: [{ note: 'a note' }] }])
    })
  },
  { kinds: ['postgres'] },
)
