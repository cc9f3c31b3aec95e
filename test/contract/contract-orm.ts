// What the contract cases need of an ORM: a few queries on the sample shop's users, each in the ORM's own way.

import type { Cache, CacheOptions, CacheParts, Runtime } from '@larder/core'
import type { DatabaseKind } from '../servers/test-database.ts'
import type { StatementTap } from './statement-tap.ts'

/** A client of the ORM, or one inside a transaction. */
export interface ContractClient {
  /** A read of one row by its key: a single SELECT. Undefined when there is no such user. */
  nameOf(id: number): Promise<string | null | undefined>
  /** A single UPDATE without transaction (inside one: in it). */
  rename(id: number, name: string): Promise<void>
  /** A single INSERT of a user with an e-mail of its own; its id. */
  add(name: string): Promise<number>
  /** Rejects with what `body` rejects with, after ROLLBACK. Inside a transaction: a nested one, by savepoint. */
  transaction<T>(body: (tx: ContractClient) => Promise<T>): Promise<T>
  /** What `$cache.invalidate({ tables })` does here. */
  invalidate(table: string): Promise<void>
}

/** A cached client on a test database, and what tests look at. */
export interface ContractSubject {
  readonly client: ContractClient
  /** Another client of the same cache, with connections of its own where the database has more than one. */
  companion(): Promise<ContractClient>
  readonly cache: Cache
  /** The statements of `client`. */
  readonly tap: StatementTap
}

export interface ContractOptions extends CacheOptions {
  /** Replaces parts of the cache, to see what breaks. */
  readonly parts?: (parts: CacheParts) => CacheParts
  /** Default: real time. */
  readonly runtime?: Runtime
  /** The test makes the cache fail on purpose, so `stats().faults` is not asked. */
  readonly faulty?: boolean
  /** A defence is missing on purpose, so what is cached is not compared with the database after the test. */
  readonly broken?: boolean
}

/** One ORM on one database. The contract suites register their cases with it. */
export interface ContractSuite {
  readonly kind: DatabaseKind
  /** The database has one connection: while a transaction is open, every other client waits for it. */
  readonly singleConnection: boolean
  /** While a transaction is open, other queries of the same client wait for it. */
  readonly exclusiveTransactions: boolean
  readonly nestedTransactions: boolean
  /** A cached client with a cache of its own, connected and probed; checked and closed after the test. */
  open(options?: ContractOptions): Promise<ContractSubject>
  /** Not cached, with connections of its own; on a single-connection database that one. */
  readonly uncached: ContractClient
}
