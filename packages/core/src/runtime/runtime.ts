/** Time, timers and randomness as the core sees them; tests inject their own. */

import { randomUUID } from 'node:crypto'

/** Milliseconds. `monotonic` never goes back but may stop while the machine sleeps; `wall` may jump. */
export interface Clock {
  monotonic(): number
  wall(): number
}

/** One-shot timers. They never keep the process alive. */
export interface Timers {
  start(milliseconds: number, callback: () => void): unknown
  stop(handle: unknown): void
}

export interface Random {
  /** A new unguessable token of at least 120 random bits. */
  token(): string
  /** Uniform in [0, 1); for jitter, so it need not be unguessable. */
  fraction(): number
}

export interface Runtime {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
}

/** The real clock, timers and random source of this process. */
export function systemRuntime(): Runtime {
  return {
    clock: { monotonic: () => performance.now(), wall: () => Date.now() },
    timers: {
      start(milliseconds, callback) {
        const handle = setTimeout(callback, milliseconds)
        handle.unref()
        return handle
      },
      stop: (handle) => clearTimeout(handle as NodeJS.Timeout),
    },
    random: { token: () => randomUUID(), fraction: Math.random },
  }
}
