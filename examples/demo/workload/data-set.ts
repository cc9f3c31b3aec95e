/** What the demo can run on: rows, a client for them, and the pages that people look at. */

import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import type { Exec } from '../database/demo-database.ts'
import type { RowNaming } from '../ledger/find-rows.ts'
import type { Draw } from './draw.ts'
import type { Visit } from './session.ts'

/** A kind of request. */
export interface Page<Client> {
  /** In the result table; pages of one name are one line. */
  readonly name: string
  /** How often it comes, relative to the others that read, or to the others that write. */
  readonly weight: number
  readonly writes?: boolean
  /** Makes one request. All its choices are drawn here, so that both runs do the same. */
  plan(draw: Draw): Request<Client>
}

export type Request<Client> = (visit: Visit<Client>) => Promise<void>

/** The part of a Prisma client that the demo itself uses. */
export interface DemoClient {
  $connect(): Promise<void>
  $disconnect(): Promise<void>
}

export interface DataSet<Client extends DemoClient> {
  readonly name: string
  readonly naming: RowNaming
  /** What is done to the rows besides loading them, for people. */
  readonly notes: readonly string[]
  /** Fills an empty database; answers what was loaded, for people. */
  load(exec: Exec, onProgress: (share: number) => void): Promise<string>
  client(adapter: SqlDriverAdapterFactory): Client
  /** New pages, to plan one sequence of requests with. */
  pages(): readonly Page<Client>[]
  /** Totals that its reads are judged by, before the first write. */
  totals(client: Client): Promise<Record<string, number>>
}
