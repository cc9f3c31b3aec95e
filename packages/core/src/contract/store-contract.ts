/** What every {@link Store} must do, as a list of cases that any test runner can run. */

import assert from 'node:assert/strict'
import type { EntryKey, Store } from '../store/store.ts'
import type { ContractCase } from './authority-contract.ts'

export interface StoreUnderTest {
  readonly store: Store
  /** Lets at least this many ms pass on the store's clock. */
  readonly pass: (milliseconds: number) => void | Promise<void>
}

let counter = 0

function newKey(): EntryKey {
  return `q:table:t-${process.pid}-${Date.now()}:${counter++}` as EntryKey
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

async function got(store: Store, key: EntryKey): Promise<number[] | undefined> {
  const entry = await store.get(key)
  if (entry === undefined) return undefined
  assert(entry instanceof Uint8Array, 'an entry is bytes')
  return [...entry]
}

/** Cases for every store. */
export const storeContract: readonly ContractCase<StoreUnderTest>[] = [
  {
    name: 'a key that was never set is undefined',
    async run({ store }) {
      assert.equal(await got(store, newKey()), undefined)
    },
  },
  {
    name: 'every byte comes back as it was',
    async run({ store }) {
      const key = newKey()
      const all = Uint8Array.from({ length: 1024 }, (_, i) => i % 256)
      await store.set(key, all, 60_000)
      assert.deepEqual(await got(store, key), [...all])
    },
  },
  {
    name: 'the last entry set is the one that comes back',
    async run({ store }) {
      const [key, other] = [newKey(), newKey()]
      await store.set(key, bytes(1), 60_000)
      await store.set(other, bytes(9), 60_000)
      await store.set(key, bytes(2, 3), 60_000)
      assert.deepEqual(await got(store, key), [2, 3])
      assert.deepEqual(await got(store, other), [9])
    },
  },
  {
    name: 'what the caller does to its bytes afterwards changes nothing',
    async run({ store }) {
      const key = newKey()
      const mine = bytes(1, 2, 3)
      await store.set(key, mine, 60_000)
      mine.fill(0)
      assert.deepEqual(await got(store, key), [1, 2, 3])
      ;(await store.get(key))?.fill(7)
      assert.deepEqual(await got(store, key), [1, 2, 3])
    },
  },
  {
    name: 'delete removes one entry, and is no error when there is none',
    async run({ store }) {
      const [key, other] = [newKey(), newKey()]
      await store.set(key, bytes(1), 60_000)
      await store.set(other, bytes(2), 60_000)
      await store.delete(key)
      await store.delete(key)
      assert.equal(await got(store, key), undefined)
      assert.deepEqual(await got(store, other), [2])
    },
  },
  {
    name: 'an entry is gone when its ttl is over, and a new one starts anew',
    async run({ store, pass }) {
      const key = newKey()
      await store.set(key, bytes(1), 200)
      await store.set(key, bytes(2), 60_000)
      await pass(300)
      assert.deepEqual(await got(store, key), [2])
      await store.set(key, bytes(3), 200)
      await pass(300)
      assert.equal(await got(store, key), undefined)
    },
  },
  {
    name: 'a large entry and many at once are no trouble',
    async run({ store }) {
      const large = newKey()
      await store.set(large, new Uint8Array(2_000_000).fill(5), 60_000)
      const keys = Array.from({ length: 200 }, newKey)
      await Promise.all(keys.map((key, i) => store.set(key, bytes(i), 60_000)))
      assert.deepEqual(
        await Promise.all(keys.map((key) => got(store, key))),
        keys.map((_, i) => [i]),
      )
      assert.equal((await store.get(large))?.length, 2_000_000)
    },
  },
]
