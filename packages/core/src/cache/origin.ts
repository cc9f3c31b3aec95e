/** One ORM client as the cache knows it: adapters hand it their reads, statements and transactions. */

import { InvalidOptionError } from '../errors.ts'
import type { Emitter, FaultStep } from '../events/events.ts'
import type { Reason } from '../events/reasons.ts'
import { EVERYTHING } from '../protocol/tag.ts'
import type { Executions } from '../read/executions.ts'
import type { MarkedReads } from '../read/marked-reads.ts'
import type { ReadGate } from '../read/read-gate.ts'
import type { QueryTables, Read, ReadRequest } from '../read/read-request.ts'
import { NO_HIT, type Reader } from '../read/reader.ts'
import { isPromise, type MaybePromise, within } from '../runtime/maybe-promise.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { ForeignKey } from '../schema/foreign-key.ts'
import type { ForeignKeys } from '../schema/foreign-keys.ts'
import { isMovingDateText } from '../sql/moving-date.ts'
import type { SqlAnalyzer } from '../sql/sql-analyzer.ts'
import type { Dialect, StatementTables } from '../sql/statement-tables.ts'
import type { EntryCodec } from '../store/entry-codec.ts'
import type { ValueType } from '../value/value-type.ts'
import { type Put, type Statement, Statements } from '../write/statements.ts'
import type { Transaction } from '../write/transaction.ts'
import type { WriteRequest, Writer } from '../write/writer.ts'
import type { OriginHealth } from './health.ts'
import type { Scope } from './options.ts'
import { type ReadStrategy, readStrategy } from './policy.ts'

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
  readonly executions: Executions
  readonly markedReads: MarkedReads
  readonly analyzer: SqlAnalyzer
  readonly foreignKeys: ForeignKeys
  readonly events: Emitter
  readonly ttl: number
  readonly scope: Scope | undefined
  readonly version: string
  readonly runtime: Runtime
  /** Other processes read the entries. */
  readonly sharesEntries: boolean
  /** A short text that stands for this one in this cache, ending with a space. */
  readonly shortName: (name: string) => string
  readonly newTransaction: (writer: Writer) => Transaction
  readonly onFault: (step: FaultStep, error: unknown) => void
  readonly onWarning: (code: string, message: string) => void
  readonly state: { readonly closed: boolean; readonly enabled: boolean }
}

const NO_TAGS: readonly string[] = []

/** Milliseconds after a failed start before the next one. */
const RESTART_AFTER = 1_000

/** Milliseconds after which a start that does not end has failed. */
const START_WITHIN = 30_000

export class Origin {
  readonly #options: OriginOptions
  readonly #parts: OriginParts
  #database: string
  #prefix = ''
  #sharedPrefix = ''
  /** Filled anew for each read: the hit path makes no objects that it can do without. */
  readonly #gateState = { closed: false, enabled: true, off: false, starting: false, sessionChanged: false }
  readonly #statements: Statements
  #off: string | undefined
  #sessionChanged = false
  /** Raised when connections may have come into another state: reads under way may run on them. */
  readonly #connections = { generation: 0 }
  #started: boolean
  #starting: Promise<void> | undefined
  #startFailedAt = Number.NEGATIVE_INFINITY

