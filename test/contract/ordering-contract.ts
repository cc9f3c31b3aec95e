// Races of readers and writers on one query (H01 H02 H03 H06), each made certain by holding one statement.
// Every race also runs with the defence against it taken out: a race that cannot go wrong proves nothing.

import type { CacheParts } from '@larder/core'
import { describe, expect, it } from 'vitest'
import { BROKEN_VARIANTS } from '../../packages/core/test/simulation/variants.ts'
import type { ContractSubject, ContractSuite } from './contract-orm.ts'

/** Renames the user from 'old' to 'new' and answers what a read after the acknowledgement gets. */
type Race = (subject: ContractSubject, id: number) => Promise<unknown>

interface Case {
  readonly hazard: string
  readonly race: Race
  /** Name of the broken variant that this race catches. */
  readonly caughtWhen: keyof typeof BROKEN_VARIANTS & string
  /** Why it cannot run with the broken variant on a database with one connection. */
  readonly needsConnections?: string
}

const CASES: readonly Case[] = [
  {
    hazard: 'H01 a reader that loaded the old row before the write and stores it after',
    caughtWhen: 'H01 stamps are taken after the query',
    async race({ client, tap }, id) {
      const select = tap.holdAfter(/^select/i)
      const reader = client.nameOf(id)
      await select.reached
      await client.rename(id, 'new')
      select.release()
      expect(await reader).toBe('old')
      return client.nameOf(id)
    },
  },
  {
    hazard: 'H02 a reader that comes after the write while an older read still runs',
    caughtWhen: 'H02 executions are shared by key alone',
    async race({ client, tap }, id) {
      const select = tap.holdAfter(/^select/i)
      const older = client.nameOf(id)
      await select.reached
      await client.rename(id, 'new')
      const newer = client.nameOf(id)
      select.release()
      await older
      return newer
    },
  },
  {
    hazard: 'H03 a reader between the mark and the statement',
    caughtWhen: 'H03 the invalidation runs before the write',
    async race({ client, tap }, id) {
      const update = tap.holdBefore(/^update/i)
      const write = client.rename(id, 'new')
      await update.reached
      expect(await client.nameOf(id)).toBe('old')
      update.release()
      await write
      return client.nameOf(id)
    },
  },
  {
    hazard: 'H03 a reader between the statement and its acknowledgement',
    caughtWhen: 'H09 writers set no marks',
    async race({ client, tap }, id) {
      expect(await client.nameOf(id)).toBe('old')
      const update = tap.holdAfter(/^update/i)
      const write = client.rename(id, 'new')
      await update.reached
      // The row is committed. Whoever has seen it must not be followed by a reader who does not.
      const seen = await client.nameOf(id)
      update.release()
      await write
      return seen
    },
  },
  {
    hazard: 'H06 a reader between a statement and the COMMIT of its transaction',
    caughtWhen: 'H06 the invalidation runs at the statement',
    needsConnections: 'the reader misses and waits for the transaction',
    async race(subject, id) {
      const { client } = subject
      const companion = await subject.companion()
      expect(await companion.nameOf(id)).toBe('old')
      await client.transaction(async (tx) => {
        await tx.rename(id, 'new')
        expect(await companion.nameOf(id)).toBe('old')
      })
      return companion.nameOf(id)
    },
  },
]

export function orderingContract(suite: ContractSuite): void {
  describe.each(CASES)('$hazard', ({ race, caughtWhen, needsConnections }) => {
    it('does not leave an old row behind', async () => {
      const subject = await suite.open()
      const id = await subject.client.add('old')
      expect(await race(subject, id)).toBe('new')
      expect(await subject.client.nameOf(id)).toBe('new')
      expect(await suite.uncached.nameOf(id)).toBe('new')
    })

    it.skipIf(suite.singleConnection && needsConnections !== undefined)(`goes wrong when ${caughtWhen}`, async () => {
      const variant = BROKEN_VARIANTS[caughtWhen]
      const parts = (shipped: CacheParts): CacheParts => variant?.(shipped, undefined as never) ?? shipped
      const subject = await suite.open({ parts, broken: true })
      const id = await subject.client.add('old')
      expect(await race(subject, id)).toBe('old')
    })
  })

  it.skipIf(suite.singleConnection)(
    'H06 a reader while COMMIT is on its way does not bring the old row back',
    async () => {
      const subject = await suite.open()
      const { client, tap, cache } = subject
      const companion = await subject.companion()
      const id = await client.add('old')
      await companion.nameOf(id)
      const commit = tap.holdBefore(/^commit/i)
      const transaction = client.transaction((tx) => tx.rename(id, 'new'))
      await commit.reached
      expect(await companion.nameOf(id)).toBe('old')
      expect(cache.stats().bypassReasons['write-in-flight']).toBe(1)
      commit.release()
      await transaction
      expect(await companion.nameOf(id)).toBe('new')
    },
  )

  it('H06 a COMMIT whose acknowledgement is held back is seen by readers that come after it', async () => {
    const subject = await suite.open()
    const { client, tap } = subject
    const companion = await subject.companion()
    const id = await client.add('old')
    await companion.nameOf(id)
    const commit = tap.holdAfter(/^commit/i)
    const transaction = client.transaction((tx) => tx.rename(id, 'new'))
    await commit.reached
    expect(await companion.nameOf(id)).toBe('new')
    commit.release()
    await transaction
    expect(await companion.nameOf(id)).toBe('new')
  })
}
