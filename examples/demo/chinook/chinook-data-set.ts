/** Chinook, a media store of real artists and tracks, as a data set of the demo. */

import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { PrismaClient } from '../../../prisma/generated/chinook/client.ts'
import { splitScript, tablesCreated } from '../database/sql-script.ts'
import type { RowNaming } from '../ledger/find-rows.ts'
import type { DataSet } from '../workload/data-set.ts'
import { chinookPages } from './chinook-pages.ts'
import { chinookWrites } from './chinook-writes.ts'

const tables = [
  'album',
  'artist',
  'customer',
  'employee',
  'genre',
  'invoice',
  'invoice_line',
  'media_type',
  'playlist',
  'playlist_track',
  'track',
]

const naming: RowNaming = {
  keys: {
    Customer: ['customerId'],
    Invoice: ['invoiceId'],
    InvoiceLine: ['invoiceLineId'],
    Playlist: ['playlistId'],
    PlaylistTrack: ['playlistId', 'trackId'],
    Track: ['trackId'],
  },
  relations: {
    album: 'Album',
    albums: 'Album',
    artist: 'Artist',
    customer: 'Customer',
    invoices: 'Invoice',
    lines: 'InvoiceLine',
    track: 'Track',
    tracks: 'Track',
    entries: 'PlaylistTrack',
  },
}
/** Tables that the workload writes. */
const versioned = ['customer', 'invoice', 'invoice_line', 'playlist', 'playlist_track', 'track']

/**
 * @param file .sql or .sql.gz
 * @throws {Error} when it is not Chinook's script for PostgreSQL
 */
export async function chinookDataSet(file: string): Promise<DataSet<PrismaClient>> {
  const bytes = await readFile(file)
  const text = (file.endsWith('.gz') ? await promisify(gunzip)(bytes) : bytes).toString('utf8')
  const { statements, skipped } = splitScript(text)
  const created = tablesCreated(statements)
  if (!tables.every((table) => created.includes(table))) {
    const found = created.length === 0 ? 'no table that PostgreSQL could create' : created.join(', ')
    throw new Error(
      `--dataset: the demo needs a Prisma schema and pages for its rows, and has them for Chinook's PostgreSQL script only. ${basename(file)} has ${found}.`,
    )
  }
  return {
    name: 'Chinook',
    naming,
    notes: [
      `skipped, because the demo has a database of its own: ${skipped.map((text) => text.replace(/\s+/g, ' ')).join('; ') || 'nothing'}`,
      `added a version column to ${versioned.join(', ')}`,
    ],
    async load(exec, onProgress) {
      let rows = 0
      for (const [index, statement] of statements.entries()) {
        const written = await exec(statement)
        if (/^INSERT\b/i.test(statement)) rows += written
        onProgress(index / statements.length)
      }
      for (const table of versioned) await exec(`ALTER TABLE ${table} ADD COLUMN version INT NOT NULL DEFAULT 0`)
      return `${rows.toLocaleString('en')} rows of ${basename(file)} in ${created.length} tables`
    },
    client: (adapter) => new PrismaClient({ adapter }),
    pages: () => [...chinookPages(), ...chinookWrites(naming)],
    totals,
  }
}

async function totals(client: PrismaClient): Promise<Record<string, number>> {
  const _count = { _all: true } as const
  const versions = await client.track.aggregate({ _sum: { version: true } })
  const known: Record<string, number> = {
    invoices: await client.invoice.count(),
    'versions of all tracks': versions._sum.version ?? 0,
  }
  for (const group of await client.invoice.groupBy({ by: ['customerId'], _count })) {
    known[`invoices of customer ${group.customerId}`] = group._count._all
  }
  for (const group of await client.invoiceLine.groupBy({ by: ['trackId'], _count })) {
    known[`sales of track ${group.trackId}`] = group._count._all
  }
  for (const group of await client.playlistTrack.groupBy({ by: ['playlistId'], _count })) {
    known[`tracks of playlist ${group.playlistId}`] = group._count._all
  }
  return known
}
