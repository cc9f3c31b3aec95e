/** Random reads and writes on the sample shop: every operation of Prisma, every kind of nesting, on few rows. */

import type { Dialect } from '../../prisma/shop-sql.ts'
import type { ShopClient } from '../servers/shop-client.ts'
import type { DatabaseKind } from '../servers/test-database.ts'

/** A seeded source of choices (mulberry32). */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  below(bound: number): number {
    return Math.floor(this.fraction() * bound)
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T
  }
}

export interface Shop {
  readonly dialect: Dialect
  readonly kind: DatabaseKind
  readonly dice: Dice
}

/** Draws its parameters when it is made, so that it can be run several times. */
export type Operation = (shop: Shop) => (client: ShopClient) => PromiseLike<unknown>

const byId = { orderBy: { id: 'asc' } } as const
/** Few ids, so that reads and writes meet. */
const someId = (dice: Dice): number => 1 + dice.below(8)
const text = (dice: Dice): string => dice.pick(['oak', "it's", 'ünï', '__proto__', '🙂', 'a"b\\c', 'wool', ''])

export const READS: Readonly<Record<string, Operation>> = {
  'user by id': ({ dice }) => {
    const id = someId(dice)
    return (db) => db.user.findUnique({ where: { id } })
  },
  'user by id or throw': ({ dice }) => {
    const id = 1 + dice.below(30)
    return (db) => db.user.findUniqueOrThrow({ where: { id } })
  },
  'orders of a user, fluent': ({ dice }) => {
    const id = someId(dice)
    return (db) => db.user.findUnique({ where: { id } }).orders(byId)
  },
  'orders of a user, selected': ({ dice }) => {
    const id = someId(dice)
    return (db) => db.user.findUnique({ where: { id }, select: { orders: byId } })
  },
  'user with everything': ({ dice }) => {
    const id = someId(dice)
    return (db) =>
      db.user.findUnique({
        where: { id },
        include: {
          profile: true,
          reviews: { ...byId, include: { product: true } },
          orders: {
            ...byId,
            include: { items: { orderBy: { productId: 'asc' }, include: { product: { include: { tags: byId } } } } },
          },
        },
      })
  },
  'products of a tag': ({ dice }) => {
    const id = 1 + dice.below(4)
    return (db) => db.product.findMany({ where: { tags: { some: { id } } }, ...byId })
  },
  'products without reviews': () => (db) =>
    db.product.findMany({ where: { reviews: { none: {} } }, ...byId, take: 10 }),
  'products, counted relations': ({ dice }) => {
    const take = 3 + dice.below(5)
    return (db) =>
      db.product.findMany({
        ...byId,
        take,
        include: { _count: { select: { reviews: true, tags: true, items: true } }, category: true },
      })
  },
  'category tree': () => (db) =>
    db.category.findMany({ ...byId, include: { children: { ...byId, include: { products: byId } }, parent: true } }),
  'cheap products': ({ dice }) => {
    const limit = 10 * (1 + dice.below(20))
    return (db) =>
      db.product.findMany({
        where: { price: { lt: limit } },
        orderBy: [{ price: 'asc' }, { id: 'asc' }],
        select: { id: true, price: true, stock: true, releasedAt: true },
      })
  },
  'first order by status': ({ dice }) => {
    const status = dice.pick(['PENDING', 'PAID', 'SHIPPED', 'CANCELLED'] as const)
    return (db) => db.order.findFirst({ where: { status }, ...byId, include: { user: true } })
  },
  'orders of named users': ({ dice }) => {
    const part = dice.pick(['a', 'e', '1', '2'])
    return (db) => db.order.findMany({ where: { user: { is: { email: { contains: part } } } }, ...byId, take: 8 })
  },
  'users by orders': () => (db) =>
    db.user.findMany({
      orderBy: [{ orders: { _count: 'desc' } }, { id: 'asc' }],
      take: 5,
      select: { id: true, email: true },
    }),
  'order items, composite id': ({ dice }) => {
    const [orderId, productId] = [someId(dice), someId(dice)]
    return (db) => db.orderItem.findUnique({ where: { orderId_productId: { orderId, productId } } })
  },
  'price of a product': ({ dice }) => {
    const [productId, currency] = [someId(dice), dice.pick(['EUR', 'USD'])]
    return (db) =>
      db.price.findUnique({ where: { productId_currency: { productId, currency } }, include: { product: true } })
  },
  'count users': () => (db) => db.user.count(),
  'count of some': ({ dice }) => {
    const rating = 1 + dice.below(5)
    return (db) => db.review.count({ where: { rating }, select: { _all: true, body: true, userId: true } })
  },
  aggregate: () => (db) =>
    db.product.aggregate({
      _count: true,
      _max: { price: true, releasedAt: true },
      _min: { id: true },
      _sum: { stock: true },
    }),
  'group by rating': () => (db) =>
    db.review.groupBy({ by: ['rating'], _count: { _all: true }, orderBy: { rating: 'asc' } }),
  'group orders of statuses': () => (db) =>
    db.order.groupBy({
      by: ['status', 'userId'],
      _count: true,
      having: { userId: { gt: 2 } },
      orderBy: [{ status: 'asc' }, { userId: 'asc' }],
    }),
  'reviews, distinct users': () => (db) =>
    db.review.findMany({
      distinct: ['userId'],
      orderBy: [{ userId: 'asc' }, { id: 'asc' }],
      select: { userId: true, rating: true },
    }),
  'page of reviews by cursor': ({ dice }) => {
    const id = someId(dice)
    return (db) => db.review.findMany({ cursor: { id }, skip: 1, take: 3, ...byId })
  },
  'settings of users': ({ dice }) => {
    const id = someId(dice)
    return (db) =>
      db.user.findMany({
        where: { id: { lte: id } },
        ...byId,
        select: { id: true, settings: true, role: true, createdAt: true },
      })
  },
  'images and attributes': () => (db) =>
    db.product.findMany({ ...byId, take: 6, select: { image: true, attributes: true, weight: true, active: true } }),
  'page views': () => (db) =>
    db.pageView.findMany({ orderBy: [{ path: 'asc' }, { id: 'asc' }], take: 10, include: { product: true } }),
  nobody: () => (db) => db.user.findFirst({ where: { email: 'nobody@nowhere' } }),
}

