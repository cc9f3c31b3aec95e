import { describe, expect, it } from 'vitest'
import type { TableWrite } from '../sql/statement-tables.ts'
import type { ForeignKey, ReferentialAction } from './foreign-key.ts'
import { SchemaGraph } from './schema-graph.ts'

function key(path: string, onDelete: ReferentialAction, onUpdate: ReferentialAction): ForeignKey {
  const [child = '', parent = ''] = path.split(' -> ')
  const [table = '', column = ''] = child.split('.')
  const [references = '', referenced = ''] = parent.split('.')
  return { table, columns: [column], references, referencedColumns: [referenced], onDelete, onUpdate }
}

const shop = new SchemaGraph({
  foreignKeys: [
    key('orders.user_id -> users.id', 'cascade', 'cascade'),
    key('lines.order_id -> orders.id', 'cascade', 'no-action'),
    key('reviews.user_id -> users.id', 'set-null', 'restrict'),
    key('gifts.sender_id -> users.id', 'set-default', 'set-default'),
    key('audits.user_id -> users.id', 'restrict', 'no-action'),
    key('invoices.owner_email -> users.email', 'no-action', 'cascade'),
    key('invoice_lines.owner_email -> invoices.owner_email', 'no-action', 'cascade'),
    key('review_votes.review_user -> reviews.user_id', 'no-action', 'cascade'),
  ],
})

const tables = (...writes: TableWrite[]) => [...shop.closure(writes)].sort()

describe('SchemaGraph.closure', () => {
  it('H23 follows ON DELETE CASCADE transitively, SET NULL and SET DEFAULT, and not RESTRICT or NO ACTION', () => {
    expect(tables({ table: 'users', event: 'delete' })).toEqual([
      'gifts',
      'lines',
      'orders',
      'review_votes',
      'reviews',
      'users',
    ])
  })

  it('H23 a delete that sets a child key to null is an update of that column for the keys that point at it', () => {
    expect(tables({ table: 'users', event: 'delete' })).toContain('review_votes')
    expect(tables({ table: 'reviews', event: 'delete' })).toEqual(['reviews'])
  })

  it('H23 follows ON UPDATE only when a referenced column may be assigned', () => {
    expect(tables({ table: 'users', event: 'update', columns: ['name'] })).toEqual(['users'])
    expect(tables({ table: 'users', event: 'update', columns: ['email'] })).toEqual([
      'invoice_lines',
      'invoices',
      'users',
    ])
    expect(tables({ table: 'users', event: 'update', columns: ['name', 'id'] })).toEqual(['gifts', 'orders', 'users'])
  })

  it('H23 an update whose columns are not known may assign every referenced column', () => {
    expect(tables({ table: 'users', event: 'update' })).toEqual([
      'gifts',
      'invoice_lines',
      'invoices',
      'orders',
      'users',
    ])
  })

  it('H23 unites what several writes reach', () => {
    const writes: TableWrite[] = [
      { table: 'orders', event: 'delete' },
      { table: 'users', event: 'update', columns: ['email'] },
    ]
    expect(tables(...writes)).toEqual(['invoice_lines', 'invoices', 'lines', 'orders', 'users'])
  })

  it('H23 a later column of one table is followed although an earlier one was', () => {
    const writes: TableWrite[] = [
      { table: 'users', event: 'update', columns: ['name'] },
      { table: 'users', event: 'update', columns: ['name', 'email'] },
    ]
    expect(tables(...writes)).toEqual(['invoice_lines', 'invoices', 'users'])
  })

  it('follows nothing for an insert', () => {
    expect(tables({ table: 'users', event: 'insert' })).toEqual(['users'])
  })

  it('H36 TRUNCATE follows every foreign key whatever its action', () => {
    expect(tables({ table: 'users', event: 'truncate' })).toEqual([
      'audits',
      'gifts',
      'invoice_lines',
      'invoices',
      'lines',
      'orders',
      'review_votes',
      'reviews',
      'users',
    ])
    expect(tables({ table: 'users', event: 'ddl' })).toEqual(tables({ table: 'users', event: 'truncate' }))
  })

  it('H23 ends on cycles and on tables that reference themselves', () => {
    const ring = new SchemaGraph({
      foreignKeys: [
        key('a.b_id -> b.id', 'cascade', 'cascade'),
        key('b.c_id -> c.id', 'cascade', 'cascade'),
        key('c.a_id -> a.id', 'cascade', 'cascade'),
        key('a.parent_id -> a.id', 'cascade', 'cascade'),
      ],
    })
    expect([...ring.closure([{ table: 'a', event: 'delete' }])].sort()).toEqual(['a', 'b', 'c'])
    expect([...ring.closure([{ table: 'b', event: 'update' }])].sort()).toEqual(['a', 'b'])
    expect([...ring.closure([{ table: 'c', event: 'truncate' }])].sort()).toEqual(['a', 'b', 'c'])
  })

  it('H23 matches keys of several columns when any of them may be assigned', () => {
    const graph = new SchemaGraph({
      foreignKeys: [
        {
          table: 'stock',
          columns: ['shop', 'sku'],
          references: 'products',
          referencedColumns: ['shop_id', 'sku'],
          onDelete: 'no-action',
          onUpdate: 'cascade',
        },
      ],
    })
    expect(graph.closure([{ table: 'products', event: 'update', columns: ['sku'] }])).toEqual(['products', 'stock'])
    expect(graph.closure([{ table: 'products', event: 'update', columns: ['price'] }])).toEqual(['products'])
  })

  it('lists the written tables first, each once, and passes unknown tables through', () => {
    const writes: TableWrite[] = [
      { table: 'logs', event: 'delete' },
      { table: 'orders', event: 'delete' },
      { table: 'orders', event: 'insert' },
    ]
    expect(shop.closure(writes)).toEqual(['logs', 'orders', 'lines'])
  })
})
