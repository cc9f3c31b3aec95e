/** The executions that run now, so that concurrent misses of one query cost one query. */

import type { Stamp } from '../protocol/tag.ts'
import { Execution, type Landed, type Run } from './execution.ts'

interface Running {
  readonly execution: Execution
  /** Monotonic ms. */
  readonly startedAt: number
  readonly epoch: string
  readonly stamps: readonly Stamp[]
}

/** What an execution has seen before its query was sent: readers share it only if they saw the same. */
export interface Seen {
  readonly epoch: string
  readonly stamps: readonly Stamp[]
}

/** Milliseconds after which an execution is not joined any more: its connection may be dead, and nobody should wait for it who need not. */
export const JOINED_FOR = 10_000

/**
 * Shares an execution among readers of one key that saw the same stamps. The stamps are what makes sharing safe:
 * a read that starts after a write was acknowledged sees newer ones and never joins an execution from before it.
 */
export class Executions {
  readonly #running = new Map<string, Running>()

  /** Number of keys with an execution. */
  get size(): number {
    return this.#running.size
  }

  /** Joins the execution of this key that saw the same stamps, or starts one. `joined` tells which. */
  run(
    key: string,
    seen: Seen,
    run: Run,
    landed: Landed,
    signal: AbortSignal | undefined,
    now: number,
  ): { result: Promise<unknown>; joined: boolean } {
    const running = this.#running.get(key)
    if (running?.execution.open && now - running.startedAt < JOINED_FOR && this.isSame(running, seen)) {
      return { result: running.execution.join(run, signal), joined: true }
    }
    const execution = new Execution(landed, () => {
      if (this.#running.get(key)?.execution === execution) this.#running.delete(key)
    })
    this.#running.set(key, { execution, startedAt: now, epoch: seen.epoch, stamps: seen.stamps })
    if (signal === undefined) return { result: execution.lead(run), joined: false }
    const result = execution.join(run, signal)
    execution.start()
    return { result, joined: false }
  }

  protected isSame(running: Seen, seen: Seen): boolean {
    if (running.epoch !== seen.epoch || running.stamps.length !== seen.stamps.length) return false
    return running.stamps.every((stamp, i) => stamp === seen.stamps[i])
  }
}
