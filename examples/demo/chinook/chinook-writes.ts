/** What happens in the Chinook store. Each write raises the version of every row that it changes, by one. */

import type { PrismaClient } from '../../../prisma/generated/chinook/client.ts'
import { findRows, type RowNaming } from '../ledger/find-rows.ts'
import type { Page, Request } from '../workload/data-set.ts'
import type { Draw } from '../workload/draw.ts'
import { chinookCounts } from './chinook-pages.ts'

/** Chinook has no sequences: new rows get ids above those of the data set. */
const firstNewId = 1_000_000
const emptyPlaylists = [2, 4, 6, 7]
/** How many later ones of its kind a thing outlives in the plan, so that it exists when its removal comes. */
const lifetime = 4
const raise = { increment: 1 } as const
/** The embedded database has one connection, which all transactions wait for. */
const patience = { maxWait: 30_000, timeout: 60_000 } as const

interface PlannedInvoice {
  readonly invoiceId: number
  readonly customer: number
  readonly lines: readonly { readonly invoiceLineId: number; readonly trackId: number; readonly quantity: number }[]
}

interface PlannedEntry {
  readonly playlistId: number
  readonly trackId: number
}

export function chinookWrites(naming: RowNaming): readonly Page<PrismaClient>[] {
  const { customers, tracks } = chinookCounts
  const invoices: PlannedInvoice[] = []
  const entries: PlannedEntry[] = []
  /** A track is put into a playlist once in a plan, so that no two writes of it can collide. */
  const listed = new Set<string>()
  let newId = firstNewId

  function planPurchase(draw: Draw): Request<PrismaClient> {
    const customer = draw.zipf(customers, 0.8)
    const invoiceId = ++newId
    const lines = draw
      .distinctZipf(1 + draw.below(4), tracks)
      .map((trackId) => ({ invoiceLineId: ++newId, trackId, quantity: 1 }))
    invoices.push({ invoiceId, customer, lines })
    const list = `invoices of customer ${customer}`
    return async ({ client, made, write }) => {
      await write({
        totals: { invoices: 1, [list]: 1, ...sales(lines, 1) },
        run: () =>
          client.$transaction(async (tx) => {
            const bought = await tx.track.findMany({ where: { trackId: { in: lines.map(({ trackId }) => trackId) } } })
            const price = new Map(bought.map(({ trackId, unitPrice }) => [trackId, unitPrice]))
            const items = lines.map((line) => ({ ...line, unitPrice: price.get(line.trackId) ?? 0 }))
            const total = items.reduce((sum, { unitPrice }) => sum + Number(unitPrice), 0).toFixed(2)
            const buyer = await tx.customer.update({ where: { customerId: customer }, data: { version: raise } })
            const address = { billingCity: buyer.city, billingCountry: buyer.country }
            const invoice = await tx.invoice.create({
              data: {
                invoiceId,
                customerId: customer,
                invoiceDate: new Date(),
                total,
                ...address,
                lines: { create: items },
              },
              include: { lines: true },
            })
            return { invoice, buyer }
          }, patience),
        outcome: ({ invoice, buyer }) => ({
          rows: [...findRows(invoice, 'Invoice', naming), ...findRows(buyer, 'Customer', naming)],
          additions: [{ list, row: `Invoice ${invoiceId}`, key: invoiceId }],
        }),
      })
      made.set(`invoice ${invoiceId}`, invoiceId)
    }
  }

  function planEntry(draw: Draw): Request<PrismaClient> {
    const playlistId = draw.pick(emptyPlaylists)
    const trackId = draw.zipf(tracks, 0.5)
    const name = `${playlistId}/${trackId}`
    if (listed.has(name)) return planPrice(draw)
    listed.add(name)
    entries.push({ playlistId, trackId })
    return async ({ client, made, write }) => {
      await write({
        totals: { [`tracks of playlist ${playlistId}`]: 1 },
        run: () =>
          client.$transaction([
            client.playlistTrack.create({ data: { playlistId, trackId } }),
            client.playlist.update({ where: { playlistId }, data: { version: raise } }),
          ]),
        outcome: ([entry, playlist]) => ({
          rows: [...findRows(entry, 'PlaylistTrack', naming), ...findRows(playlist, 'Playlist', naming)],
        }),
      })
      made.set(`entry ${name}`, trackId)
    }
  }

  function planPrice(draw: Draw): Request<PrismaClient> {
    const trackId = draw.zipf(tracks)
    const data = { unitPrice: draw.pick(['0.79', '0.99', '1.29', '1.99']), version: raise }
    return async ({ client, write }) => {
      await write({
        totals: { 'versions of all tracks': 1 },
        run: () => client.track.update({ where: { trackId }, data }),
        outcome: (track) => ({ rows: findRows(track, 'Track', naming) }),
      })
    }
  }

  return [
    { name: 'writes', writes: true, weight: 40, plan: planPurchase },
    { name: 'writes', writes: true, weight: 20, plan: planPrice },
    { name: 'writes', writes: true, weight: 15, plan: planEntry },
    {
      name: 'writes',
      writes: true,
      weight: 15,
      plan(draw) {
        const customerId = draw.zipf(customers, 0.8)
        const data = { phone: `+1 555 ${1_000 + draw.below(9_000)}`, version: raise }
        return async ({ client, write }) => {
          await write({
            run: () => client.customer.update({ where: { customerId }, data }),
            outcome: (customer) => ({ rows: findRows(customer, 'Customer', naming) }),
          })
        }
      },
    },
    {
      name: 'writes',
      writes: true,
      weight: 5,
      plan(draw) {
        const invoice = invoices.length > lifetime ? invoices.shift() : undefined
        if (invoice === undefined) return planPurchase(draw)
        const { invoiceId, customer, lines } = invoice
        return async ({ client, made, write }) => {
          if (!made.has(`invoice ${invoiceId}`)) return
          await write({
            totals: { invoices: -1, [`invoices of customer ${customer}`]: -1, ...sales(lines, -1) },
            deletes: [`Invoice ${invoiceId}`, ...lines.map(({ invoiceLineId }) => `InvoiceLine ${invoiceLineId}`)],
            run: () =>
              client.$transaction([
                client.invoiceLine.deleteMany({ where: { invoiceId } }),
                client.invoice.delete({ where: { invoiceId } }),
              ]),
            outcome: () => ({}),
          })
        }
      },
    },
    {
      name: 'writes',
      writes: true,
      weight: 5,
      plan(draw) {
        const entry = entries.length > lifetime ? entries.shift() : undefined
        if (entry === undefined) return planEntry(draw)
        const { playlistId, trackId } = entry
        return async ({ client, made, write }) => {
          if (!made.has(`entry ${playlistId}/${trackId}`)) return
          await write({
            totals: { [`tracks of playlist ${playlistId}`]: -1 },
            deletes: [`PlaylistTrack ${playlistId}/${trackId}`],
            run: () => client.playlistTrack.delete({ where: { playlistId_trackId: { playlistId, trackId } } }),
            outcome: () => ({}),
          })
        }
      },
    },
  ]
}

function sales(lines: PlannedInvoice['lines'], change: number): Record<string, number> {
  return Object.fromEntries(lines.map(({ trackId }) => [`sales of track ${trackId}`, change]))
}
