/** What every {@link Authority} must do, as a list of cases that any test runner can run. */

import assert from 'node:assert/strict'
import type { Authority, Settlement, TagStates } from '../protocol/authority.ts'
import { EVERYTHING, type Tag, tableTag, type WriterToken } from '../protocol/tag.ts'

/** How the suite gets an authority and lets its clock advance. */
export interface AuthorityUnderTest {
  readonly authority: Authority
  /** Lets at least this many ms pass on the authority's clock. */
  readonly pass: (milliseconds: number) => void | Promise<void>
  /** Ends what was started for this case. */
  readonly close?: () => void | Promise<void>
}

/** One case of a contract. */
export interface ContractCase<T> {
  readonly name: string
  readonly run: (subject: T) => Promise<void>
}

const LEASE = 1_000
let counter = 0

/** Tags and tokens of one case: no other case of the run uses them, so that a shared server can be tested too. */
function names() {
  const unique = `${process.pid}-${Date.now()}-${counter++}`
  return {
    a: tableTag(`a-${unique}`),
    b: tableTag(`b-${unique}`),
    w1: `w1-${unique}` as WriterToken,
    w2: `w2-${unique}` as WriterToken,
  }
}

/** The stamps of settled tags. */
async function stamped(authority: Authority, tags: readonly Tag[]): Promise<TagStates> {
  return await authority.create(tags)
}

async function settle(authority: Authority, tag: Tag, token: WriterToken): Promise<Settlement> {
  const [settlement] = await authority.settle([tag], token)
  assert(settlement !== undefined)
  return settlement
}

