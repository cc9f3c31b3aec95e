/** The read half of the protocol: look up, confirm, serve; or run the query and store it under the stamps seen before. */

import type { CacheEvents, FaultStep } from '../events/events.ts'
import type { Reason } from '../events/reasons.ts'
import type { Authority, TagStates } from '../protocol/authority.ts'
import { EVERYTHING, type Stamp, type Tag } from '../protocol/tag.ts'
import { TagLists } from '../protocol/tag-lists.ts'
import { chain, isPromise, type MaybePromise, silence, TimeLimitError, within } from '../runtime/maybe-promise.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { MemoryTier } from '../store/memory-tier.ts'
import type { Store } from '../store/store.ts'
import { inspectValue } from '../value/inspect-value.ts'
import { type Entry, type Freshness, isAlive } from './entry.ts'
import type { Master } from './execution.ts'
import type { Seen } from './executions.ts'
import { entryKey, type Filler } from './filler.ts'
import type { ReadLog } from './read-log.ts'
import type { Read } from './read-request.ts'

export interface ReaderOptions {
  readonly authority: Authority
  readonly memory: MemoryTier<Entry> | undefined
  readonly store: Store | undefined
  readonly namespace: string
  readonly runtime: Runtime
  readonly freshness: Freshness
  readonly filler: Filler
  readonly log: ReadLog
  /** Milliseconds that a read waits for the cache at most. */
  readonly timeout: number
  readonly maxEntryBytes: number
  /** True when an invalidation of one of the tags is owed. */
  readonly owes: (tags: readonly Tag[]) => boolean
  readonly onFault: (step: FaultStep, error: unknown) => void
}

interface Found {
  readonly entry: Entry
  readonly tier: CacheEvents['hit']['tier']
}

/** A look-up that gave no usable answer. */
type LookupFault = 'authority-fault' | 'authority-timeout'

/** What {@link Reader.hit} answers when it has none; a result can be anything else. */
export const NO_HIT: unique symbol = Symbol('no hit')

export class Reader {
  readonly #options: ReaderOptions
  readonly #tagLists = new TagLists()

  constructor(options: ReaderOptions) {
    this.#options = options
  }

  /**
   * The hit path: a fresh copy when memory holds a fresh entry and the authority is in this process, else {@link NO_HIT}.
   * Nothing here is allocated but what the authority answers and the copy.
   */
  hit(key: string, adapter: string, text: string, ttl: number): unknown {
    const { memory, authority, freshness, runtime, owes } = this.#options
    if (memory === undefined || authority.shared) return NO_HIT
    const entry = memory.get(key)
    if (entry === undefined || !isAlive(entry, runtime.clock, ttl) || owes(entry.tags)) return NO_HIT
    try {
      const states = authority.lookup(entry.tags)
      // Whatever is wrong with the answer makes it unlike the entry: the slow path then looks at it more closely.
      if (isPromise(states)) {
        silence(states)
        return NO_HIT
      }
      if (!freshness.isFresh(entry, states)) return NO_HIT
    } catch {
      return NO_HIT
    }
    return this.#serve({ adapter, key, text }, entry, 'memory')
  }

  /** A read that is no immediate hit: looks it up, and runs the query if need be. */
  read(read: Read): MaybePromise<unknown> {
    return this.#lookUp(read)
  }

  /** Runs the query without the cache. */
  bypass(read: Pick<Read, 'adapter' | 'text' | 'run' | 'signal'>, reason: Reason, detail?: string): Promise<unknown> {
    this.#options.log.bypass(read, reason, detail)
    return read.run(read.signal)
  }

  /** What a put needs to know before its write is sent: the stamp of `*`; undefined when there is none to rely on. */
  async seenBeforePut(): Promise<Seen | undefined> {
    const startedAt = this.#options.runtime.clock.monotonic()
    let states = await this.#ask('lookup', [EVERYTHING], startedAt)
    if (typeof states !== 'string' && states.stamps[0] === undefined)
      states = await this.#ask('create', [EVERYTHING], startedAt)
    if (typeof states === 'string' || states.marked || states.stamps[0] === undefined) return undefined
    return { epoch: states.epoch, stamps: states.stamps as readonly Stamp[] }
  }

  /** Stores what a write made, under the stamp of its own settle. Only the put rule of the writer may lead here. */
  put(read: Read, tag: Tag, before: Seen, stamp: Stamp, value: unknown): void {
    const { clock } = this.#options.runtime
    const seen = { epoch: before.epoch, stamps: [...before.stamps, stamp] }
    this.#landed(read, [EVERYTHING, tag], seen, value, 1, clock.monotonic(), clock.wall())
  }

