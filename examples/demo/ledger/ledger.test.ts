// What counts as a stale read, and what does not.

import { expect, it } from 'vitest'
import { Ledger } from './ledger.ts'

const row = 'Product 1'

function write(ledger: Ledger, version: number): void {
  ledger.sent({})
  ledger.acknowledged({}, { rows: [{ row, version }] })
}

it('finds a version older than the one acknowledged before the read began', () => {
  const ledger = new Ledger()
  write(ledger, 1)
  write(ledger, 2)
  const began = ledger.now
  expect(ledger.staleIn({ rows: [{ row, version: 1 }] }, began)).toEqual([
    'Product 1 has version 1, and 2 had been acknowledged',
  ])
  expect(ledger.staleIn({ rows: [{ row, version: 2 }] }, began)).toEqual([])
  expect(ledger.staleIn({ rows: [{ row, version: 3 }] }, began)).toEqual([])
})

it('forgives a version that became old while the read was on its way', () => {
  const ledger = new Ledger()
  write(ledger, 1)
  const began = ledger.now
  write(ledger, 2)
  expect(ledger.staleIn({ rows: [{ row, version: 1 }] }, began)).toEqual([])
  expect(ledger.staleIn({ rows: [{ row, version: 0 }] }, began)).toHaveLength(1)
})

it('keeps the newest version when two writes are acknowledged in the other order', () => {
  const ledger = new Ledger()
  write(ledger, 2)
  write(ledger, 1)
  expect(ledger.staleIn({ rows: [{ row, version: 1 }] }, ledger.now)).toHaveLength(1)
})

it('finds a row that still appears after its deletion was acknowledged', () => {
  const ledger = new Ledger()
  const before = ledger.now
  ledger.sent({ deletes: [row] })
  expect(ledger.staleIn({ rows: [{ row, version: 5 }] }, ledger.now)).toEqual([])
  ledger.acknowledged({ deletes: [row] }, {})
  expect(ledger.staleIn({ rows: [{ row, version: 5 }] }, before)).toEqual([])
  expect(ledger.staleIn({ rows: [{ row, version: 5 }] }, ledger.now)).toEqual(['Product 1 had been deleted'])
})

it('holds a total to what was acknowledged before the read and sent before its end', () => {
  const ledger = new Ledger({ orders: 10 })
  const change = (orders: number): (() => void) => {
    ledger.sent({ totals: { orders } })
    return () => ledger.acknowledged({ totals: { orders } }, {})
  }
  change(+1)()
  const began = ledger.now
  const acknowledge = [change(+2), change(-4)]
  const problems = (orders: number): string[] => ledger.staleIn({ totals: { orders } }, began)
  expect([6, 7, 11, 13, 14].map((orders) => problems(orders).length)).toEqual([1, 0, 0, 0, 1])
  for (const one of acknowledge) one()
  expect(problems(7)).toEqual([])
  expect(ledger.staleIn({ totals: { orders: 11 } }, ledger.now)).toEqual(['orders: 11, and it had to be 9'])
})

it('finds a row that is missing from the newest of its list', () => {
  const ledger = new Ledger()
  const list = 'reviews'
  const add = (key: number): void => {
    ledger.sent({})
    ledger.acknowledged({}, { additions: [{ list, row: `Review ${key}`, key }] })
  }
  add(7)
  const began = ledger.now
  add(9)
  const problems = (keys: readonly number[], limit: number): string[] =>
    ledger.staleIn({ lists: [{ list, keys, limit }] }, began)
  expect(problems([6, 5], 2)).toEqual(['Review 7 is missing from the reviews'])
  expect(problems([], 2)).toHaveLength(1)
  // Room was left for it.
  expect(problems([8], 2)).toHaveLength(1)
  expect(problems([7, 6], 2)).toEqual([])
  // Older than all that are shown, and acknowledged only after the read began.
  expect(problems([9, 8], 2)).toEqual([])
  ledger.sent({ deletes: ['Review 7'] })
  expect(problems([6, 5], 2)).toEqual([])
})
