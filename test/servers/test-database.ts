// A database of its own for a test, the same to use whichever kind it is.

import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import { type LoadShopOptions, loadShop } from '../../prisma/shop-data.ts'
import type { Dialect } from '../../prisma/shop-sql.ts'
import { loadShopClient, type ShopClient, type ShopClientFactory, type ShopClientOptions } from './shop-client.ts'

export type DatabaseKind = 'postgres' | 'pglite' | 'mariadb' | 'sqlite'

/** What a kind of database has to give; everything else is the same for all. */
export interface DatabaseConnection {
  readonly kind: DatabaseKind
  readonly dialect: Dialect
  /** For other drivers. Undefined for PGlite, which has no address. */
  readonly url: string | undefined
  connect(): SqlDriverAdapterFactory
  exec(script: string): Promise<void>
  query(sql: string): Promise<Record<string, unknown>[]>
  /** Empties every table and starts the ids at 1 again. */
  reset(): Promise<void>
  /** Ends the connection and removes the database. Calling it again does nothing. */
  remove(): Promise<void>
}

export class TestDatabase implements AsyncDisposable {
  readonly kind: DatabaseKind
  readonly dialect: Dialect
  readonly url: string | undefined
  readonly #connection: DatabaseConnection
  readonly #makeClient: ShopClientFactory
  readonly #clients: ShopClient[] = []

  private constructor(connection: DatabaseConnection, makeClient: ShopClientFactory) {
    this.kind = connection.kind
    this.dialect = connection.dialect
    this.url = connection.url
    this.#connection = connection
    this.#makeClient = makeClient
  }

  static async of(connection: DatabaseConnection): Promise<TestDatabase> {
    return new TestDatabase(connection, await loadShopClient(connection.dialect))
  }

  /** A new driver adapter for this database, as a user would pass it to PrismaClient. */
  connect(): SqlDriverAdapterFactory {
    return this.#connection.connect()
  }

  /** A new client with its own connections; `close()` disconnects it. */
  client(options: ShopClientOptions = {}): ShopClient {
    const client = this.#makeClient({ ...options, adapter: options.adapter ?? this.connect() })
    this.#clients.push(client)
    return client
  }

  /**
   * Runs a script on a connection of its own, unseen by Prisma and Larder.
   * PGlite has only one connection: inside an open transaction of a client this waits for that transaction's end.
   */
  exec(script: string): Promise<void> {
    return this.#connection.exec(script)
  }

  /** Rows of one statement, on the connection of `exec`. Values are as the driver gives them. */
  query(sql: string): Promise<Record<string, unknown>[]> {
    return this.#connection.query(sql)
  }

  /** Fills the empty shop with generated rows; the number of rows. */
  load(options: LoadShopOptions = {}): Promise<number> {
    return loadShop((sql) => this.exec(sql), this.dialect, options)
  }

  /** Empties every table and starts the ids at 1 again, unseen by Larder: a cache that is in use has to be cleared too. */
  reset(): Promise<void> {
    return this.#connection.reset()
  }

  /** Disconnects the clients and removes the database. Calling it again does nothing. */
  async close(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.$disconnect()))
    await this.#connection.remove()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
