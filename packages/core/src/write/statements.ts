/** Statements on their way to the driver: which of them write, which begin or end transactions, which change the session. */

import { EVERYTHING, type Tag, tableTag } from '../protocol/tag.ts'
import type { ClientDefaults } from '../read/read-request.ts'
import type { Control, Dialect, StatementTables, TableWrite } from '../sql/statement-tables.ts'
import type { ServerVerdict } from './outcome.ts'
import type { Transaction } from './transaction.ts'
import type { WriteRequest, Writer } from './writer.ts'

/** One statement as a driver sends it. */
export interface Statement<R> {
  readonly sql: string
  /** The transaction of its connection. */
  readonly transaction?: Transaction | undefined
  readonly send: () => Promise<R>
  /** What the driver's error says; see {@link ServerVerdict}. */
  readonly verdict: (error: unknown) => ServerVerdict | undefined
  /** Write-through: the read whose result this write, alone on its one table, has made. */
  readonly put?: Put<R> | undefined
}

export interface Put<R> {
  /** Canonical text of the read. */
  readonly text: string
  /** Its result as the database made it, read in the same transaction after its last write. */
  readonly value: (result: R) => unknown
  readonly defaults?: ClientDefaults | undefined
}

export interface StatementsOptions {
  readonly dialect: Dialect
  readonly writer: Writer
  /** What the text reads and writes; undefined when the analysis failed. */
  readonly analyze: (sql: string) => StatementTables | undefined
  /** All tables that change with these: what their foreign keys carry on. */
  readonly closure: (writes: readonly TableWrite[]) => readonly string[]
  readonly writeThrough: <R>(request: WriteRequest<R>, put: Put<R>) => Promise<R>
  /** Reads of this client can no longer be cached. */
  readonly onUnsafe: (code: string, message: string) => void
  /** The settings of a pooled connection were changed. */
  readonly onSessionChange: () => void
}

export class Statements {
  readonly #options: StatementsOptions
  constructor(options: StatementsOptions) {
    this.#options = options
  }

  /** The ROLLBACK of a transaction (not to a savepoint), as a text or by means of the driver. */
  async rollback<R>(transaction: Transaction, send: () => Promise<R>): Promise<R> {
    transaction.end()
    try {
      return await send()
    } finally {
      const tags = transaction.takeTags()
      const { dialect, writer } = this.#options
      // MySQL's non-transactional tables keep what was written.
      if (dialect === 'mysql' && tags.length > 0) await writer.invalidate(tags).catch(() => {})
    }
  }

  /** The COMMIT of a transaction, as a text or by means of the driver. */
  async commit<R>({
    transaction,
    send,
    verdict,
    put,
  }: Omit<Statement<R>, 'sql'> & { transaction: Transaction }): Promise<R> {
    const { dialect, writer, writeThrough } = this.#options
    const tags = transaction.takeTags()
    const sendCommit = (): Promise<R> => {
      transaction.end()
      return send()
    }
    if (tags.length === 0) return sendCommit()
    const request = { tags, send: sendCommit, verdict, dialect }
    let result: R
    try {
      result = await (put === undefined ? writer.write(request) : writeThrough(request, put))
    } catch (error) {
      // It may be repeated: after a refusal nothing was sent, and SQLite keeps a transaction open that could not commit.
      transaction.touch(tags)
      throw error
    }
    // Statements that came while COMMIT waited for its mark are committed with it.
    const late = transaction.takeTags()
    if (late.length > 0) await writer.invalidate(late).catch(() => {})
    return result
  }

  /** Any statement on its way to the driver: reads pass, writes are marked and settled, transaction control is understood. */
  execute<R>(statement: Statement<R>): Promise<R> {
    const { transaction } = statement
    if (this.#options.dialect !== 'mysql' || transaction === undefined) return this.#execute(statement)
    const send = (): Promise<R> =>
      statement.send().catch(async (error: unknown) => {
        // A deadlock rolls the whole transaction back and leaves the connection in autocommit; other errors may too.
        await transaction.endedByServer()
        throw error
      })
    return this.#execute({ ...statement, send })
  }

  #execute<R>(statement: Statement<R>): Promise<R> {
    const { sql, transaction, verdict, put } = statement
    const { dialect } = this.#options
    let { send } = statement
    const analysis = this.#options.analyze(sql)
    let commitsOpen = false
    if (analysis !== undefined && analysis.controls.length > 0) {
      if (transaction !== undefined && isCommit(sql, analysis, dialect)) {
        return this.commit({ transaction, send, verdict, put })
      }
      if (transaction !== undefined && isJust('rollback', analysis)) {
        return this.rollback(transaction, send)
      }
      this.#guardSession(sql, analysis, transaction !== undefined)
      const begins = analysis.controls.includes('begin')
      if (begins && transaction === undefined) send = () => this.#sendWhole(statement.send)
      // MySQL's START TRANSACTION commits what is open.
      commitsOpen = begins && dialect === 'mysql' && transaction !== undefined && transaction.tags.length > 0
    }
    const releases = dialect === 'sqlite' && transaction === undefined && analysis?.controls.includes('release')
    const tags = commitsOpen || releases ? [EVERYTHING] : this.tagsWritten(analysis)
    if (tags.length === 0) return send()
    // What cannot be read may be a procedure, which may commit before it fails.
    const statements = analysis === undefined || analysis.unknown !== undefined ? 2 : analysis.statements
    const request = { tags, send, verdict, dialect, statements }
    if (transaction !== undefined) {
      const ends = commitsOpen || endsTransaction(analysis, dialect)
      return ends ? this.#writeAndEnd(transaction, request) : transaction.write(request)
    }
    return put === undefined ? this.#options.writer.write(request) : this.#options.writeThrough(request, put)
  }

