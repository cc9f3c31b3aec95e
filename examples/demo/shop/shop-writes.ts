/** What happens in the shop. Each write raises the version of every row that it changes, by one. */

import type { Prisma, PrismaClient } from '../../../prisma/generated/postgres/client.ts'
import type { ShopCounts } from '../../../prisma/shop-data.ts'
import { findRows, type RowNaming } from '../ledger/find-rows.ts'
import type { Page, Request } from '../workload/data-set.ts'
import type { Draw } from '../workload/draw.ts'
import { productSkew } from './shop-pages.ts'

/** How many later ones of its kind a thing outlives in the plan, so that it exists when its removal comes. */
const lifetime = 4
const raise = { increment: 1 } as const
/** The embedded database has one connection, which all transactions wait for. */
const patience = { maxWait: 30_000, timeout: 60_000 } as const

interface PlannedOrder {
  readonly name: string
  readonly user: number
  readonly products: readonly number[]
}

interface PlannedReview {
  readonly name: string
  readonly product: number
}

export function shopWrites(counts: ShopCounts, naming: RowNaming): readonly Page<PrismaClient>[] {
  const orders: PlannedOrder[] = []
  const reviews: PlannedReview[] = []
  let planned = 0

  function planReview(draw: Draw): Request<PrismaClient> {
    const product = draw.zipf(counts.products, productSkew)
    const data = {
      productId: product,
      userId: draw.zipf(counts.users, 0.8),
      rating: 1 + draw.below(5),
      body: 'as told',
    }
    const name = `review ${++planned}`
    reviews.push({ name, product })
    return async ({ client, made, write }) => {
      const { id } = await write({
        totals: { reviews: 1, [`reviews of product ${product}`]: 1 },
        run: () => client.review.create({ data }),
        outcome: (review) => ({
          rows: findRows(review, 'Review', naming),
          additions: [`reviews of product ${product}`, 'newest reviews'].map((list) =>
            addition(list, 'Review', review.id),
          ),
        }),
      })
      made.set(name, id)
    }
  }

  function planOrder(draw: Draw): Request<PrismaClient> {
    const user = draw.zipf(counts.users, 0.8)
    const products = draw.distinctZipf(1 + draw.below(3), counts.products, productSkew)
    const quantities = new Map(products.map((product) => [product, 1 + draw.below(3)]))
    const name = `order ${++planned}`
    orders.push({ name, user, products })
    const list = `orders of user ${user}`
    return async ({ client, made, write }) => {
      const { id } = await write({
        totals: { orders: 1, [list]: 1, ...itemTotals(products, 1) },
        run: () =>
          client.$transaction(async (tx) => {
            const sold = await tx.product.findMany({
              where: { id: { in: products } },
              select: { id: true, price: true },
            })
            const items = sold.map(({ id, price }) => ({
              productId: id,
              quantity: quantities.get(id) ?? 1,
              unitPrice: price,
            }))
            const data = { userId: user, status: 'PAID', items: { create: items } } as const
            return tx.order.create({ data, include: { items: true } })
          }, patience),
        outcome: (order) => ({
          rows: findRows(order, 'Order', naming),
          additions: [addition(list, 'Order', order.id)],
        }),
      })
      made.set(name, id)
    }
  }

  function planProductChange(change: (draw: Draw) => Prisma.ProductUpdateInput) {
    return (draw: Draw): Request<PrismaClient> => {
      const id = draw.zipf(counts.products, productSkew)
      const changes = change(draw)
      return async ({ client, write }) => {
        await write({
          totals: { 'versions of all products': 1 },
          run: () =>
            client.product.update({ where: { id }, data: { ...changes, version: raise }, include: { prices: true } }),
          outcome: (product) => ({ rows: findRows(product, 'Product', naming) }),
        })
      }
    }
  }

  return [
    { name: 'writes', writes: true, weight: 28, plan: planReview },
    { name: 'writes', writes: true, weight: 25, plan: planOrder },
    {
      name: 'writes',
      writes: true,
      weight: 10,
      plan: planProductChange((draw) => priceChange((1 + draw.below(50_000) / 100).toFixed(2))),
    },
    { name: 'writes', writes: true, weight: 7, plan: planProductChange((draw) => ({ stock: draw.below(1_000) })) },
    {
      name: 'writes',
      writes: true,
      weight: 12,
      plan(draw) {
        const id = draw.zipf(counts.users, 0.8)
        const data = { name: `renamed ${draw.below(1_000)}`, version: raise }
        return async ({ client, write }) => {
          await write({
            run: () => client.user.update({ where: { id }, data }),
            outcome: (user) => ({ rows: findRows(user, 'User', naming) }),
          })
        }
      },
    },
    {
      name: 'writes',
      writes: true,
      weight: 10,
      plan(draw) {
        const order = orders.length > lifetime ? draw.pick(orders.slice(0, -lifetime)) : undefined
        if (order === undefined) return planOrder(draw)
        return async ({ client, made, write }) => {
          const id = made.get(order.name)
          if (id === undefined) return
          await write({
            // Not `update`: it throws when the order has just been cancelled.
            run: () => client.order.updateManyAndReturn({ where: { id }, data: { status: 'SHIPPED', version: raise } }),
            outcome: (shipped) => ({ rows: findRows(shipped, 'Order', naming) }),
          })
        }
      },
    },
    {
      name: 'writes',
      writes: true,
      weight: 4,
      plan(draw) {
        const review = reviews.length > lifetime ? reviews.shift() : undefined
        if (review === undefined) return planReview(draw)
        const { name, product } = review
        return async ({ client, made, write }) => {
          const id = made.get(name)
          if (id === undefined) return
          await write({
            totals: { reviews: -1, [`reviews of product ${product}`]: -1 },
            deletes: [`Review ${id}`],
            run: () => client.review.delete({ where: { id } }),
            outcome: () => ({}),
          })
        }
      },
    },
    {
      name: 'writes',
      writes: true,
      weight: 4,
      plan(draw) {
        const order = orders.length > lifetime ? orders.shift() : undefined
        if (order === undefined) return planOrder(draw)
        const { name, user, products } = order
        return async ({ client, made, write }) => {
          const id = made.get(name)
          if (id === undefined) return
          await write({
            totals: { orders: -1, [`orders of user ${user}`]: -1, ...itemTotals(products, -1) },
            deletes: [`Order ${id}`, ...products.map((product) => `OrderItem ${id}/${product}`)],
            // Its items go with it: ON DELETE CASCADE.
            run: () => client.order.delete({ where: { id } }),
            outcome: () => ({}),
          })
        }
      },
    },
  ]
}

/** The price of the product and, in the same transaction, its rows in other currencies. */
function priceChange(price: string): Prisma.ProductUpdateInput {
  const amounts = [
    { where: { currency: 'EUR' }, data: { amount: price, version: raise } },
    { where: { currency: 'USD' }, data: { amount: (Number(price) * 1.1).toFixed(2), version: raise } },
  ]
  return { price, prices: { updateMany: amounts } }
}

function itemTotals(products: readonly number[], change: number): Record<string, number> {
  return Object.fromEntries(products.map((product) => [`order items of product ${product}`, change]))
}

function addition(list: string, model: string, key: number) {
  return { list, row: `${model} ${key}`, key }
}
