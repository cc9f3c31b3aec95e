// Rows and their versions in query results.

import { expect, it } from 'vitest'
import { findRows } from './find-rows.ts'

const naming = {
  keys: { Order: ['id'], Item: ['orderId', 'productId'] },
  relations: { items: 'Item', seller: 'Seller', orders: 'Order' },
}

it('finds rows at any depth, also below a model without versions', () => {
  const items = [{ orderId: 1, productId: 2, version: 4 }]
  const value = { id: 1, version: 3, items, seller: { name: 'S', orders: [{ id: 8, version: 0, items: [] }] } }
  expect(findRows([value, null], 'Order', naming)).toEqual([
    { row: 'Order 1', version: 3 },
    { row: 'Item 1/2', version: 4 },
    { row: 'Order 8', version: 0 },
  ])
})

it('throws when a query leaves out what a row is judged by', () => {
  expect(() => findRows({ id: 1 }, 'Order', naming)).toThrow('a query leaves out id or version of Order')
  expect(() => findRows({ version: 1 }, 'Order', naming)).toThrow('a query leaves out id or version of Order')
})
