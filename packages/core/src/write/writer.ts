/** The write half of the protocol: mark, send, settle; or cancel, or wait, or owe. */

import { AuthorityUnavailableError } from '../errors.ts'
import type { Emitter, FaultStep } from '../events/events.ts'
import type { Authority, HeldMark, Settlement } from '../protocol/authority.ts'
import type { Stamp, Tag, WriterToken } from '../protocol/tag.ts'
import { attempt, isPromise, type MaybePromise, silence, within } from '../runtime/maybe-promise.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Dialect } from '../sql/statement-tables.ts'
import { HeldMarks } from './held-marks.ts'
import { outcomeOf, type ServerVerdict } from './outcome.ts'
import { type OwedReport, OwedWrites } from './owed-writes.ts'
import { isSettlements } from './settlements.ts'

/** One autocommit statement, or the COMMIT of one transaction. */
export interface WriteRequest<R> {
  /** All tags whose rows it may change, without duplicates. */
  readonly tags: readonly Tag[]
  /** Sends it. Called exactly once, unless the write is rejected before. */
  readonly send: () => Promise<R>
  /** What the adapter knows of the error with which `send` rejected. */
  readonly verdict: (error: unknown) => ServerVerdict | undefined
  readonly dialect: Dialect
  /** Statements in the text, default 1. */
  readonly statements?: number
  /** Called with the new stamp when the put rule allows it: alone, and one tag only. */
  readonly put?: (stamp: Stamp, result: R) => void
}

export interface WriterOptions {
  readonly authority: Authority
  readonly runtime: Runtime
  readonly events: Emitter
  readonly lease: number
  readonly writeTimeout: number
  readonly unknownFor: number
  readonly onAuthorityDown: 'proceed' | 'reject-writes'
  readonly onFault: (step: FaultStep, error: unknown) => void
  readonly onInvalidate: (tags: readonly Tag[]) => void
}

export class Writer {
  readonly #options: WriterOptions
  readonly #held: HeldMarks
  readonly #owed: OwedWrites

