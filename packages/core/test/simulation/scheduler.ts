/** A discrete-event scheduler with virtual time: everything that happens is decided by one seed. */

import type { Clock, Random, Timers } from '../../src/runtime/runtime.ts'

/** Something that events belong to: a process that can die or stand still, or a server. */
export interface Owner {
  readonly name: string
  alive: boolean
  /** Events of this owner wait until then. */
  pausedUntil: number
}

/** What a trace says of an event; a function where making the text costs something. Empty: not worth a line. */
export type Label = string | (() => string)

interface Event {
  time: number
  readonly order: number
  readonly owner: Owner
  readonly label: Label
  readonly run: () => void
  cancelled: boolean
}

/** Marsaglia's xorshift32 after a mixing step: small, fast, and the same everywhere. */
export class Seeded implements Random {
  #state: number
  #tokens = 0

  constructor(seed: number) {
    let mixed = (seed + 0x9e3779b9) | 0
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    this.#state = (mixed ^ (mixed >>> 15)) | 1
  }

  fraction(): number {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (this.#state >>> 0) / 2 ** 32
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor(this.fraction() * bound)
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T
  }

  token(): string {
    return `${(++this.#tokens).toString(36)}.${this.below(1e9).toString(36)}`
  }
}

export class Scheduler {
  readonly random: Seeded
  now = 0
  readonly trace: string[] | undefined
  readonly #heap: Event[] = []

  constructor(seed: number, tracing: boolean) {
    this.random = new Seeded(seed)
    this.trace = tracing ? [] : undefined
  }

  /** Runs `run` after `delay` ms of virtual time, unless its owner has died by then. Ties are broken at random. */
  after(delay: number, owner: Owner, label: Label, run: () => void): Event {
    const event = { time: this.now + delay, order: this.random.fraction(), owner, label, run, cancelled: false }
    this.#push(event)
    return event
  }

  /** A promise that resolves after `delay` ms; never, if the owner dies. */
  sleep(delay: number, owner: Owner, label: string): Promise<void> {
    return new Promise((resolve) => this.after(delay, owner, label, resolve))
  }

  note(text: string): void {
    this.trace?.push(`${String(this.now).padStart(6)}  ${text}`)
  }

  /** Runs events until `until` answers true or nothing is left. Between two events all promises settle. */
  async run(until: () => boolean, limit = 20_000): Promise<void> {
    for (let steps = 0; !until(); steps++) {
      if (steps > limit) throw new Error(`no end after ${limit} events`)
      const event = this.#pop()
      if (event === undefined) return
      if (event.cancelled || !event.owner.alive) continue
      if (event.owner.pausedUntil > event.time) {
        event.time = event.owner.pausedUntil
        this.#push(event)
        continue
      }
      this.now = Math.max(this.now, event.time)
      if (this.trace !== undefined && event.label !== '') {
        this.note(`${event.owner.name}: ${typeof event.label === 'string' ? event.label : event.label()}`)
      }
      event.run()
      await settled()
    }
  }

  clock(): Clock {
    return { monotonic: () => this.now, wall: () => this.now }
  }

  timers(owner: Owner): Timers {
    return {
      start: (milliseconds, callback) => this.after(milliseconds, owner, '', callback),
      stop: (handle) => {
        ;(handle as Event).cancelled = true
      },
    }
  }

  #push(event: Event): void {
    const heap = this.#heap
    let i = heap.length
    heap.push(event)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!isBefore(event, heap[parent] as Event)) break
      heap[i] = heap[parent] as Event
      i = parent
    }
    heap[i] = event
  }

  #pop(): Event | undefined {
    const heap = this.#heap
    const top = heap[0]
    const last = heap.pop()
    if (top === undefined || last === undefined || heap.length === 0) return top
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++
      if (!isBefore(heap[child] as Event, last)) break
      heap[i] = heap[child] as Event
      i = child
    }
    heap[i] = last
    return top
  }
}

function isBefore(left: Event, right: Event): boolean {
  return left.time < right.time || (left.time === right.time && left.order < right.order)
}

/** Resolves when all promise reactions that can run have run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
