// Starts servers when a test worker first asks for them, once per test run, and ends them with it.

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FindServerOptions, type FoundServer, findServer, type MissingServer } from './find-server.ts'
import { dropMariadbDatabases } from './mariadb-database.ts'
import { dropPostgresDatabases } from './postgres-database.ts'
import type { ServerKind } from './server-recipes.ts'

/** What a worker has to know to ask. Plain data, because it crosses into another process. */
export interface BrokerAddress {
  readonly url: string
  /** Databases of this run have names that begin with `larder_test_<run>_`. */
  readonly run: string
  /** A folder for files of this run. It is removed when the broker closes or its process ends. */
  readonly folder: string
}

/** The answer to a worker. */
export type ServerAnswer =
  | { readonly url: string; readonly origin: FoundServer['origin'] }
  | { readonly missing: string }
  | { readonly failure: string }

export class ServerBroker {
  readonly #options: FindServerOptions
  readonly #found = new Map<ServerKind, Promise<FoundServer | MissingServer>>()
  readonly #run = randomBytes(4).toString('hex')
  /** Only workers of this run may ask: the answers hold passwords. */
  readonly #secret = randomBytes(16).toString('hex')
  #http: Server | undefined
  #folder: string | undefined

  constructor(options: FindServerOptions = {}) {
    this.#options = options
  }

  async open(): Promise<BrokerAddress> {
    const http = createServer((request, response) => {
      const [, secret, kind] = (request.url ?? '').split('/')
      if (secret !== this.#secret) {
        response.writeHead(404).end()
        return
      }
      void this.#answer(kind as ServerKind).then((answer) => response.end(JSON.stringify(answer)))
    })
    this.#http = http
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    http.unref()
    const { port } = http.address() as AddressInfo
    this.#folder = mkdtempSync(join(tmpdir(), 'larder_test_'))
    process.once('exit', this.#removeFolder)
    return { url: `http://127.0.0.1:${port}/${this.#secret}`, run: this.#run, folder: this.#folder }
  }

  /** Ends what was started; the servers that tests asked for in vain. */
  async close(): Promise<MissingServer[]> {
    this.#http?.closeAllConnections()
    this.#http?.close()
    process.off('exit', this.#removeFolder)
    this.#removeFolder()
    const missing: MissingServer[] = []
    for (const search of this.#found.values()) {
      const server = await search.catch(() => undefined)
      if (server === undefined) continue
      if ('missing' in server) {
        missing.push(server)
        continue
      }
      try {
        if (server.origin === 'url') await this.#dropLeftovers(server)
      } finally {
        await server.stop()
      }
    }
    return missing
  }

  /** Synchronous, for the end of the process. */
  readonly #removeFolder = (): void => {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }

  async #answer(kind: ServerKind): Promise<ServerAnswer> {
    let search = this.#found.get(kind)
    if (search === undefined) {
      search = findServer(kind, this.#options)
      this.#found.set(kind, search)
    }
    try {
      const server = await search
      return 'missing' in server ? { missing: server.missing } : { url: server.url, origin: server.origin }
    } catch (error) {
      return { failure: error instanceof Error ? error.message : String(error) }
    }
  }

  async #dropLeftovers({ kind, url }: FoundServer): Promise<void> {
    const prefix = `larder_test_${this.#run}_`
    if (kind === 'postgres') await dropPostgresDatabases(url, prefix)
    if (kind === 'mariadb') await dropMariadbDatabases(url, prefix)
  }
}

/** Asks the broker of this run. */
export async function askBroker(broker: BrokerAddress, kind: ServerKind): Promise<ServerAnswer> {
  const response = await fetch(`${broker.url}/${kind}`)
  return (await response.json()) as ServerAnswer
}
