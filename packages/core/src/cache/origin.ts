/** One ORM client as the cache knows it: adapters hand it their reads, statements and transactions. */

import { InvalidOptionError } from '../errors.ts'
import type { Emitter, FaultStep } from '../events/events.ts'
import type { Reason } from '../events/reasons.ts'
import { EVERYTHING, type Tag, tableTag } from '../protocol/tag.ts'
import { isPromise, type MaybePromise } from '../runtime/maybe-promise.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { ReadGate } from '../read/read-gate.ts'
import type { ClientDefaults, QueryTables, Read, ReadRequest } from '../read/read-request.ts'
import { NO_HIT, type Reader } from '../read/reader.ts'
import type { SchemaGraph } from '../schema/schema-graph.ts'
import type { SqlAnalyzer } from '../sql/sql-analyzer.ts'
import type { Dialect, StatementTables, TableWrite } from '../sql/statement-tables.ts'
import type { EntryCodec } from '../store/entry-codec.ts'
import type { ValueType } from '../value/value-type.ts'
import type { ServerVerdict } from '../write/outcome.ts'
import type { Transaction } from '../write/transaction.ts'
import type { WriteRequest, Writer } from '../write/writer.ts'
import type { OriginHealth } from './health.ts'
import type { Scope } from './options.ts'
import { readStrategy, type ReadStrategy } from './policy.ts'

export interface OriginOptions {
  /** `prisma`, `drizzle`, `kysely`. */
  readonly adapter: string
  readonly dialect: Dialect
  /** Names the database and everything of the connection that changes what a text means (user, search path); default: unlike any other. */
  readonly database?: string | undefined
  /** Asks the database what it is; see {@link Origin.ready}. Resolves to `database` where that was not given. May reject: it is then tried again. */
  readonly start?: () => Promise<string | undefined>
  /** Classes of the ORM that results contain. */
  readonly types?: readonly ValueType[]
}

/** What an origin shares with its cache. */
export interface OriginParts {
  readonly entryCodec: EntryCodec
  readonly reader: Reader
  readonly writer: Writer
  readonly gate: ReadGate
  readonly analyzer: SqlAnalyzer
  readonly events: Emitter
  readonly ttl: number
  readonly scope: Scope | undefined
  readonly version: string
  readonly runtime: Runtime
  /** A short text that stands for this one in this cache, ending with a space. */
  readonly shortName: (name: string) => string
  readonly newTransaction: (writer: Writer) => Transaction
  readonly onFault: (step: FaultStep, error: unknown) => void
  readonly onWarning: (code: string, message: string) => void
  readonly state: { readonly closed: boolean; readonly enabled: boolean }
}

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

const NO_TAGS: readonly string[] = []

/** Milliseconds after a failed start before the next one. */
const RESTART_AFTER = 1_000

export class Origin {
  readonly #options: OriginOptions
  readonly #parts: OriginParts
  #database: string
  #prefix = ''
  #sharedPrefix = ''
  /** Filled anew for each read: the hit path makes no objects that it can do without. */
  readonly #gateState = { closed: false, enabled: true, off: false, starting: false, sessionChanged: false }
  #schema: SchemaGraph | undefined
  #off: string | undefined
  #sessionChanged = false
  #started: boolean
  #starting: Promise<void> | undefined
  #startFailedAt = Number.NEGATIVE_INFINITY

  constructor(options: OriginOptions, parts: OriginParts) {
    this.#options = options
    this.#parts = parts
    this.#started = options.start === undefined
    this.#database = options.database ?? parts.runtime.random.token()
    this.#name(this.#database)
  }

  get dialect(): Dialect {
    return this.#options.dialect
  }

