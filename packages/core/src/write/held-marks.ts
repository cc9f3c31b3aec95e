/** The marks that this process holds: renewed by one timer until their writes are settled or cancelled. */

import type { FaultStep } from '../events/events.ts'
import type { Authority, HeldMark } from '../protocol/authority.ts'
import type { WriterToken } from '../protocol/tag.ts'
import { attempt, chain, isPromise, within } from '../runtime/maybe-promise.ts'
import type { Runtime } from '../runtime/runtime.ts'

interface Held extends HeldMark {
  /** Monotonic time until which the mark surely stands. */
  until: number
  /** It was gone before its write ended: other writers may have come and gone without meeting it. */
  lost: boolean
  /** Outcome unknown: the monotonic time at which to stop waiting for the server to tell. */
  giveUpAt: number | undefined
}

export interface HeldMarksOptions {
  readonly authority: Authority
  readonly runtime: Runtime
  readonly lease: number
  readonly writeTimeout: number
  readonly onFault: (step: FaultStep, error: unknown) => void
  /** Called when an unknown outcome has been waited for long enough. */
  readonly onGiveUp: (mark: HeldMark) => void
}

export class HeldMarks {
  readonly #options: HeldMarksOptions
  readonly #held = new Map<WriterToken, Held>()
  #timer: unknown

  constructor(options: HeldMarksOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#held.size
  }

  /** Keeps a confirmed mark alive. `since` is the monotonic time just before it was asked for. */
  hold(mark: HeldMark, since: number): void {
    this.#held.set(mark.token, { ...mark, until: since + this.#options.lease, lost: false, giveUpAt: undefined })
    this.#timer ??= this.#startTimer()
  }

  /** The write's outcome is unknown: keep renewing, at most for `unknownFor` ms. */
  keepUnknown(token: WriterToken, unknownFor: number): void {
    const held = this.#held.get(token)
    if (held !== undefined) held.giveUpAt = this.#options.runtime.clock.monotonic() + unknownFor
  }

  release(token: WriterToken): void {
    this.#held.delete(token)
  }

  /** True when the mark has stood without a gap: only then does the authority's `alone` mean what it says. */
  isUnbroken(token: WriterToken): boolean {
    return this.#held.get(token)?.lost === false
  }

  /** True when the mark surely stands now: renewed in time, and not known to be lost. */
  stands(token: WriterToken): boolean {
    const held = this.#held.get(token)
    return held !== undefined && held.until > this.#options.runtime.clock.monotonic()
  }

  /** True when less than half of the lease is left: too little to send a COMMIT under. */
  isAgeing(token: WriterToken): boolean {
    const held = this.#held.get(token)
    return held !== undefined && held.until - this.#options.runtime.clock.monotonic() < this.#options.lease / 2
  }

  /** Renews all marks. Ends when the authority has answered or `writeTimeout` has passed; never rejects. */
  async renew(): Promise<void> {
    const { authority, runtime, lease, writeTimeout, onFault } = this.#options
    const marks = [...this.#held.values()]
    const since = runtime.clock.monotonic()
    const answer = await attempt(
      () => {
        const call = authority.renew(marks, lease)
        return chain(isPromise(call) ? within(call, writeTimeout, runtime.timers) : call, checkedRenewal)
      },
      (error) => onFault('renew', error),
    )
    if (answer === undefined) return
    for (const [i, mark] of marks.entries()) {
      if (answer[i] === true) mark.until = since + lease
      else if (this.#held.has(mark.token)) this.#markAgain(mark)
    }
  }

  close(): void {
    if (this.#timer !== undefined) this.#options.runtime.timers.stop(this.#timer)
    this.#timer = undefined
    this.#held.clear()
  }

  /** The lease ended under a live writer (or the authority lost it): entries from before are dead, the next ones must wait for the write. */
  #markAgain(mark: Held): void {
    const { authority, runtime, lease, onFault } = this.#options
    mark.lost = true
    mark.until = Number.NEGATIVE_INFINITY
    onFault('mark-lost', new Error(`the mark on ${mark.tags.join(', ')} was lost before its write ended`))
    const since = runtime.clock.monotonic()
    const confirmed = (): void => {
      // The write may have ended while this was under way: a mark that nobody settles would stand until its deadline.
      if (this.#held.has(mark.token)) mark.until = since + lease
      else {
        void attempt(
          () => authority.settle(mark.tags, mark.token),
          (error) => onFault('settle', error),
        )
      }
    }
    void attempt(
      () => chain(authority.unsettle(mark.tags, mark.token, lease), confirmed),
      (error) => onFault('unsettle', error),
    )
  }

  #startTimer(): unknown {
    const { runtime, lease } = this.#options
    return runtime.timers.start(lease / 3, () => {
      this.#timer = undefined
      this.#giveUp()
      if (this.#held.size === 0) return
      this.#timer = this.#startTimer()
      void this.renew()
    })
  }

  #giveUp(): void {
    const now = this.#options.runtime.clock.monotonic()
    for (const mark of [...this.#held.values()]) {
      if (mark.giveUpAt === undefined || mark.giveUpAt > now) continue
      this.#held.delete(mark.token)
      this.#options.onGiveUp(mark)
    }
  }
}

function checkedRenewal(answer: readonly boolean[]): readonly boolean[] {
  if (Array.isArray(answer)) return [...answer]
  throw new Error('unusable answer to renew')
}
