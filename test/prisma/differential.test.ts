/** Random reads and writes through a cached and an uncached client on one database: every cached read equals the uncached one. */

import { inspect } from 'node:util'
import { createCache } from '@larder/core'
import { sameValue } from '@larder/core/testing'
import { cacheExtension } from '@larder/prisma'
import { expect, it } from 'vitest'
import { describeDatabases } from '../servers/databases.ts'
import type { ShopClient } from '../servers/shop-client.ts'
import { Dice, READS, type Shop, WRITES } from './random-operations.ts'

/** Per database; 50,000 in the long run. */
const OPERATIONS = Number(process.env['LARDER_DIFFERENTIAL_OPERATIONS'] ?? 2_000)
/** Operations after which the shop is filled anew. */
const REFILL = 250
const SEED = Number(process.env['LARDER_DIFFERENTIAL_SEED'] ?? 20_261_120)

/** Thrown to roll a transaction back. */
class RollBack extends Error {}

await describeDatabases('H01 H04 H05 H20 H23 H24 H25 H40 differential', ({ open, dialect, kind }) => {
  it.each([false, true])(
    `cached reads equal uncached ones through ${OPERATIONS} operations (relationJoins: %s)`,
    { timeout: 1_800_000 },
    async (relationJoins) => {
      // Half of the operations with each strategy; SQLite has only one.
      if (relationJoins && dialect === 'sqlite') return
      await using database = await open()
      await database.load({ scale: 0.004 })
      const plain = database.client({ relationJoins })
      const cache = createCache({ ttl: '1h' })
      const cached = database.client({ relationJoins }).$extends(cacheExtension({ cache }))
      await cached.$cache.ready()
      const run = new Differential(plain, cached as unknown as ShopClient, { dialect, kind }, new Dice(SEED))
      const share = dialect === 'sqlite' ? OPERATIONS : Math.ceil(OPERATIONS / 2)
      for (let next = REFILL; run.operations < share; ) {
        await run.round()
        if (run.operations < next) continue
        // Random deletes leave little after a while.
        next += REFILL
        await database.reset()
        await database.load({ scale: 0.004 })
        await cached.$cache.invalidate({ all: true })
      }

      const stats = cache.stats()
      console.log(
        `${kind}: ${run.operations} operations, ${run.compared} reads compared, hit rate ${stats.hitRate.toFixed(2)}`,
      )
      expect(stats.faults).toBe(0)
      expect(stats.hits).toBeGreaterThan(run.compared / 10)
    },
  )
})

class Differential {
  operations = 0
  compared = 0
  readonly #plain: ShopClient
  readonly #cached: ShopClient
  readonly #shop: Pick<Shop, 'dialect' | 'kind'>
  readonly #dice: Dice
  readonly #log: string[] = []

  constructor(plain: ShopClient, cached: ShopClient, shop: Pick<Shop, 'dialect' | 'kind'>, dice: Dice) {
    this.#plain = plain
    this.#cached = cached
    this.#shop = shop
    this.#dice = dice
  }