  /** The tags that a statement may change; everything when that cannot be known. */
  protected tagsWritten(analysis: StatementTables | undefined): readonly Tag[] {
    if (analysis === undefined) return [EVERYTHING]
    const { writes, mayWrite, unknown, controls, statements } = analysis
    // MySQL's TRUNCATE carries the control of its implicit commit; a COMMIT of its own ends what was not seen here.
    const endsUnseen = controls.includes('commit') && (statements > 1 || writes.length === 0)
    if (endsUnseen || controls.includes('two-phase') || (mayWrite && unknown !== undefined)) return [EVERYTHING]
    if (writes.length === 0) return []
    return [...new Set(this.#options.closure(writes).map(tableTag))]
  }

  /** What was written until now is committed with this statement, and so is each one after it. */
  async #writeAndEnd<R>(transaction: Transaction, request: WriteRequest<R>): Promise<R> {
    await transaction.endedByServer()
    return transaction.write({ ...request, tags: [EVERYTHING] })
  }

  /** A text that leaves a pooled connection inside a transaction, or with other settings, makes every later read on it suspect. */
  #guardSession(sql: string, { controls, statements }: StatementTables, inTransaction: boolean): void {
    const pattern = this.#options.dialect === 'postgres' ? POSTGRES_ENDS_WITH_TRANSACTION : ENDS_WITH_TRANSACTION
    const outlives = !inTransaction || statements > 1 || !pattern.test(sql)
    if (controls.includes('set-transaction') && outlives) {
      this.#options.onUnsafe(
        'session-transaction-settings',
        'A statement changed the isolation level or autocommit of a pooled connection. Configure them in the database or in the ORM instead.',
      )
    }
    const last = controls.findLast((control) => BEGINS.has(control) || ENDS.has(control))
    const begins = last === 'begin' || (last === 'savepoint' && this.#options.dialect === 'sqlite')
    if (begins && !inTransaction) this.#leftInside()
    if (controls.includes('session')) this.#options.onSessionChange()
  }

  /** A text that begins a transaction and ends it: where it fails in between, the connection stays inside. */
  async #sendWhole<R>(send: () => Promise<R>): Promise<R> {
    try {
      return await send()
    } catch (error) {
      this.#leftInside()
      throw error
    }
  }

  #leftInside(): void {
    this.#options.onUnsafe(
      'raw-transaction-control',
      'BEGIN was sent as raw SQL on a pooled connection. Use the transaction API of the ORM.',
    )
  }
}

/** SQLite begins a transaction with a SAVEPOINT outside of one, and commits it with the RELEASE of the outermost. */
const BEGINS: ReadonlySet<Control> = new Set(['begin', 'savepoint'])
const ENDS: ReadonlySet<Control> = new Set(['commit', 'rollback', 'release'])

/** Settings of one transaction, in its first words; on MySQL and SQLite LOCAL does not mean that. */
const ENDS_WITH_TRANSACTION = /^\s*(?:begin|start|set\s+transaction)\b/i
const POSTGRES_ENDS_WITH_TRANSACTION = /^\s*(?:begin|start|set\s+(?:transaction|constraints|local))\b/i

/** True for a text that is this control and nothing else. */
function isJust(control: Control, { controls, statements, writes, unknown }: StatementTables): boolean {
  return (
    statements === 1 && controls.length === 1 && controls[0] === control && writes.length === 0 && unknown === undefined
  )
}

/** True for a COMMIT alone. MySQL's DDL, LOCK and UNLOCK TABLES carry its control too, and UNLOCK TABLES may commit nothing. */
function isCommit(sql: string, analysis: StatementTables, dialect: Dialect): boolean {
  return isJust('commit', analysis) && (dialect !== 'mysql' || /^\s*commit\b/i.test(sql))
}

/** True when the server ends the open transaction with this statement: a COMMIT among others, MySQL's DDL and TRUNCATE. */
function endsTransaction(analysis: StatementTables | undefined, dialect: Dialect): boolean {
  if (analysis === undefined) return true
  const { controls, unknown, mayWrite } = analysis
  if (controls.includes('commit') || controls.includes('rollback') || controls.includes('two-phase')) return true
  return dialect === 'mysql' && mayWrite && unknown !== undefined
}