  constructor(options: WriterOptions) {
    this.#options = options
    const { authority, runtime, lease, writeTimeout, unknownFor, onFault, onInvalidate, events } = options
    const limits = { authority, runtime, lease, writeTimeout, onFault }
    this.#held = new HeldMarks({ ...limits, onGiveUp: (mark) => void this.#settle(mark, true) })
    this.#owed = new OwedWrites({
      ...limits,
      onDelivered: (mark, marked) => {
        onInvalidate(mark.tags)
        if (!marked) events.emit('owed', { tags: mark.tags, settled: true })
      },
      onMarked: (mark, since) => {
        this.#held.hold(mark, since)
        this.#held.keepUnknown(mark.token, unknownFor)
      },
    })
  }

  /** What is still owed to the authority. */
  get owed(): OwedReport {
    return this.#owed.report
  }

  /** Marks that this process holds. */
  get held(): number {
    return this.#held.size
  }

  /** True when an invalidation of one of the tags is owed. */
  owes(tags: readonly Tag[]): boolean {
    return this.#owed.covers(tags)
  }

  /** Runs a write under the protocol. Rejects with the write's own error, or before it is sent with {@link AuthorityUnavailableError}. */
  async write<R>(request: WriteRequest<R>): Promise<R> {
    const { runtime, onFault } = this.#options
    const mark: HeldMark = { tags: request.tags, token: runtime.random.token() as WriterToken }
    let confirming = this.#mark(mark)
    let confirmed = isPromise(confirming) ? await confirming : confirming
    // A blocked event loop can eat the lease between the confirmation and this line: mark again, right before sending.
    for (let tries = 0; confirmed && this.#held.isAgeing(mark.token); tries++) {
      confirming = tries < 3 ? this.#mark(mark) : false
      confirmed = isPromise(confirming) ? await confirming : confirming
    }
    if (!confirmed) {
      if (this.#options.onAuthorityDown === 'reject-writes') {
        this.#cancel(mark)
        throw new AuthorityUnavailableError(mark.tags)
      }
      this.#owed.begin(mark)
    }

    let result: R
    try {
      result = await request.send()
    } catch (error) {
      const failing = this.#afterError(request, mark, confirmed, error)
      if (isPromise(failing)) await failing
      throw error
    }
    const unbroken = this.#held.isUnbroken(mark.token)
    const settling = this.#settle(mark, confirmed && this.#held.stands(mark.token))
    const settlements = isPromise(settling) ? await settling : settling
    const { put } = request
    if (put !== undefined && settlements !== undefined && unbroken && this.mayPut(settlements)) {
      const { stamp } = settlements[0] as Settlement
      // It calls back into the adapter, whose fault must not make a committed write look failed.
      void attempt(
        () => put(stamp, result),
        (error) => onFault('fill', error),
      )
    }
    return result
  }

  /** New stamps for the tags, without a write of ours. Resolves after `writeTimeout` at the latest; what was not confirmed is owed. */
  async invalidate(tags: readonly Tag[]): Promise<void> {
    const mark: HeldMark = { tags, token: this.#options.runtime.random.token() as WriterToken }
    this.#owed.begin(mark)
    const settlements = await this.#settle(mark, false)
    if (settlements === undefined && this.#options.onAuthorityDown === 'reject-writes') {
      throw new AuthorityUnavailableError(tags, 'The invalidation is not confirmed yet')
    }
  }

  close(): void {
    this.#held.close()
    this.#owed.close()
  }

  /** The put rule: a value may be put only under one tag, and only by a writer that was alone. */
  protected mayPut(settlements: readonly Settlement[]): boolean {
    return settlements.length === 1 && settlements[0]?.alone === true
  }

  #mark(mark: HeldMark): MaybePromise<boolean> {
    const { authority, runtime, lease, writeTimeout, onFault } = this.#options
    const since = runtime.clock.monotonic()
    const confirmed = (): boolean => {
      this.#held.hold(mark, since)
      return true
    }
    try {
      const call = authority.unsettle(mark.tags, mark.token, lease)
      if (!isPromise(call)) return confirmed()
      return within(call, writeTimeout, runtime.timers).then(confirmed, (error: unknown) => {
        onFault('unsettle', error)
        return false
      })
    } catch (error) {
      onFault('unsettle', error)
      return false
    }
  }

  /**
   * Answers undefined when the authority did not confirm in time; it is then retried for ever. `marked` says that the
   * mark stands, so that nobody is served older rows until then.
   */
  #settle(mark: HeldMark, marked: boolean): MaybePromise<readonly Settlement[] | undefined> {
    const { authority, runtime, writeTimeout, events, onFault, onInvalidate } = this.#options
    // Not renewed any longer, so that no renewal crosses the settle; if that fails, the mark's deadline ends the old stamp.
    this.#held.release(mark.token)
    const settled = (settlements: readonly Settlement[]): readonly Settlement[] | undefined => {
      if (!isSettlements(settlements, mark.tags.length)) return failed(new Error('unusable answer to settle'))
      this.#owed.drop(mark.token)
      onInvalidate(mark.tags)
      return settlements
    }
    const failed = (error: unknown): undefined => {
      onFault('settle', error)
      this.#owed.begin(mark, marked)
      this.#owed.owe(mark.token, 'settle')
      if (!marked) events.emit('owed', { tags: mark.tags, settled: false })
      return undefined
    }
    try {
      const call = authority.settle(mark.tags, mark.token)
      if (!isPromise(call)) return settled(call)
      return within(call, writeTimeout, runtime.timers).then(settled).catch(failed)
    } catch (error) {
      return failed(error)
    }
  }

  #afterError<R>(request: WriteRequest<R>, mark: HeldMark, confirmed: boolean, error: unknown): MaybePromise<unknown> {
    switch (this.#outcome(request, error)) {
      case 'failed':
        return this.#cancel(mark)
      case 'ended':
        return this.#settle(mark, confirmed && this.#held.stands(mark.token))
      case 'unknown':
        this.#options.events.emit('unknown', { tags: mark.tags, error })
        if (confirmed) this.#held.keepUnknown(mark.token, this.#options.unknownFor)
        else this.#owed.owe(mark.token, 'mark')
        return undefined
    }
  }

  #outcome<R>(request: WriteRequest<R>, error: unknown): ReturnType<typeof outcomeOf> {
    try {
      const verdict = request.verdict(error)
      silence(verdict)
      return outcomeOf(verdict, request.dialect, request.statements ?? 1)
    } catch {
      return 'unknown'
    }
  }

  /** Nobody waits for it: until it arrives, or the mark's deadline passes, reads of these tags are just not cached. */
  #cancel(mark: HeldMark): void {
    this.#held.release(mark.token)
    this.#owed.drop(mark.token)
    void attempt(
      () => this.cancelMark(mark),
      (error) => this.#options.onFault('cancel', error),
    )
  }

  protected cancelMark(mark: HeldMark): MaybePromise<void> {
    return this.#options.authority.cancel(mark.tags, mark.token)
  }
}
