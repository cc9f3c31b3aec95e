/** Reads of marked tags: never stored, at most two executions of one key at a time. */

import type { Timers } from '../runtime/runtime.ts'
import { Execution, type Landed, type Run } from './execution.ts'
import { JOINED_FOR } from './executions.ts'

interface Lane {
  running: number
  /** Not yet sent: everyone who comes now may share it. */
  next: Execution | undefined
}

/**
 * While a tag is marked nobody knows whether a running query sees the write. A reader may therefore share an
 * execution only if the reader began before its query was sent: two may run, later readers gather for the next one.
 */
export class MarkedReads {
  readonly #timers: Timers
  readonly #lanes = new Map<string, Lane>()

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** Number of keys with such an execution. */
  get size(): number {
    return this.#lanes.size
  }

  run(key: string, run: Run, landed: Landed, signal?: AbortSignal): Promise<unknown> {
    let lane = this.#lanes.get(key)
    if (lane === undefined) {
      lane = { running: 0, next: undefined }
      this.#lanes.set(key, lane)
    }
    if (lane.running < 2) {
      const execution = this.#execution(key, lane, landed)
      const result = execution.join(run, signal)
      this.#start(lane, execution)
      return result
    }
    if (lane.next === undefined || !lane.next.open) {
      lane.next = this.#execution(key, lane, landed)
      this.#startInTime(lane, lane.next)
    }
    return lane.next.join(run, signal)
  }

  #execution(key: string, lane: Lane, landed: Landed): Execution {
    return new Execution(landed, () => {
      lane.running--
      const { next } = lane
      lane.next = undefined
      if (next !== undefined) this.#start(lane, next)
      else if (lane.running === 0) this.#lanes.delete(key)
    })
  }

  /** Two queries that do not come back must not keep all later readers waiting. */
  #startInTime(lane: Lane, next: Execution): void {
    const timer = this.#timers.start(JOINED_FOR, () => {
      if (lane.next !== next) return
      lane.next = undefined
      this.#start(lane, next)
    })
    next.onStart = () => this.#timers.stop(timer)
  }

  #start(lane: Lane, execution: Execution): void {
    lane.running++
    execution.start()
  }
}