  constructor(options: OriginOptions, parts: OriginParts) {
    this.#options = options
    this.#parts = parts
    this.#started = options.start === undefined
    this.#database = options.database ?? parts.runtime.random.token()
    this.#name(this.#database)
    this.#statements = new Statements({
      dialect: options.dialect,
      writer: parts.writer,
      analyze: (sql) => this.#analyze(sql),
      closure: (writes) => parts.foreignKeys.closure(writes),
      writeThrough: (request, put) => this.#writeThrough(request, put),
      onUnsafe: (code, message) => this.turnOff(code, message),
      onSessionChange: () => this.#changeSession(),
    })
  }

  get dialect(): Dialect {
    return this.#options.dialect
  }

  get health(): OriginHealth {
    const { adapter } = this.#options
    const state = this.#off !== undefined ? 'off' : this.#started ? 'on' : 'starting'
    return { adapter, database: this.#database, state, reason: this.#off }
  }

  /** Tells of foreign keys in the database, names as stored: writes invalidate what these carry on. */
  addForeignKeys(foreignKeys: readonly ForeignKey[]): void {
    this.#parts.foreignKeys.add(foreignKeys, this.dialect)
  }

  /** Switches caching off for this client, for good; its writes still invalidate. The message says why and what to change. */
  turnOff(code: string, message: string): void {
    if (this.#off !== undefined) return
    this.#off = `${code}: ${message}`
    this.#gateState.off = true
    this.#connections.generation++
    this.#parts.onWarning(code, message)
  }

  /** Asks the database what it is, unless that is done; until then reads go to the database (`starting`). Never rejects. */
  ready(): Promise<void> {
    const { start } = this.#options
    if (this.#started || start === undefined) return Promise.resolve()
    if (this.#starting !== undefined) return this.#starting
    // Not inside of it: a start that throws at once would be over before it is noted here.
    this.#starting = this.#start(start).finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  async #start(start: () => Promise<string | undefined>): Promise<void> {
    try {
      const database = await within(start(), START_WITHIN, this.#parts.runtime.timers)
      // Without a shared store a name of its own costs nothing, and whatever the database did not tell cannot matter.
      const useful = this.#options.database === undefined && this.#parts.sharesEntries
      if (useful && typeof database === 'string' && database !== '') this.#name(database)
      this.#started = true
    } catch (error) {
      this.#parts.onFault('introspection', error)
      this.#startFailedAt = this.#parts.runtime.clock.monotonic()
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
    // A read that cannot be cached anyway is no reason to ask the database.
    gateState.starting = !this.#started && request.bypass === undefined && this.#isStarting()
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
      const value = reader.hit(key, this.#options.adapter, text, effective)
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
  tablesOf(sql: string, parameters: readonly unknown[] = []): QueryTables {
    const analysis = this.#analyze(sql)
    // PostgreSQL reads a parameter 'today' as a date, silently.
    if (parameters.some((value) => isMovingDate(value, this.dialect))) return { reason: 'non-deterministic' }
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

  /** Any statement on its way to the driver: reads pass, writes are marked and settled, transaction control is understood. */
  execute<R>(statement: Statement<R>): Promise<R> {
    return this.#statements.execute(statement)
  }

  /** The COMMIT of a transaction by means of the driver, where no COMMIT text is sent. */
  commit<R>(transaction: Transaction, send: () => Promise<R>, verdict: Statement<R>['verdict']): Promise<R> {
    return this.#statements.commit({ transaction, send, verdict })
  }

  /** The ROLLBACK of a transaction (not to a savepoint) by means of the driver. */
  rollback<R>(transaction: Transaction, send: () => Promise<R>): Promise<R> {
    return this.#statements.rollback(transaction, send)
  }

  #changeSession(): void {
    this.#sessionChanged = true
    this.#connections.generation++
    this.#parts.onWarning(
      'session-changed',
      'A statement changed the settings of a pooled connection (SET, SET ROLE, search_path, set_config ...): reads without a scope are no longer cached. ' +
        'Use SET LOCAL inside a transaction, or configure scope: () => the tenant or role that the session stands for.',
    )
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

  #read(
    read: Pick<Read, 'text' | 'scope' | 'ttl'> & {
      [K in 'tables' | 'run' | 'signal' | 'extraTags']?: Read[K] | undefined
    },
  ): Read {
    const { text, scope } = read
    const key = this.#key(scope, text)
    return {
      adapter: this.#options.adapter,
      key,
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
      connections: this.#connections,
      generation: this.#connections.generation,
      executions: this.#parts.executions,
      markedReads: this.#parts.markedReads,
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

function isMovingDate(value: unknown, dialect: Dialect): boolean {
  if (Array.isArray(value)) return value.some((element) => isMovingDate(element, dialect))
  return typeof value === 'string' && isMovingDateText(value, dialect)
}

function unreadable(): QueryTables {
  return { reason: 'unknown-tables' }
}

function rejectRun(): Promise<never> {
  return Promise.reject(new Error('this read has no query'))
}