  get health(): OriginHealth {
    const { adapter } = this.#options
    const state = this.#off !== undefined ? 'off' : this.#started ? 'on' : 'starting'
    return { adapter, database: this.#database, state, reason: this.#off }
  }

  /** Foreign keys of the database, as far as they are known: writes invalidate what these carry on. */
  set schema(schema: SchemaGraph) {
    this.#schema = schema
  }

  /** Switches caching off for this client, for good; its writes still invalidate. The message says why and what to change. */
  turnOff(code: string, message: string): void {
    if (this.#off !== undefined) return
    this.#off = `${code}: ${message}`
    this.#gateState.off = true
    this.#parts.onWarning(code, message)
  }

  /** Asks the database what it is, unless that is done; until then reads go to the database (`starting`). Never rejects. */
  ready(): Promise<void> {
    const { start } = this.#options
    if (this.#started || start === undefined) return Promise.resolve()
    if (this.#starting !== undefined) return this.#starting
    this.#starting = this.#start(start)
    return this.#starting
  }

  async #start(start: () => Promise<string | undefined>): Promise<void> {
    try {
      const database = await start()
      if (this.#options.database === undefined && typeof database === 'string' && database !== '') this.#name(database)
      this.#started = true
    } catch (error) {
      this.#parts.onFault('introspection', error)
      this.#startFailedAt = this.#parts.runtime.clock.monotonic()
    } finally {
      this.#starting = undefined
    }
  }

  #name(database: string): void {
    this.#database = database
    this.#prefix = this.#parts.shortName(JSON.stringify([this.#options.adapter, database, this.#parts.version]))
    // With a scope the key goes on with its length, without one with a sign that is no digit.
    this.#sharedPrefix = `${this.#prefix}/`
  }

  /** True while the database has not been asked; asks it, but not in a crowd, and not again and again when it fails. */
  #isStarting(): boolean {
    const { clock } = this.#parts.runtime
    if (this.#starting === undefined && clock.monotonic() - this.#startFailedAt > RESTART_AFTER) void this.ready()
    return true
  }

  /** A read; at once when memory and authority are in this process and hold it. */
  read<T>(request: ReadRequest<T>): MaybePromise<T> {
    const { gate, reader, state, ttl } = this.#parts
    const { text, defaults } = request
    const scopeFunction = defaults?.scope ?? this.#parts.scope
    const gateState = this.#gateState
    gateState.closed = state.closed
    gateState.enabled = state.enabled && defaults?.enabled !== false
    gateState.starting = !this.#started && this.#isStarting()
    gateState.sessionChanged = this.#sessionChanged && scopeFunction === undefined
    const reason = gate.reasonAgainst(request, gateState)
    if (reason !== undefined) return this.#bypass(request, reason)

    let strategy: ReadStrategy | undefined
    if (request.strategy !== undefined) {
      strategy = this.#strategy(request.strategy)
      if (strategy === undefined) return this.#bypass(request, 'invalid-strategy')
    }
    const effective = strategy?.ttl ?? defaults?.ttl ?? ttl
    if (effective === 0) return this.#bypass(request, 'off-for-call')
    const scope = scopeFunction === undefined ? null : this.#scope(scopeFunction)
    if (scope === undefined) return this.#bypass(request, 'no-scope')

    const key = this.#key(scope, text)
    if (strategy === undefined || strategy.tags.length === 0) {
      const value = reader.hit(key, this.#options.adapter, text)
      if (value !== NO_HIT) return value as T
    }
    const { tables, run, signal } = request
    return reader.read(
      this.#read({ text, scope, ttl: effective, tables, run, signal, extraTags: strategy?.tags }),
    ) as MaybePromise<T>
  }

  #bypass<T>({ text, run, signal }: ReadRequest<T>, reason: Reason): Promise<T> {
    return this.#parts.reader.bypass({ adapter: this.#options.adapter, text, run, signal }, reason) as Promise<T>
  }

  /** The tables that an SQL text reads, or why it must not be cached. */
  tablesOf(sql: string): QueryTables {
    const analysis = this.#analyze(sql)
    if (analysis === undefined) return { reason: 'unknown-tables', detail: 'the analysis failed' }
    if (analysis.writes.length > 0 || analysis.controls.length > 0) return { reason: 'side-effect' }
    const [trait] = analysis.traits
    if (trait !== undefined) return { reason: trait }
    if (analysis.unknown !== undefined) return { reason: 'unknown-tables', detail: analysis.unknown }
    if (analysis.mayWrite) return { reason: 'side-effect' }
    return { tables: analysis.reads }
  }

  /** A new transaction of this client's database. */
  transaction(): Transaction {
    return this.#parts.newTransaction(this.#parts.writer)
  }

  /** The server acknowledged a ROLLBACK (not to a savepoint). */
  async rolledBack(transaction: Transaction): Promise<void> {
    const tags = transaction.takeTags()
    // MySQL's non-transactional tables keep what was written.
    if (this.dialect === 'mysql' && tags.length > 0) await this.#parts.writer.invalidate(tags).catch(() => {})
  }

  /** The COMMIT of a transaction, as a text or by means of the driver. */
  commit<R>(
    transaction: Transaction,
    send: () => Promise<R>,
    verdict: Statement<R>['verdict'],
    put?: Put<R>,
  ): Promise<R> {
    const tags = transaction.takeTags()
    if (tags.length === 0) return send()
    const request = { tags, send, verdict, dialect: this.dialect }
    return put === undefined ? this.#parts.writer.write(request) : this.#writeThrough(request, put)
  }

  /** Any statement on its way to the driver: reads pass, writes are marked and settled, transaction control is understood. */
  execute<R>(statement: Statement<R>): Promise<R> {
    const { transaction } = statement
    if (this.dialect !== 'mysql' || transaction === undefined) return this.#execute(statement)
    const send = (): Promise<R> =>
      statement.send().catch(async (error: unknown) => {
        // A deadlock rolls the whole transaction back and leaves the connection in autocommit; other errors may too.
        await transaction.endedByServer()
        throw error
      })
    return this.#execute({ ...statement, send })
  }

  #execute<R>(statement: Statement<R>): Promise<R> {
    const { sql, transaction, send, verdict } = statement
    const analysis = this.#analyze(sql)
    if (analysis !== undefined && analysis.controls.length > 0) {
      if (transaction !== undefined) return this.#control(statement, transaction, analysis)
      this.#guardSession(sql, analysis, undefined)
    }
    const tags = this.tagsWritten(analysis)
    if (tags.length === 0) return send()
    if (transaction !== undefined) return this.#writeInside(statement, transaction, analysis, tags)
    const statements = analysis?.statements ?? 2
    const request = { tags, send, verdict, dialect: this.dialect, statements }
    if (statement.put !== undefined) return this.#writeThrough(request, statement.put)
    return this.#parts.writer.write(request)
  }

  /** The tags that a statement may change; everything when that cannot be known. */
  protected tagsWritten(analysis: StatementTables | undefined): readonly Tag[] {
    if (analysis === undefined) return [EVERYTHING]
    const { writes, mayWrite, unknown, controls } = analysis
    const schema = this.#schema
    const endsUnseen = controls.includes('commit') || controls.includes('two-phase')
    if (endsUnseen || (mayWrite && unknown !== undefined)) return [EVERYTHING]
    if (writes.length === 0) return []
    const tables: readonly string[] = schema === undefined ? writes.map(({ table }) => table) : schema.closure(writes)
    return [...new Set(tables.map(tableTag))]
  }

  async #writeThrough<R>(request: WriteRequest<R>, put: Put<R>): Promise<R> {
    const { reader, writer } = this.#parts
    const [tag] = request.tags
    const scopeFunction = put.defaults?.scope ?? this.#parts.scope
    const scope = scopeFunction === undefined ? null : this.#scope(scopeFunction)
    const possible = request.tags.length === 1 && tag !== EVERYTHING && scope !== undefined
    const before = possible ? await reader.seenBeforePut() : undefined
    if (before === undefined || tag === undefined || scope === undefined) return writer.write(request)
    const read = this.#read({ text: put.text, scope, ttl: put.defaults?.ttl ?? this.#parts.ttl })
    return writer.write({ ...request, put: (stamp, result) => reader.put(read, tag, before, stamp, put.value(result)) })
  }

  #writeInside<R>(
    { send, verdict }: Statement<R>,
    transaction: Transaction,
    analysis: StatementTables | undefined,
    tags: readonly Tag[],
  ): Promise<R> {
    const statements = analysis?.statements ?? 2
    const request = { tags, send, verdict, dialect: this.dialect, statements }
    if (this.dialect !== 'mysql') return transaction.write(request)
    const implicitCommit = analysis === undefined || analysis.unknown !== undefined || analysis.writes.some(commitsImplicitly)
    if (implicitCommit) {
      return transaction.endedByServer().then(() => transaction.write({ ...request, tags: [EVERYTHING] }))
    }
    return transaction.write(request)
  }