/** Cases for every authority. Run each with an authority of its own, or on tags that nobody else uses. */
export const authorityContract: readonly ContractCase<AuthorityUnderTest>[] = [
  {
    name: 'a tag that nobody has touched has no stamp and no mark',
    async run({ authority }) {
      const { a } = names()
      const states = await authority.lookup([a])
      assert.deepEqual([...states.stamps], [undefined])
      assert.equal(states.marked, false)
      assert.equal(typeof states.epoch, 'string')
    },
  },
  {
    name: 'create gives one stamp to a tag, and the same to whoever comes second',
    async run({ authority }) {
      const { a, b } = names()
      const [first, second] = await Promise.all([authority.create([a]), authority.create([a, b])])
      assert.equal(typeof first.stamps[0], 'string')
      assert.equal(first.stamps[0], second.stamps[0])
      assert.notEqual(second.stamps[0], second.stamps[1])
      assert.deepEqual((await authority.lookup([a, b])).stamps, second.stamps)
    },
  },
  {
    name: 'create gives nothing to a marked tag',
    async run({ authority }) {
      const { a, b, w1 } = names()
      await authority.unsettle([a], w1, LEASE)
      const states = await authority.create([a, b])
      assert.equal(states.marked, true)
      assert.equal(states.stamps[0], undefined)
      assert.equal(typeof states.stamps[1], 'string')
    },
  },
  {
    name: 'unsettle marks its tags only and leaves their stamps',
    async run({ authority }) {
      const { a, b, w1 } = names()
      const before = await stamped(authority, [a, b])
      await authority.unsettle([a], w1, LEASE)
      const after = await authority.lookup([a, b])
      assert.equal(after.marked, true)
      assert.deepEqual([...after.stamps], [...before.stamps])
      assert.equal((await authority.lookup([b])).marked, false)
    },
  },
  {
    name: 'settle removes the own mark and gives a stamp that was never there',
    async run({ authority }) {
      const { a, w1 } = names()
      const seen = new Set([(await stamped(authority, [a])).stamps[0]])
      for (let i = 0; i < 50; i++) {
        const token = `${w1}-${i}` as WriterToken
        await authority.unsettle([a], token, LEASE)
        const { stamp } = await settle(authority, a, token)
        assert(!seen.has(stamp), 'a stamp was used twice')
        seen.add(stamp)
        const states = await authority.lookup([a])
        assert.equal(states.marked, false)
        assert.equal(states.stamps[0], stamp)
      }
    },
  },
  {
    name: 'H08 cancel removes the own mark and leaves the stamp',
    async run({ authority }) {
      const { a, w1 } = names()
      const before = await stamped(authority, [a])
      await authority.unsettle([a], w1, LEASE)
      await authority.cancel([a], w1)
      const after = await authority.lookup([a])
      assert.equal(after.marked, false)
      assert.deepEqual([...after.stamps], [...before.stamps])
    },
  },
  {
    name: 'two writers have a mark each: the tag is settled when the last one is gone',
    async run({ authority }) {
      const { a, w1, w2 } = names()
      await authority.unsettle([a], w1, LEASE)
      await authority.unsettle([a], w2, LEASE)
      await authority.settle([a], w1)
      assert.equal((await authority.lookup([a])).marked, true)
      await authority.cancel([a], w2)
      assert.equal((await authority.lookup([a])).marked, false)
    },
  },
  {
    name: 'unsettle, settle and cancel are idempotent per token',
    async run({ authority }) {
      const { a, w1, w2 } = names()
      await authority.unsettle([a], w1, LEASE)
      await authority.unsettle([a], w1, LEASE)
      assert.equal((await settle(authority, a, w1)).alone, true)
      await authority.settle([a], w1)
      await authority.cancel([a], w1)
      await authority.cancel([a], w2)
      assert.equal((await authority.lookup([a])).marked, false)
    },
  },
  {
    name: 'H60 alone is true only without another mark at any time between unsettle and settle',
    async run({ authority }) {
      const { a, w1, w2 } = names()
      await authority.unsettle([a], w1, LEASE)
      await authority.unsettle([a], w2, LEASE)
      assert.equal((await settle(authority, a, w2)).alone, false)
      assert.equal((await settle(authority, a, w1)).alone, false)

      await authority.unsettle([a], w1, LEASE)
      await authority.unsettle([a], w2, LEASE)
      await authority.cancel([a], w2)
      assert.equal((await settle(authority, a, w1)).alone, false, 'a cancelled writer was there too')

      await authority.unsettle([a], w1, LEASE)
      assert.equal((await settle(authority, a, w1)).alone, true)
    },
  },
  {
    name: 'H60 a settle that does not find its own mark is not alone, and taints the marks that are there',
    async run({ authority }) {
      const { a, w1, w2 } = names()
      await authority.unsettle([a], w1, LEASE)
      assert.equal((await settle(authority, a, w2)).alone, false)
      assert.equal((await settle(authority, a, w1)).alone, false)
    },
  },
  {
    name: 'H09 a mark ends at its deadline, and the stamp from before it is gone',
    async run({ authority, pass }) {
      const { a, w1 } = names()
      const before = await stamped(authority, [a])
      await authority.unsettle([a], w1, LEASE)
      await pass(LEASE + 50)
      const after = await authority.lookup([a])
      assert.equal(after.marked, false)
      assert.notEqual(after.stamps[0], before.stamps[0])
      assert.equal(typeof (await authority.create([a])).stamps[0], 'string')
    },
  },
  {
    name: 'each mark has its own deadline',
    async run({ authority, pass }) {
      const { a, w1, w2 } = names()
      await authority.unsettle([a], w1, LEASE)
      await authority.unsettle([a], w2, 4 * LEASE)
      await pass(LEASE + 50)
      assert.equal((await authority.lookup([a])).marked, true)
      assert.equal((await settle(authority, a, w1)).alone, false, 'its lease had ended')
    },
  },
  {
    name: 'renew moves the deadline of marks that are there, and tells which were not',
    async run({ authority, pass }) {
      const { a, b, w1, w2 } = names()
      await authority.unsettle([a, b], w1, LEASE)
      await pass(LEASE / 2)
      const answers = await authority.renew(
        [
          { tags: [a, b], token: w1 },
          { tags: [a], token: w2 },
        ],
        LEASE,
      )
      assert.deepEqual([...answers], [true, false])
      await pass(LEASE * 0.7)
      assert.equal((await authority.lookup([a])).marked, true)
      await pass(LEASE)
      assert.deepEqual([...(await authority.renew([{ tags: [a, b], token: w1 }], LEASE))], [false])
      assert.equal((await authority.lookup([a])).marked, false, 'renew must not bring a mark back')
    },
  },
  {
    name: 'a settled tag keeps its stamp for longer than a lease',
    async run({ authority, pass }) {
      const { a, w1 } = names()
      await authority.unsettle([a], w1, LEASE)
      const { stamp } = await settle(authority, a, w1)
      await pass(2 * LEASE)
      assert.equal((await authority.lookup([a])).stamps[0], stamp)
    },
  },
  {
    name: 'answers keep the order of the tags asked',
    async run({ authority }) {
      const { a, b, w1 } = names()
      const { stamps } = await stamped(authority, [a, b])
      assert.deepEqual([...(await authority.lookup([b, a])).stamps], [stamps[1], stamps[0]])
      const settlements = await authority.settle([b, a], w1)
      const now = await authority.lookup([a, b])
      assert.deepEqual(
        settlements.map(({ stamp }) => stamp),
        [now.stamps[1], now.stamps[0]],
      )
    },
  },
  {
    name: 'the tag for everything is marked and settled like any other',
    async run({ authority }) {
      const { w1 } = names()
      const before = await stamped(authority, [EVERYTHING])
      await authority.unsettle([EVERYTHING], w1, LEASE)
      assert.equal((await authority.lookup([EVERYTHING])).marked, true)
      await authority.settle([EVERYTHING], w1)
      const after = await authority.lookup([EVERYTHING])
      assert.equal(after.marked, false)
      assert.notEqual(after.stamps[0], before.stamps[0])
    },
  },
  {
    name: 'the epoch stays while the authority keeps its state',
    async run({ authority }) {
      const { a, w1 } = names()
      const { epoch } = await authority.create([a])
      await authority.unsettle([a], w1, LEASE)
      await authority.settle([a], w1)
      assert.equal((await authority.lookup([a])).epoch, epoch)
    },
  },
]
