// A clock and timers that move only when a test says so.

import { type Clock, type Random, type Runtime, systemRuntime, type Timers } from '@larder/core'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

export class ManualRuntime implements Runtime {
  readonly random: Random = systemRuntime().random
  readonly #timers = new Set<Timer>()
  #monotonic = 1_000_000
  #wall = Date.UTC(2026, 0, 1)

  readonly clock: Clock = { monotonic: () => this.#monotonic, wall: () => this.#wall }

  readonly timers: Timers = {
    start: (milliseconds, callback) => {
      const timer = { at: this.#monotonic + milliseconds, callback }
      this.#timers.add(timer)
      return timer
    },
    stop: (handle) => void this.#timers.delete(handle as Timer),
  }

  /** Lets time pass: both clocks move, and timers that are due run in order. */
  advance(milliseconds: number): void {
    const end = this.#monotonic + milliseconds
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (due === undefined) break
      this.#timers.delete(due)
      this.#wall += due.at - this.#monotonic
      this.#monotonic = due.at
      due.callback()
    }
    this.#wall += end - this.#monotonic
    this.#monotonic = end
  }

  /** Time passes while the machine sleeps or the process hangs: no timer runs, and the monotonic clock may stand still. */
  jump(by: { readonly monotonic?: number; readonly wall?: number }): void {
    this.#monotonic += by.monotonic ?? 0
    this.#wall += by.wall ?? 0
  }
}
