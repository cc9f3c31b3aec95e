// Reads and writes of transactions (H04 H05 H07 H08): what is seen inside, and what is left outside after the end.

import type { CacheParts } from '@larder/core'
import { describe, expect, it } from 'vitest'
import { BROKEN_VARIANTS } from '../../packages/core/test/simulation/variants.ts'
import type { ContractSubject, ContractSuite } from './contract-orm.ts'

/** Thrown by transactions that have to roll back. */
class Abandoned extends Error {
  override readonly name = 'Abandoned'
}

/** Reads inside a transaction use the cache. */
const openGate = (shipped: CacheParts): CacheParts =>
  BROKEN_VARIANTS['H05 reads in a transaction use the cache']?.(shipped, undefined as never) ?? shipped

async function rolledBack(transaction: Promise<unknown>): Promise<void> {
  await expect(transaction).rejects.toBeInstanceOf(Abandoned)
}

/** What a transaction reads after it has renamed a cached user. */
async function ownWrite({ client }: ContractSubject, id: number): Promise<unknown> {
  expect(await client.nameOf(id)).toBe('old')
  return client.transaction(async (tx) => {
    await tx.rename(id, 'new')
    return tx.nameOf(id)
  })
}

/** What others read while, and after, a transaction renames a user, reads it and rolls back. */
async function aroundDirtyRead(subject: ContractSubject, id: number, suite: ContractSuite): Promise<unknown[]> {
  const companion = await subject.companion()
  const seen: unknown[] = []
  await rolledBack(
    subject.client.transaction(async (tx) => {
      await tx.rename(id, 'dirty')
      await tx.nameOf(id)
      if (!suite.singleConnection) seen.push(await companion.nameOf(id))
      if (!suite.exclusiveTransactions) seen.push(await subject.client.nameOf(id))
      throw new Abandoned()
    }),
  )
  seen.push(await subject.client.nameOf(id), await companion.nameOf(id))
  return seen
}

export function transactionContract(suite: ContractSuite): void {
  it('H04 a transaction sees its own write, whatever is cached', async () => {
    const subject = await suite.open()
    const id = await subject.client.add('old')
    expect(await ownWrite(subject, id)).toBe('new')
    expect(subject.cache.stats().bypassReasons['in-transaction']).toBe(1)
  })

  it('H04 goes wrong when reads in a transaction use the cache', async () => {
    const subject = await suite.open({ parts: openGate, broken: true })
    const id = await subject.client.add('old')
    expect(await ownWrite(subject, id)).toBe('old')
  })

  it('H05 a row that was never committed is served to nobody', async () => {
    const subject = await suite.open()
    const id = await subject.client.add('old')
    expect(new Set(await aroundDirtyRead(subject, id, suite))).toEqual(new Set(['old']))
  })

  it('H05 goes wrong when reads in a transaction use the cache', async () => {
    const subject = await suite.open({ parts: openGate, broken: true })
    const id = await subject.client.add('old')
    expect(await aroundDirtyRead(subject, id, suite)).toContain('dirty')
  })

  it('H05 entries survive a transaction that rolled back', async () => {
    const { client, cache } = await suite.open()
    const id = await client.add('old')
    await client.nameOf(id)
    await rolledBack(
      client.transaction(async (tx) => {
        await tx.rename(id, 'dirty')
        throw new Abandoned()
      }),
    )
    const { hits } = cache.stats()
    expect(await client.nameOf(id)).toBe('old')
    // MySQL may have tables without transactions, which keep what was written.
    expect(cache.stats().hits).toBe(suite.kind === 'mariadb' ? hits : hits + 1)
  })

  it.skipIf(suite.singleConnection)(
    'H07 a write outside a transaction, made in its callback, outlives its rollback',
    async () => {
      const subject = await suite.open()
      const { client } = subject
      const outside = suite.exclusiveTransactions ? await subject.companion() : client
      const [inner, outer] = [await client.add('old'), await client.add('old')]
      await Promise.all([client.nameOf(inner), client.nameOf(outer)])
      await rolledBack(
        client.transaction(async (tx) => {
          await outside.rename(outer, 'new')
          await tx.rename(inner, 'dirty')
          throw new Abandoned()
        }),
      )
      expect(await client.nameOf(outer)).toBe('new')
      expect(await client.nameOf(inner)).toBe('old')
    },
  )

  describe.skipIf(!suite.nestedTransactions)('H08 nested', () => {
    it('keeps what the outer transaction wrote when the inner one rolls back', async () => {
      const { client } = await suite.open()
      const [outer, inner] = [await client.add('old'), await client.add('old')]
      await Promise.all([client.nameOf(outer), client.nameOf(inner)])
      await client.transaction(async (tx) => {
        await tx.rename(outer, 'new')
        await rolledBack(
          tx.transaction(async (nested) => {
            await nested.rename(inner, 'dirty')
            expect(await nested.nameOf(inner)).toBe('dirty')
            throw new Abandoned()
          }),
        )
        expect(await tx.nameOf(inner)).toBe('old')
      })
      expect(await client.nameOf(outer)).toBe('new')
      expect(await client.nameOf(inner)).toBe('old')
    })

    it('keeps what the inner transaction wrote when it succeeds', async () => {
      const { client } = await suite.open()
      const id = await client.add('old')
      await client.nameOf(id)
      await client.transaction(async (tx) => {
        await tx.transaction((nested) => nested.rename(id, 'new'))
        expect(await tx.nameOf(id)).toBe('new')
      })
      expect(await client.nameOf(id)).toBe('new')
    })

    it('drops what the inner transaction wrote when the outer one rolls back', async () => {
      const { client } = await suite.open()
      const id = await client.add('old')
      await client.nameOf(id)
      await rolledBack(
        client.transaction(async (tx) => {
          await tx.transaction((nested) => nested.rename(id, 'dirty'))
          throw new Abandoned()
        }),
      )
      expect(await client.nameOf(id)).toBe('old')
    })
  })

  it('an invalidation inside a transaction happens at its COMMIT', async () => {
    const { client, cache } = await suite.open()
    const id = await client.add('Ada')
    await client.nameOf(id)
    await client.transaction(async (tx) => {
      await tx.invalidate('users')
      const { hits } = cache.stats()
      await client.nameOf(id)
      expect(cache.stats().hits).toBe(hits + 1)
    })
    const { misses } = cache.stats()
    await client.nameOf(id)
    expect(cache.stats().misses).toBe(misses + 1)
  })

  it('an invalidation inside a transaction that rolls back does not happen', async () => {
    const { client, cache } = await suite.open()
    const id = await client.add('Ada')
    await client.nameOf(id)
    await rolledBack(
      client.transaction(async (tx) => {
        await tx.invalidate('users')
        throw new Abandoned()
      }),
    )
    const { hits } = cache.stats()
    await client.nameOf(id)
    expect(cache.stats().hits).toBe(suite.kind === 'mariadb' ? hits : hits + 1)
  })
}