  /** Some reads that fill the cache, something that changes the database, and the same reads again. */
  async round(): Promise<void> {
    const reads = Array.from({ length: 1 + this.#dice.below(4) }, () => this.#someRead())
    for (const read of reads) await this.#compare(read)
    switch (this.#dice.below(6)) {
      case 0:
        await this.#transaction()
        break
      case 1:
        await this.#arrayTransaction()
        break
      case 2:
        await this.#crowd(reads)
        break
      default:
        for (let i = 0; i < 1 + this.#dice.below(3); i++) await this.#write(this.#cached)
    }
    for (const read of reads) await this.#compare(read)
  }

  async #compare(read: { name: string; run: (client: ShopClient) => PromiseLike<unknown> }): Promise<void> {
    this.operations++
    this.compared++
    const fresh = await outcome(read.run(this.#plain))
    for (const turn of ['first', 'second']) {
      const answer = await outcome(read.run(this.#cached))
      const difference = sameValue(answer, fresh)
      if (difference !== undefined) {
        expect.fail(
          `${read.name} (${turn}): cached and uncached differ at ${difference}: ${inspect(answer).slice(0, 300)}\n${this.#log.slice(-12).join('\n')}`,
        )
      }
      // What a caller does to its result is nobody else's business.
      ruin(answer)
    }
  }

  #someRead(): { name: string; run: (client: ShopClient) => PromiseLike<unknown> } {
    const name = this.#dice.pick(Object.keys(READS))
    const make = READS[name] as (typeof READS)[string]
    return { name, run: make({ ...this.#shop, dice: this.#dice }) }
  }

  async #write(client: ShopClient): Promise<void> {
    this.operations++
    const name = this.#dice.pick(Object.keys(WRITES))
    const write = WRITES[name] as (typeof WRITES)[string]
    this.#log.push(name)
    await outcome(write({ ...this.#shop, dice: this.#dice })(client))
  }

  /** Reads and writes inside; commits, or rolls back. Reads inside are compared with the transaction's own truth by re-reading raw. */
  async #transaction(): Promise<void> {
    this.#log.push('transaction {')
    const rollBack = this.#dice.chance(0.4)
    await this.#cached
      .$transaction(
        async (tx) => {
          const client = tx as unknown as ShopClient
          for (let i = 0; i < 1 + this.#dice.below(3); i++) {
            await this.#write(client)
            const before = await client.user.count()
            const email = `tx${this.operations}.${i}@example.com`
            await client.user.create({ data: { email } })
            // Own writes are seen inside, whatever the cache holds.
            expect(await client.user.count()).toBe(before + 1)
          }
          if (rollBack) throw new RollBack()
        },
        { timeout: 60_000, maxWait: 60_000 },
      )
      .catch((error: unknown) => {
        if ((error as Error).name === 'AssertionError') throw error
        // A failed statement aborts a PostgreSQL transaction: it is rolled back like the ones that were meant to be.
        this.#log.push(`rolled back: ${error instanceof RollBack ? 'on purpose' : String(error).slice(0, 200)}`)
      })
    this.#log.push('}')
  }

  async #arrayTransaction(): Promise<void> {
    this.operations++
    this.#log.push('array transaction')
    const id = 1 + this.#dice.below(8)
    await outcome(
      this.#cached.$transaction([
        this.#cached.user.findMany({ where: { id: { lte: id } }, orderBy: { id: 'asc' } }),
        this.#cached.user.updateMany({ where: { id }, data: { version: { increment: 1 } } }),
        this.#cached.order.count(),
        ...(this.#dice.chance(0.3)
          ? [
              this.#cached.user.create({
                data: { email: this.#dice.chance(0.5) ? `a${this.operations}@x` : 'user1@example.com' },
              }),
            ]
          : []),
      ]),
    )
  }

  /** Writers and readers at once: while they run, answers cannot be compared; afterwards they must be right. */
  async #crowd(reads: readonly { run: (client: ShopClient) => PromiseLike<unknown> }[]): Promise<void> {
    this.#log.push('crowd {')
    await Promise.all([
      ...reads.flatMap(({ run }) => [outcome(run(this.#cached)), outcome(run(this.#cached))]),
      this.#write(this.#cached),
      ...reads.map(({ run }) => outcome(run(this.#cached))),
      this.#write(this.#cached),
    ])
    this.#log.push('}')
  }
}

/** Empties everything in a result. */
function ruin(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (value instanceof Uint8Array) value.fill(0)
  if (value instanceof Date) value.setTime(0)
  for (const key of Object.keys(value)) {
    ruin((value as Record<string, unknown>)[key])
    if (!(value instanceof Uint8Array)) delete (value as Record<string, unknown>)[key]
  }
}

/** A result, or the code of the error: both clients must fail alike. */
async function outcome(running: PromiseLike<unknown>): Promise<unknown> {
  try {
    return await running
  } catch (error) {
    const { code, name } = error as { code?: string; name?: string }
    if (name === 'AssertionError') throw error
    return { failed: code ?? `${name}: ${(error as Error).message}` }
  }
}
