/** The cache: one memory tier, one authority, the clients that use them, and what it tells about itself. */

import { InvalidOptionError } from '../errors.ts'
import { type CacheStats, Counters } from '../events/counters.ts'
import { Emitter, type EventName, type FaultStep, type Listener } from '../events/events.ts'
import type { Authority } from '../protocol/authority.ts'
import { EVERYTHING } from '../protocol/tag.ts'
import { type Entry, Freshness } from '../read/entry.ts'
import { Executions } from '../read/executions.ts'
import { Filler, type FillerOptions } from '../read/filler.ts'
import { MarkedReads } from '../read/marked-reads.ts'
import { ReadGate } from '../read/read-gate.ts'
import { ReadLog, type TraceStep } from '../read/read-log.ts'
import { Reader } from '../read/reader.ts'
import { within } from '../runtime/maybe-promise.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { ForeignKeys } from '../schema/foreign-keys.ts'
import { createSqlAnalyzer, type SqlAnalyzer } from '../sql/sql-analyzer.ts'
import { EntryCodec } from '../store/entry-codec.ts'
import { MemoryTier } from '../store/memory-tier.ts'
import { msgpackCodec } from '../value/msgpack-codec.ts'
import { ValueTypes } from '../value/value-types.ts'
import { Transaction } from '../write/transaction.ts'
import { Writer, type WriterOptions } from '../write/writer.ts'
import type { CacheHealth } from './health.ts'
import { type InvalidationTarget, tagsOfTarget } from './invalidation-target.ts'
import { signOfManyProcesses } from './many-processes.ts'
import type { ResolvedOptions } from './options.ts'
import { Origin, type OriginOptions } from './origin.ts'

/** The parts that a cache is made of; tests take one away and see what breaks. */
export interface CacheParts {
  readonly runtime: Runtime
  readonly authority: Authority
  readonly freshness?: Freshness
  readonly executions?: () => Executions
  readonly gate?: ReadGate
  readonly filler?: (options: FillerOptions) => Filler
  readonly writer?: (options: WriterOptions) => Writer
  readonly transaction?: (writer: Writer) => Transaction
  readonly analyzer?: SqlAnalyzer
}

const MAX_SHORT_NAMES = 10_000

export class Cache {
  readonly #options: ResolvedOptions
  readonly #runtime: Runtime
  readonly #authority: Authority
  readonly #events = new Emitter()
  readonly #counters = new Counters()
  readonly #log = new ReadLog(this.#counters, this.#events)
  readonly #memory: MemoryTier<Entry> | undefined
  readonly #reader: Reader
  readonly #writer: Writer
  readonly #gate: ReadGate
  readonly #newExecutions: () => Executions
  #analyzer: SqlAnalyzer | undefined
  readonly #foreignKeys = new ForeignKeys()
  readonly #newTransaction: (writer: Writer) => Transaction
  readonly #origins = new Set<WeakRef<Origin>>()
  /** Names of databases are long; keys in memory begin with a number for them. */
  readonly #shortNames = new Map<string, string>()
  #nextShortName = 0
  readonly #warnings = new Map<string, string>()
  readonly #state: { closed: boolean; enabled: boolean }

  constructor(options: ResolvedOptions, parts: CacheParts) {
    this.#options = options
    this.#runtime = parts.runtime
    this.#authority = parts.authority
    this.#state = { closed: false, enabled: options.enabled }
    this.#analyzer = parts.analyzer
    this.#newExecutions = parts.executions ?? (() => new Executions())
    this.#gate = parts.gate ?? new ReadGate()
    this.#newTransaction = parts.transaction ?? ((writer) => new Transaction(writer))
    const { runtime, authority } = parts
    const { store, timeout, writeTimeout, lease, unknownFor, onAuthorityDown, maxEntryBytes, jitter } = options
    const onFault = (step: FaultStep, error: unknown): void => this.#fault(step, error)
    const memory = options.memory === undefined ? undefined : new MemoryTier<Entry>(options.memory)
    this.#memory = memory
    const writerOptions: WriterOptions = {
      authority,
      runtime,
      events: this.#events,
      lease,
      writeTimeout,
      unknownFor,
      onAuthorityDown,
      onFault,
      onInvalidate: (tags) => {
        this.#counters.invalidations++
        if (this.#events.has('invalidate')) this.#events.emit('invalidate', { tags })
      },
    }
    this.#writer = parts.writer?.(writerOptions) ?? new Writer(writerOptions)
    const namespace = options.namespace ?? ''
    store?.open?.({ namespace })
    const fillerOptions = { memory, store, namespace, runtime, log: this.#log, jitter, onFault }
    this.#reader = new Reader({
      authority,
      memory,
      store,
      namespace,
      runtime,
      freshness: parts.freshness ?? new Freshness(),
      filler: parts.filler?.(fillerOptions) ?? new Filler(fillerOptions),
      log: this.#log,
      timeout,
      maxEntryBytes,
      owes: (tags) => this.#writer.owes(tags),
      onFault,
    })
  }

  /** True after {@link close}. */
  get closed(): boolean {
    return this.#state.closed
  }

