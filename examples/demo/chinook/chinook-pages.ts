/** The pages of the Chinook store that people look at. */

import type { PrismaClient } from '../../../prisma/generated/chinook/client.ts'
import type { Page } from '../workload/data-set.ts'
import type { Visit } from '../workload/session.ts'

type StoreVisit = Visit<PrismaClient>

/** Rows of the data set; their ids are 1 to these. */
export const chinookCounts = {
  artists: 275,
  albums: 347,
  tracks: 3_503,
  customers: 59,
  playlists: 18,
  genres: 25,
} as const

const searchWords = 'love you the night man rock blue heart day world time fire dance black girl'.split(' ')
const invoicesShown = 10

export function chinookPages(): readonly Page<PrismaClient>[] {
  const { artists, albums, customers, playlists, genres } = chinookCounts
  return [
    {
      name: 'album page',
      weight: 35,
      plan(draw) {
        const albumId = draw.zipf(albums)
        const include = {
          artist: true,
          tracks: { include: { genre: true, mediaType: true }, orderBy: { trackId: 'asc' } },
        } as const
        return async (visit) => {
          const { read, client } = visit
          const album = () => client.album.findUnique({ where: { albumId }, include })
          await Promise.all([readHeader(visit), read({ model: 'Album', run: album })])
        }
      },
    },
    {
      name: 'genre listing',
      weight: 18,
      plan(draw) {
        const where = { genreId: draw.zipf(genres, 0.8) }
        const options = { where, take: 20, skip: 20 * (draw.zipf(4, 1.5) - 1), orderBy: { name: 'asc' } } as const
        const include = { album: { include: { artist: true } } } as const
        return async (visit) => {
          const { read, client } = visit
          await Promise.all([
            readHeader(visit),
            read({ model: 'Track', run: () => client.track.findMany({ ...options, include }) }),
            read({ run: () => client.track.count({ where }) }),
          ])
        }
      },
    },
    {
      name: 'home page',
      weight: 15,
      plan: () => async (visit) => {
        await Promise.all([readHeader(visit), readTopTracks(visit)])
      },
    },
    {
      name: 'artist page',
      weight: 10,
      plan(draw) {
        const artistId = draw.zipf(artists)
        const include = { albums: { include: { tracks: true }, orderBy: { albumId: 'asc' } } } as const
        return async (visit) => {
          const { read, client } = visit
          const artist = () => client.artist.findUnique({ where: { artistId }, include })
          await Promise.all([readHeader(visit), read({ model: 'Artist', run: artist })])
        }
      },
    },
    {
      name: 'order history',
      weight: 8,
      plan(draw) {
        const customer = draw.zipf(customers, 0.8)
        return async (visit) => {
          await Promise.all([readHeader(visit), readInvoices(visit, customer)])
        }
      },
    },
    {
      name: 'playlist page',
      weight: 6,
      plan(draw) {
        const playlist = draw.zipf(playlists, 0.8)
        return async (visit) => {
          await Promise.all([readHeader(visit), readPlaylist(visit, playlist)])
        }
      },
    },
    {
      name: 'search',
      weight: 6,
      plan(draw) {
        const contains = searchWords[draw.zipf(searchWords.length) - 1] as string
        const where = { name: { contains, mode: 'insensitive' } } as const
        const options = { where, take: 20, orderBy: { trackId: 'asc' }, include: { album: true } } as const
        return async (visit) => {
          const { read, client } = visit
          await Promise.all([
            readHeader(visit),
            read({ model: 'Track', run: () => client.track.findMany(options) }),
            read({ run: () => client.track.count({ where }) }),
          ])
        }
      },
    },
    { name: 'dashboard', weight: 2, plan: () => readDashboard },
  ]
}

async function readHeader({ read, client }: StoreVisit): Promise<void> {
  await read({ model: 'Genre', run: () => client.genre.findMany({ orderBy: { name: 'asc' } }) })
}

async function readTopTracks({ read, client }: StoreVisit): Promise<void> {
  const top = await read({
    run: () =>
      client.invoiceLine.groupBy({
        by: ['trackId'],
        _sum: { quantity: true },
        _count: { _all: true },
        orderBy: [{ _sum: { quantity: 'desc' } }, { trackId: 'asc' }],
        take: 10,
      }),
    finds: (groups) => ({
      totals: Object.fromEntries(groups.map(({ trackId, _count }) => [`sales of track ${trackId}`, _count._all])),
    }),
  })
  const where = { trackId: { in: top.map(({ trackId }) => trackId).sort((left, right) => left - right) } }
  const include = { album: { include: { artist: true } } } as const
  await read({
    model: 'Track',
    run: () => client.track.findMany({ where, include, orderBy: { trackId: 'asc' } }),
  })
}

async function readInvoices({ read, client }: StoreVisit, customerId: number): Promise<void> {
  const list = `invoices of customer ${customerId}`
  const orderBy = { invoiceId: 'desc' } as const
  const include = { lines: { include: { track: true } } } as const
  await Promise.all([
    read({
      model: 'Customer',
      run: () => client.customer.findUnique({ where: { customerId }, include: { supportRep: true } }),
    }),
    read({
      model: 'Invoice',
      run: () => client.invoice.findMany({ where: { customerId }, take: invoicesShown, orderBy, include }),
      finds: (invoices) => ({
        lists: [{ list, keys: invoices.map(({ invoiceId }) => invoiceId), limit: invoicesShown }],
      }),
    }),
    read({
      run: () => client.invoice.count({ where: { customerId } }),
      finds: (count) => ({ totals: { [list]: count } }),
    }),
  ])
}

async function readPlaylist({ read, client }: StoreVisit, playlistId: number): Promise<void> {
  const entries = { take: 20, orderBy: { trackId: 'asc' }, include: { track: true } } as const
  await Promise.all([
    read({
      model: 'Playlist',
      run: () => client.playlist.findUnique({ where: { playlistId }, include: { entries } }),
    }),
    read({
      run: () => client.playlistTrack.count({ where: { playlistId } }),
      finds: (count) => ({ totals: { [`tracks of playlist ${playlistId}`]: count } }),
    }),
  ])
}

async function readDashboard({ read, client }: StoreVisit): Promise<void> {
  await Promise.all([
    read({
      run: () => client.track.aggregate({ _sum: { version: true }, _avg: { unitPrice: true } }),
      finds: ({ _sum }) => ({ totals: { 'versions of all tracks': _sum.version ?? 0 } }),
    }),
    read({
      run: () =>
        client.invoice.groupBy({
          by: ['billingCountry'],
          _sum: { total: true },
          _count: { _all: true },
          orderBy: { billingCountry: 'asc' },
        }),
      finds: (groups) => ({ totals: { invoices: groups.reduce((sum, { _count }) => sum + _count._all, 0) } }),
    }),
  ])
}