export const WRITES: Readonly<Record<string, Operation>> = {
  'create user': ({ dice }) => {
    const email = `new${dice.below(1_000_000)}@example.com`
    return (db) =>
      db.user.create({ data: { email, name: text(dice), settings: { [text(dice)]: [1, null, text(dice)] } } })
  },
  'create nobody': () => (db) => db.user.create({ data: { email: 'nobody@nowhere' } }),
  'delete nobody': () => (db) => db.user.deleteMany({ where: { email: 'nobody@nowhere' } }),
  'update user': ({ dice }) => {
    const id = someId(dice)
    return (db) => db.user.update({ where: { id }, data: { name: text(dice), version: { increment: 1 } } })
  },
  'delete user': ({ dice }) => {
    const id = 1 + dice.below(20)
    return (db) => db.user.delete({ where: { id } })
  },
  'change id of a user': ({ dice }) => {
    const [id, to] = [someId(dice), 1_000 + dice.below(1_000_000)]
    return (db) => db.user.update({ where: { id }, data: { id: to } })
  },
  'upsert user': ({ dice }) => {
    const email = `user${dice.below(12)}@example.com`
    return (db) => db.user.upsert({ where: { email }, create: { email, role: 'STAFF' }, update: { role: 'ADMIN' } })
  },
  'upsert profile, nested': ({ dice }) => {
    const id = someId(dice)
    return (db) =>
      db.user.update({
        where: { id },
        data: { profile: { upsert: { create: { bio: text(dice) }, update: { bio: text(dice) } } } },
      })
  },
  'order with items': ({ dice }) => {
    const [userId, productId] = [someId(dice), someId(dice)]
    return (db) =>
      db.order.create({
        data: { userId, items: { create: [{ productId, unitPrice: '9.90', quantity: 2 }] } },
        include: { items: true },
      })
  },
  'order for a new user': ({ dice }) => {
    const email = `order${dice.below(1_000_000)}@example.com`
    return (db) => db.order.create({ data: { user: { connectOrCreate: { where: { email }, create: { email } } } } })
  },
  'order to another user': ({ dice }) => {
    const [id, to] = [someId(dice), someId(dice)]
    return (db) => db.order.update({ where: { id }, data: { user: { connect: { id: to } } } })
  },
  'statuses of many': ({ dice }) => {
    const [userId, status] = [someId(dice), dice.pick(['PENDING', 'PAID', 'SHIPPED'] as const)]
    return (db) => db.order.updateMany({ where: { userId }, data: { status } })
  },
  'items deeply': ({ dice }) => {
    const [id, productId] = [someId(dice), someId(dice)]
    return (db) =>
      db.user.update({
        where: { id },
        data: {
          orders: {
            updateMany: { where: {}, data: { note: text(dice) } },
            create: { items: { create: { productId, unitPrice: 1 } } },
          },
        },
      })
  },
  'delete an item, nested': ({ dice }) => {
    const [id, productId] = [someId(dice), someId(dice)]
    return (db) => db.order.update({ where: { id }, data: { items: { deleteMany: { productId } } } })
  },
  'delete order': ({ dice }) => {
    const id = 1 + dice.below(40)
    return (db) => db.order.delete({ where: { id } })
  },
  'connect tag': ({ dice }) => {
    const [id, tag] = [someId(dice), 1 + dice.below(4)]
    return (db) => db.product.update({ where: { id }, data: { tags: { connect: { id: tag } } } })
  },
  'disconnect tag': ({ dice }) => {
    const [id, tag] = [someId(dice), 1 + dice.below(4)]
    return (db) => db.product.update({ where: { id }, data: { tags: { disconnect: { id: tag } } } })
  },
  'set tags': ({ dice }) => {
    const [id, tag] = [someId(dice), 1 + dice.below(4)]
    return (db) =>
      db.product.update({
        where: { id },
        data: { tags: { set: [{ id: tag }], create: { name: `tag${dice.below(1_000_000)}` } } },
      })
  },
  'delete tag': ({ dice }) => {
    const id = 1 + dice.below(6)
    return (db) => db.tag.delete({ where: { id } })
  },
  'price of a product': ({ dice }) => {
    const [id, price] = [someId(dice), `${dice.below(500)}.${10 + dice.below(90)}`]
    return (db) =>
      db.product.update({
        where: { id },
        data: { price, stock: { increment: 1n }, image: Uint8Array.of(dice.below(256), 0, 255) },
      })
  },
  'attributes of a product': ({ dice }) => {
    const id = someId(dice)
    return (db) =>
      db.product.update({
        where: { id },
        data: {
          attributes: { b: 1, a: { __proto__x: null }, list: [text(dice), 1.5] },
          weight: dice.pick([null, 0.1, 1e21, -3]),
        },
      })
  },
  'delete product': ({ dice }) => {
    const id = 3 + dice.below(20)
    return (db) => db.product.delete({ where: { id } })
  },
  'delete category': ({ dice }) => {
    const id = 1 + dice.below(6)
    return (db) => db.category.delete({ where: { id } })
  },
  'move category': ({ dice }) => {
    const [id, parentId] = [1 + dice.below(4), dice.pick([null, 1, 2])]
    return (db) => db.category.update({ where: { id }, data: { parentId } })
  },
  'create reviews': ({ dice }) => {
    const [productId, userId] = [someId(dice), dice.pick([null, someId(dice)])]
    return (db) =>
      db.review.createMany({ data: [1, 2].map((rating) => ({ productId, userId, rating, body: text(dice) })) })
  },
  'create reviews and return': ({ dice, dialect }) => {
    const productId = someId(dice)
    if (dialect === 'mysql') return (db) => db.review.create({ data: { productId, rating: 3 } })
    return (db) =>
      db.review.createManyAndReturn({
        data: [
          { productId, rating: 4 },
          { productId, rating: 5 },
        ],
      })
  },
  'update reviews and return': ({ dice, dialect }) => {
    const rating = 1 + dice.below(5)
    const data = { version: { increment: 1 } }
    if (dialect === 'mysql') return (db) => db.review.updateMany({ where: { rating }, data })
    return (db) => db.review.updateManyAndReturn({ where: { rating }, data })
  },
  'delete reviews of a user': ({ dice }) => {
    const userId = someId(dice)
    return (db) => db.review.deleteMany({ where: { user: { is: { id: userId } } } })
  },
  'page view': ({ dice }) => {
    const [path, productId] = [`/p/${dice.below(5)}`, dice.pick([null, someId(dice)])]
    return (db) => db.pageView.create({ data: { path, productId } })
  },
  'raw update': ({ dice, dialect }) => {
    const id = someId(dice)
    const name = dialect === 'mysql' ? '`users`' : '"users"'
    return (db) =>
      db.$executeRawUnsafe(`UPDATE ${name} SET version = version + 1 /* not DELETE FROM "Category" */ WHERE id = ${id}`)
  },
  'raw insert': ({ dice, dialect }) => {
    const quote = dialect === 'mysql' ? '`' : '"'
    const name = `raw${dice.below(1_000_000)}`
    return (db) => db.$executeRawUnsafe(`INSERT INTO ${quote}tags${quote} (name) SELECT '${name}'`)
  },
  'unique violation': () => (db) => db.user.createMany({ data: [{ email: 'twice@x' }, { email: 'twice@x' }] }),
}
