/** What an SQL text reads and writes, and what in it forbids caching: the result of {@link analyzeSql}. */

/** The SQL dialects that the analysis knows. MariaDB is `mysql`, libsql is `sqlite`, PGlite is `postgres`. */
export type Dialect = 'postgres' | 'mysql' | 'sqlite'

/** How a statement changes a table. `ddl` changes its shape; `truncate` empties it without row triggers. */
export type WriteEvent = 'insert' | 'update' | 'delete' | 'truncate' | 'ddl'

/** One table that a statement writes, with one of the ways in which it does. */
export interface TableWrite {
  /** The table's name as the database stores it, without schema. */
  readonly table: string
  readonly event: WriteEvent
  /** `update` only: the columns that may be assigned, as stored; `undefined` when they could not be read. */
  readonly columns?: readonly string[] | undefined
}

/** Why a read with this text must not be cached although its tables may be known. */
export type ReadTrait =
  | 'non-deterministic' // now(), random(), uuid ...
  | 'side-effect' // nextval, set_config, advisory locks, pg_notify ...
  | 'row-lock' // FOR UPDATE / FOR SHARE / LOCK IN SHARE MODE
  | 'session-state' // session variables, currval, last_insert_id, current_user, current_schema ...
  | 'temporary-table'
  | 'unknown-function' // a function that no list of built-ins names

/** Statements that begin, end or configure a transaction, or change the session. */
export type Control =
  | 'begin' // BEGIN, START TRANSACTION
  | 'commit' // COMMIT, END
  | 'rollback'
  | 'savepoint'
  | 'release'
  | 'rollback-to'
  | 'set-transaction' // SET TRANSACTION, SET SESSION CHARACTERISTICS, SET autocommit, PRAGMA read_uncommitted
  | 'session' // SET, RESET, SET ROLE, search_path, USE, DISCARD, set_config(..., false)
  | 'session-local' // the same until the end of the transaction: SET LOCAL, set_config(..., true)
  | 'two-phase' // PREPARE TRANSACTION, COMMIT PREPARED, XA

/** Everything that the analysis says about one SQL text (which may hold several statements). */
export interface StatementTables {
  /** Tables read, as stored, without schema, without duplicates. Tables only written are not in it; `UPDATE .. RETURNING` reads its table. */
  readonly reads: readonly string[]
  readonly writes: readonly TableWrite[]
  /**
   * Set when reads or writes could not be proven: both lists are then lower bounds. A read is not cached,
   * and when `mayWrite` a write counts as a write to everything. Short, for people: `'CALL of a procedure'`.
   */
  readonly unknown?: string | undefined
  /** False only when it is certain that no statement of the text writes. */
  readonly mayWrite: boolean
  readonly traits: readonly ReadTrait[]
  readonly controls: readonly Control[]
  /** Number of statements in the text; 0 for an empty one. */
  readonly statements: number
}