  #control<R>(statement: Statement<R>, transaction: Transaction, analysis: StatementTables): Promise<R> {
    const { send, verdict, sql } = statement
    const { controls, statements } = analysis
    const plain = statements === 1 && controls.length === 1
    if (plain && controls[0] === 'commit') return this.commit(transaction, send, verdict, statement.put)
    if (plain && controls[0] === 'rollback') {
      return send().then(async (result) => {
        await this.rolledBack(transaction)
        return result
      })
    }
    this.#guardSession(sql, analysis, transaction)
    const tags = this.tagsWritten(analysis)
    if (controls.includes('commit') || controls.includes('two-phase')) {
      transaction.touch([EVERYTHING])
      return this.#parts.writer.write({ tags: [EVERYTHING], send, verdict, dialect: this.dialect, statements: 2 })
    }
    return tags.length === 0 ? send() : transaction.write({ tags, send, verdict, dialect: this.dialect, statements })
  }

  /** A text that leaves a pooled connection inside a transaction, or with other settings, makes every later read on it suspect. */
  #guardSession(sql: string, { controls, statements }: StatementTables, transaction: Transaction | undefined): void {
    if (controls.includes('set-transaction') && transaction === undefined) {
      this.turnOff(
        'session-transaction-settings',
        'A statement changed the isolation level or autocommit of a pooled connection. Configure them in the database or in the ORM instead.',
      )
    }
    const begins = controls.filter((control) => control === 'begin').length
    const ends = controls.filter((control) => control === 'commit' || control === 'rollback').length
    if (transaction === undefined && begins + ends > 0 && (statements === 1 || begins !== ends)) {
      this.turnOff(
        'raw-transaction-control',
        'BEGIN, COMMIT or ROLLBACK was sent as raw SQL on a pooled connection. Use the transaction API of the ORM.',
      )
    }
    const local = transaction !== undefined && /^\s*set\s+local\b/i.test(sql)
    if (controls.includes('session') && !local && !this.#sessionChanged) {
      this.#sessionChanged = true
      this.#parts.onWarning(
        'session-changed',
        'A statement changed the settings of a pooled connection (SET, SET ROLE, search_path, set_config ...): reads without a scope are no longer cached. ' +
          'Use SET LOCAL inside a transaction, or configure scope: () => the tenant or role that the session stands for.',
      )
    }
  }

  #read(read: Pick<Read, 'text' | 'scope' | 'ttl'> & { [K in 'tables' | 'run' | 'signal' | 'extraTags']?: Read[K] | undefined }): Read {
    const { text, scope } = read
    return {
      adapter: this.#options.adapter,
      key: this.#key(scope, text),
      text,
      scope,
      database: this.#database,
      version: this.#parts.version,
      ttl: read.ttl,
      entryCodec: this.#parts.entryCodec,
      tables: read.tables ?? unreadable,
      run: read.run ?? rejectRun,
      signal: read.signal,
      extraTags: read.extraTags ?? NO_TAGS,
    }
  }

  /** The name of an entry in memory. */
  #key(scope: string | null, text: string): string {
    return scope === null ? this.#sharedPrefix + text : `${this.#prefix}${scope.length}:${scope}${text}`
  }

  /** The caller's scope; undefined means that there should be one and is not. */
  #scope(scope: Scope): string | null | undefined {
    try {
      const value: unknown = scope()
      if (value === null || typeof value === 'string') return value
      if (isPromise(value)) value.catch(() => {})
    } catch (error) {
      this.#parts.onFault('scope', error)
    }
    return undefined
  }

  #strategy(strategy: unknown): ReadStrategy | undefined {
    try {
      return readStrategy(strategy)
    } catch (error) {
      if (error instanceof InvalidOptionError) this.#parts.onWarning('invalid-strategy', error.message)
      return undefined
    }
  }

  #analyze(sql: string): StatementTables | undefined {
    try {
      return this.#parts.analyzer.analyze(sql, this.dialect)
    } catch (error) {
      this.#parts.onFault('tables', error)
      return undefined
    }
  }
}

function unreadable(): QueryTables {
  return { reason: 'unknown-tables' }
}

function rejectRun(): Promise<never> {
  return Promise.reject(new Error('this read has no query'))
}

/** MySQL commits the open transaction before DDL, TRUNCATE included. */
function commitsImplicitly({ event }: TableWrite): boolean {
  return event === 'ddl' || event === 'truncate'
}
