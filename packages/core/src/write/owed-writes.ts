/** Invalidations that could not be delivered: retried for ever, and until then their tags are not read from the cache here. */

import type { FaultStep } from '../events/events.ts'
import type { Authority, HeldMark } from '../protocol/authority.ts'
import { EVERYTHING, type Tag, type WriterToken } from '../protocol/tag.ts'
import { isPromise, TimeLimitError, within } from '../runtime/maybe-promise.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { isSettlements } from './settlements.ts'

/** `settle`: the write has ended. `mark`: its outcome is unknown, so it must be marked first and waited for. */
export type Owing = 'settle' | 'mark'

interface Owed extends HeldMark {
  owing: Owing | undefined
  readonly since: number
  /** Its mark was confirmed, so nobody serves older rows: only the settle is outstanding. */
  readonly marked: boolean
}

/** What is owed to the authority, as `health().owed` shows it. */
export interface OwedReport {
  readonly writes: number
  /** Milliseconds. */
  readonly oldest: number
  readonly tags: readonly Tag[]
}

export interface OwedWritesOptions {
  readonly authority: Authority
  readonly runtime: Runtime
  readonly lease: number
  readonly writeTimeout: number
  readonly onFault: (step: FaultStep, error: unknown) => void
  readonly onDelivered: (mark: HeldMark, marked: boolean) => void
  /** An unknown write is marked at last. */
  readonly onMarked: (mark: HeldMark, since: number) => void
}

const FIRST_RETRY = 50
const LAST_RETRY = 5_000

export class OwedWrites {
  readonly #options: OwedWritesOptions
  readonly #owed = new Map<WriterToken, Owed>()
  readonly #tags = new Map<Tag, number>()
  #delay = FIRST_RETRY
  #timer: unknown
  #delivering = false
  #closed = false

  constructor(options: OwedWritesOptions) {
    this.#options = options
    options.authority.onReachable?.(() => this.#deliver())
  }

  /** The unmarked writes, the ones still running included: how many, ms since the oldest began, their tags. */
  get report(): OwedReport {
    const unmarked = [...this.#owed.values()].filter((owed) => !owed.marked)
    const since = unmarked[0]?.since
    return {
      writes: unmarked.length,
      oldest: since === undefined ? 0 : this.#options.runtime.clock.monotonic() - since,
      tags: [...new Set(unmarked.flatMap((owed) => owed.tags))],
    }
  }

  /** True when one of the tags is owed, and so a read of them must not use the cache in this process. */
  covers(tags: readonly Tag[]): boolean {
    if (this.#tags.size === 0) return false
    return this.#tags.has(EVERYTHING) || tags.some((tag) => this.#tags.has(tag))
  }

  /** A write is about to be sent without a confirmed mark; or (`marked`) its settle was not answered. */
  begin(mark: HeldMark, marked = false): void {
    if (this.#owed.has(mark.token)) return
    this.#owed.set(mark.token, { ...mark, owing: undefined, since: this.#options.runtime.clock.monotonic(), marked })
    for (const tag of mark.tags) this.#tags.set(tag, (this.#tags.get(tag) ?? 0) + 1)
  }

  /** The write has ended, or its outcome is unknown: from now on the authority is told as soon as it can be. */
  owe(token: WriterToken, owing: Owing): void {
    const owed = this.#owed.get(token)
    if (owed === undefined) return
    owed.owing = owing
    this.#schedule()
  }

  /** The write failed for certain, or the authority knows of it now. */
  drop(token: WriterToken): void {
    const owed = this.#owed.get(token)
    if (owed === undefined) return
    this.#owed.delete(token)
    for (const tag of owed.tags) {
      const count = (this.#tags.get(tag) ?? 1) - 1
      if (count === 0) this.#tags.delete(tag)
      else this.#tags.set(tag, count)
    }
  }

  close(): void {
    this.#closed = true
    if (this.#timer !== undefined) this.#options.runtime.timers.stop(this.#timer)
    this.#timer = undefined
  }

  #schedule(): void {
    if (this.#closed || this.#delivering || this.#timer !== undefined) return
    const delay = this.#delay * (0.5 + this.#options.runtime.random.fraction() / 2)
    this.#timer = this.#options.runtime.timers.start(delay, () => {
      this.#timer = undefined
      this.#deliver()
    })
  }

  #deliver(): void {
    if (this.#delivering || this.#closed) return
    this.#delivering = true
    const delivered = this.#deliverAll().catch((error: unknown) => {
      this.#options.onFault('settle', error)
      return false
    })
    void delivered.then((complete) => {
      this.#delivering = false
      this.#delay = complete ? FIRST_RETRY : Math.min(this.#delay * 2, LAST_RETRY)
      if ([...this.#owed.values()].some((owed) => owed.owing !== undefined)) this.#schedule()
    })
  }

  async #deliverAll(): Promise<boolean> {
    const { authority, lease, onDelivered, onMarked, runtime } = this.#options
    let complete = true
    for (const owed of [...this.#owed.values()]) {
      const { tags, token, owing } = owed
      if (owing === undefined) continue
      const since = runtime.clock.monotonic()
      const told =
        owing === 'settle'
          ? await this.#tell('settle', () => authority.settle(tags, token), tags.length)
          : await this.#tell('unsettle', () => authority.unsettle(tags, token, lease))
      if (told === 'no answer') return false
      if (told === 'refused') {
        // Perhaps only this one's: a node of several may be down.
        complete = false
        continue
      }
      if (owing === 'settle') onDelivered(owed, owed.marked)
      else onMarked(owed, since)
      this.drop(token)
    }
    return complete
  }

  /** `settlements` is the number that a usable answer has. */
  async #tell(step: FaultStep, call: () => unknown, settlements?: number): Promise<'told' | 'refused' | 'no answer'> {
    const { writeTimeout, runtime, onFault } = this.#options
    try {
      const called = call()
      const answer = isPromise(called) ? await within(called, writeTimeout, runtime.timers) : called
      if (settlements === undefined || isSettlements(answer, settlements)) return 'told'
      throw new Error(`unusable answer to ${step}`)
    } catch (error) {
      onFault(step, error)
      return error instanceof TimeLimitError ? 'no answer' : 'refused'
    }
  }
}