  #lookUp(read: Read): MaybePromise<unknown> {
    const { memory, store, runtime, owes } = this.#options
    const tags = this.#tags(read)
    if ('reason' in tags) return this.bypass(read, tags.reason, tags.detail)
    // Before the look-up: once an owed invalidation is delivered, look-ups that start later see its stamps.
    if (owes(tags)) return this.#uncached(read, 'owed')
    const startedAt = runtime.clock.monotonic()
    const inMemory = memory?.get(read.key)
    const alive = inMemory !== undefined && isAlive(inMemory, runtime.clock, read.ttl)
    if (inMemory !== undefined && !alive) memory?.delete(read.key)
    const usable = alive && sameTags(inMemory.tags, tags)
    const found: MaybePromise<Found | undefined> = usable
      ? { entry: inMemory, tier: 'memory' }
      : store !== undefined
        ? this.#fromStore(read, tags, store)
        : undefined
    // Asked in the same tick as the store, so that both can travel together.
    const states = this.#ask('lookup', tags, startedAt)
    if (!isPromise(states) && !isPromise(found)) return this.#decide(read, tags, states, found, startedAt)
    return Promise.all([states, found]).then(([states, found]) => this.#decide(read, tags, states, found, startedAt))
  }

  /** All tags of the query: `*`, its tables, and what the call added. */
  #tags(read: Read): readonly Tag[] | { reason: Reason; detail?: string | undefined } {
    try {
      const answer = read.tables()
      silence(answer)
      if (answer.reason !== undefined) return answer
      // A text is iterable too: its letters would pass for tables.
      if (!Array.isArray(answer.tables)) throw new TypeError('tables() must answer a list')
      return this.#tagLists.of(answer.tables, read.extraTags)
    } catch (error) {
      this.#options.onFault('tables', error)
      return { reason: 'unknown-tables', detail: 'the analysis failed' }
    }
  }

  #decide(
    read: Read,
    tags: readonly Tag[],
    states: TagStates | LookupFault,
    found: Found | undefined,
    startedAt: number,
    created = false,
  ): MaybePromise<unknown> {
    if (typeof states === 'string') return this.#uncached(read, states)
    if (states.marked) return this.#uncached(read, 'write-in-flight')
    if (states.stamps.includes(undefined)) {
      if (created) return this.#uncached(read, 'no-stamp')
      // Awaited: a stamp that becomes known only after the query was sent would vouch for data older than itself.
      return chain(this.#ask('create', tags, startedAt), (states) =>
        this.#decide(read, tags, states, found, startedAt, true),
      )
    }
    if (found !== undefined) {
      const value = this.#options.freshness.isFresh(found.entry, states)
        ? this.#serve(read, found.entry, found.tier)
        : NO_HIT
      if (value !== NO_HIT) return value
      this.#options.memory?.delete(read.key)
    }
    return this.#miss(read, tags, { epoch: states.epoch, stamps: states.stamps as readonly Stamp[] })
  }

  /** A copy of the entry's value; {@link NO_HIT} when a type's copy function failed. */
  #serve(read: Pick<Read, 'adapter' | 'key' | 'text'>, entry: Entry, tier: CacheEvents['hit']['tier']): unknown {
    let value: unknown
    try {
      value = entry.copy(entry.value)
    } catch (error) {
      this.#options.onFault('copy', error)
      this.#options.memory?.delete(read.key)
      return NO_HIT
    }
    this.#options.log.hit(read, entry, tier)
    return value
  }

  #miss(read: Read, tags: readonly Tag[], seen: Seen): Promise<unknown> {
    const { runtime, log } = this.#options
    const monotonicAt = runtime.clock.monotonic()
    const wallAt = runtime.clock.wall()
    const landed = (value: unknown, readers: number): Master | undefined =>
      this.#landed(read, tags, seen, value, readers, monotonicAt, wallAt)
    const { result, joined } = read.executions.run(read.key, seen, read.run, landed, read.signal, monotonicAt)
    log.miss(read, tags, joined)
    return result
  }

  /** A result has arrived: keep a master copy before anybody can change it. */
  #landed(
    read: Read,
    tags: readonly Tag[],
    seen: Seen,
    value: unknown,
    readers: number,
    monotonicAt: number,
    wallAt: number,
  ): Master | undefined {
    const { filler, log, maxEntryBytes, onFault } = this.#options
    // Readers that share a result get copies of it, however large.
    const master = this.#master(read, value, readers > 1 ? Number.POSITIVE_INFINITY : maxEntryBytes)
    if (master === undefined) return undefined
    if (master.bytes > maxEntryBytes) {
      log.unstored(read, 'too-large', `${master.bytes} bytes`)
      return master
    }
    try {
      filler.fill({ read, tags, seen, monotonicAt, wallAt, ...master })
    } catch (error) {
      onFault('fill', error)
    }
    return master
  }

  #master(read: Read, value: unknown, maxBytes: number): (Master & { readonly bytes: number }) | undefined {
    const { log, onFault } = this.#options
    // A raw SET or BEGIN may have reached the connection that this read ran on: its result is the caller's alone.
    if (read.connections.generation !== read.generation) {
      log.unstored(read, 'session-changed')
      return undefined
    }
    try {
      const inspected = inspectValue(value, read.entryCodec.types, maxBytes)
      if (inspected.unsupported === undefined) {
        return { value: inspected.copy(value), copy: inspected.copy, bytes: inspected.bytes }
      }
      log.unstored(read, inspected.tooLarge ? 'too-large' : 'uncopyable-value', inspected.unsupported)
    } catch (error) {
      onFault('copy', error)
    }
    return undefined
  }

  /** The cache cannot vouch for anything now: run the query, store nothing, but do not let a crowd through. */
  #uncached(read: Read, reason: Reason): Promise<unknown> {
    const { log } = this.#options
    log.bypass(read, reason)
    const landed = (value: unknown, readers: number): Master | undefined =>
      readers > 1 ? this.#master(read, value, Number.POSITIVE_INFINITY) : undefined
    return read.markedReads.run(read.key, read.run, landed, read.signal)
  }

  /** The authority's answer, checked, within the time that this look-up has left. Never rejects. */
  #ask(step: 'lookup' | 'create', tags: readonly Tag[], startedAt: number): MaybePromise<TagStates | LookupFault> {
    const { authority, runtime, timeout } = this.#options
    try {
      const answer = step === 'lookup' ? authority.lookup(tags) : authority.create(tags)
      if (!isPromise(answer)) return this.#checked(step, answer, tags)
      const left = Math.max(1, timeout - (runtime.clock.monotonic() - startedAt))
      return within(answer, left, runtime.timers)
        .then((states) => this.#checked(step, states, tags))
        .catch((error: unknown) => this.#lookupFault(step, error))
    } catch (error) {
      return this.#lookupFault(step, error)
    }
  }

  #checked(step: 'lookup' | 'create', states: TagStates, tags: readonly Tag[]): TagStates | LookupFault {
    if (isTagStates(states, tags.length)) return states
    return this.#lookupFault(step, new Error(`the authority's answer to ${step} is unusable`))
  }

  #lookupFault(step: 'lookup' | 'create', error: unknown): LookupFault {
    this.#options.onFault(step, error)
    return error instanceof TimeLimitError ? 'authority-timeout' : 'authority-fault'
  }

  /** The store's entry, if there is one that can be used. Never rejects. */
  #fromStore(read: Read, tags: readonly Tag[], store: Store): MaybePromise<Found | undefined> {
    const { runtime, timeout, memory, onFault } = this.#options
    const decoded = (bytes: Uint8Array | undefined): Found | undefined => {
      if (bytes === undefined || bytes === null) return undefined
      try {
        const { entry, bytes: size } = read.entryCodec.decode(bytes)
        if (!sameTags(entry.tags, tags) || !isAlive(entry, runtime.clock, read.ttl)) return undefined
        memory?.set(read.key, entry, size)
        return { entry, tier: 'store' }
      } catch (error) {
        onFault('decode', error)
        return undefined
      }
    }
    const failed = (error: unknown): undefined => onFault('store', error) as undefined
    try {
      const answer = store.get(entryKey(this.#options.namespace, read, tags))
      if (!isPromise(answer)) return decoded(answer)
      return within(answer, timeout, runtime.timers).then(decoded, failed)
    } catch (error) {
      return failed(error)
    }
  }
}

function sameTags(left: readonly Tag[], right: readonly Tag[]): boolean {
  return left.length === right.length && left.every((tag, i) => tag === right[i])
}

function isTagStates(states: unknown, length: number): states is TagStates {
  const { epoch, stamps, marked } = (states ?? {}) as Partial<TagStates>
  if (typeof epoch !== 'string' || typeof marked !== 'boolean' || !Array.isArray(stamps) || stamps.length !== length) {
    return false
  }
  for (const stamp of stamps) if (stamp !== undefined && (typeof stamp !== 'string' || stamp === '')) return false
  return true
}
