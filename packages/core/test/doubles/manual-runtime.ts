/** Time that passes when a test says so. */

import type { Runtime } from '../../src/runtime/runtime.ts'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

export class ManualRuntime implements Runtime {
  monotonic = 1_000
  wall = 1_700_000_000_000
  readonly #timers = new Set<Timer>()
  #tokens = 0

  readonly clock = { monotonic: () => this.monotonic, wall: () => this.wall }

  readonly timers = {
    start: (milliseconds: number, callback: () => void): unknown => {
      const timer = { at: this.monotonic + milliseconds, callback }
      this.#timers.add(timer)
      return timer
    },
    stop: (handle: unknown): void => {
      this.#timers.delete(handle as Timer)
    },
  }

  readonly random = {
    token: (): string => `token-${++this.#tokens}`,
    fraction: (): number => 0.5,
  }

  get pendingTimers(): number {
    return this.#timers.size
  }

  /** Lets both clocks advance, calls the timers that are due in their order, and lets promises settle after each. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.monotonic + milliseconds
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((left, right) => left.at - right.at)
      if (next === undefined) break
      this.#advance(Math.max(next.at, this.monotonic))
      this.#timers.delete(next)
      next.callback()
      await settled()
    }
    this.#advance(end)
    await settled()
  }

  #advance(to: number): void {
    this.wall += to - this.monotonic
    this.monotonic = to
  }
}

/** Resolves when all promise reactions that can run have run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
