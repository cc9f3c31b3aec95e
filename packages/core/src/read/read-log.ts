/** Notes what happened to each read: counters always, events and traces when somebody listens. */

import { AsyncLocalStorage } from 'node:async_hooks'
import type { Counters } from '../events/counters.ts'
import type { Emitter } from '../events/events.ts'
import type { Reason } from '../events/reasons.ts'
import type { Tag } from '../protocol/tag.ts'
import type { Entry } from './entry.ts'
import type { Read } from './read-request.ts'

/** What happened to one read inside `explain()`. */
export interface TraceStep {
  readonly adapter: string
  readonly text: string
  readonly outcome: 'hit' | 'miss' | 'bypass'
  readonly tier?: 'memory' | 'store'
  /** A miss that joined an execution already running. */
  readonly shared?: boolean
  readonly reason?: Reason
  readonly detail?: string | undefined
  readonly tags?: readonly Tag[]
}

type Named = Pick<Read, 'adapter' | 'text'>

export class ReadLog {
  readonly #counters: Counters
  readonly #events: Emitter
  readonly #traces = new AsyncLocalStorage<TraceStep[]>()
  /** Traces being recorded: without any, a read does not ask the async context. */
  #tracing = 0

  constructor(counters: Counters, events: Emitter) {
    this.#counters = counters
    this.#events = events
  }

  /** Runs `fn` and collects what happened to the reads inside it. */
  async trace<T>(fn: () => T | PromiseLike<T>): Promise<{ value: Awaited<T>; trace: readonly TraceStep[] }> {
    const trace: TraceStep[] = []
    this.#tracing++
    try {
      // The await must happen inside: ORM promises are lazy and start where they are awaited.
      const value = await this.#traces.run(trace, async () => await fn())
      return { value, trace }
    } finally {
      this.#tracing--
    }
  }

  hit(read: Named, entry: Entry, tier: 'memory' | 'store'): void {
    this.#counters.hits++
    if (this.#events.has('hit')) this.#events.emit('hit', { adapter: read.adapter, text: read.text, tier })
    if (this.#tracing > 0)
      this.#step({ adapter: read.adapter, text: read.text, outcome: 'hit', tier, tags: entry.tags })
  }

  miss(read: Named, tags: readonly Tag[], shared: boolean): void {
    this.#counters.misses++
    if (shared) this.#counters.shared++
    const { adapter, text } = read
    if (this.#events.has('miss')) this.#events.emit('miss', { adapter, text, tags, shared })
    if (this.#tracing > 0) this.#step({ adapter, text, outcome: 'miss', shared, tags })
  }

  bypass(read: Named, reason: Reason, detail?: string): void {
    this.#counters.bypass(reason)
    const { adapter, text } = read
    if (this.#events.has('bypass')) this.#events.emit('bypass', { adapter, text, reason, detail })
    if (this.#tracing > 0) this.#step({ adapter, text, outcome: 'bypass', reason, detail })
  }

  fill(read: Named, bytes: number): void {
    this.#counters.fills++
    if (this.#events.has('fill')) this.#events.emit('fill', { adapter: read.adapter, text: read.text, bytes })
  }

  unstored(read: Named, reason: Reason, detail?: string): void {
    this.#counters.notStored(reason)
    if (this.#events.has('unstored'))
      this.#events.emit('unstored', { adapter: read.adapter, text: read.text, reason, detail })
  }

  #step(step: TraceStep): void {
    this.#traces.getStore()?.push(step)
  }
}