  /** For adapters: a client whose reads and writes go through this cache. */
  origin(options: OriginOptions): Origin {
    const sign = this.#authority.shared ? undefined : signOfManyProcesses()
    if (sign !== undefined) {
      this.warn(
        'process-local-authority',
        `Stamps live in this process only, but it looks like one of several (${sign}): writes of the others are not seen here. Configure a store that they share.`,
      )
    }
    this.#analyzer ??= createSqlAnalyzer()
    const types = ValueTypes.builtIn.with([...(options.types ?? []), ...this.#options.types])
    const origin = new Origin(options, {
      entryCodec: new EntryCodec(this.#options.codec ?? msgpackCodec(), types, this.#runtime.clock),
      reader: this.#reader,
      writer: this.#writer,
      gate: this.#gate,
      executions: this.#newExecutions(),
      markedReads: new MarkedReads(this.#runtime.timers),
      analyzer: this.#analyzer,
      foreignKeys: this.#foreignKeys,
      sharesEntries: this.#options.store !== undefined,
      events: this.#events,
      ttl: this.#options.ttl,
      scope: this.#options.scope,
      version: this.#options.version,
      runtime: this.#runtime,
      shortName: (name) => this.#shortName(name),
      newTransaction: this.#newTransaction,
      onFault: (step, error) => this.#fault(step, error),
      onWarning: (code, message) => this.warn(code, message),
      state: this.#state,
    })
    for (const reference of this.#origins) if (reference.deref() === undefined) this.#origins.delete(reference)
    this.#origins.add(new WeakRef(origin))
    return origin
  }

  /**
   * Invalidates everything that depends on the target. Resolves when the authority has confirmed, or after
   * `writeTimeout`, when the invalidation is owed. Throws `INVALID_TARGET`; with `onAuthorityDown: 'reject-writes'`
   * also `AUTHORITY_UNAVAILABLE`.
   */
  async invalidate(target: InvalidationTarget): Promise<void> {
    await this.#writer.invalidate(tagsOfTarget(target))
  }

  /** Calls `listener` on every event of this name; returns how to stop it. A listener that throws changes nothing. */
  on<K extends EventName>(name: K, listener: Listener<K>): () => void {
    if (typeof listener !== 'function') throw new InvalidOptionError('listener', 'must be a function.')
    return this.#events.on(name, listener)
  }

  /** Runs `fn` and tells what happened to each read inside it. */
  explain<T>(fn: () => T | PromiseLike<T>): Promise<{ value: Awaited<T>; trace: readonly TraceStep[] }> {
    return this.#log.trace(fn)
  }

  stats(): CacheStats {
    const memory = this.#memory
    return this.#counters.snapshot({
      entries: memory?.size ?? 0,
      bytes: memory?.bytes ?? 0,
      evictions: memory?.evictions ?? 0,
    })
  }

  async health(): Promise<CacheHealth> {
    const { kind, shared } = this.#authority
    return {
      authority: { kind, shared, reachable: await this.#isReachable() },
      owed: this.#writer.owed,
      marks: this.#writer.held,
      origins: [...this.#origins].flatMap((reference) => reference.deref()?.health ?? []),
      warnings: [...this.#warnings].map(([code, message]) => ({ code, message })),
    }
  }

  /** Resolves when every client has been probed: from then on reads are cached, or the client is off with a reason. */
  async ready(): Promise<void> {
    await Promise.all([...this.#origins].map((reference) => reference.deref()?.ready()))
  }

  /** Stops caching for good. Queries go on, uncached, and writes still invalidate for others: what is owed is delivered, marks are renewed while they are needed. */
  async close(): Promise<void> {
    if (this.#state.closed) return
    this.#state.closed = true
    // A store takes its authority along; any other stays, for other caches.
    if (this.#options.store?.authority === this.#authority) this.#writer.close()
    this.#memory?.clear()
    this.#events.clear()
    try {
      await this.#options.store?.close?.()
    } catch (error) {
      this.#fault('store', error)
    }
  }

  /** For adapters: something the operator should change; each code is reported once. */
  warn(code: string, message: string): void {
    if (this.#warnings.has(code)) return
    this.#warnings.set(code, message)
    process.emitWarning(message, { type: 'LarderWarning', code: `LARDER_${code.toUpperCase().replaceAll('-', '_')}` })
    this.#events.emit('warning', { code, message })
  }

  #shortName(name: string): string {
    let short = this.#shortNames.get(name)
    if (short === undefined) {
      // Numbers are never used twice, so forgetting names costs hits at most.
      if (this.#shortNames.size >= MAX_SHORT_NAMES) this.#shortNames.clear()
      short = `${(this.#nextShortName++).toString(36)} `
      this.#shortNames.set(name, short)
    }
    return short
  }

  async #isReachable(): Promise<boolean> {
    try {
      await within(Promise.resolve(this.#authority.lookup([EVERYTHING])), this.#options.timeout, this.#runtime.timers)
      return true
    } catch {
      return false
    }
  }

  #fault(step: FaultStep, error: unknown): void {
    this.#counters.faults++
    if (this.#events.has('fault')) this.#events.emit('fault', { step, error })
  }
}
