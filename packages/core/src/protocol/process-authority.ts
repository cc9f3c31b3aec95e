/** The stamp authority of one process: maps in memory, answers at once. */

import type { Runtime } from '../runtime/runtime.ts'
import type { Authority, HeldMark, Settlement, TagStates } from './authority.ts'
import { EVERYTHING, type Stamp, type Tag, type WriterToken } from './tag.ts'

interface Mark {
  deadline: number
  /** Another mark was there at some time between unsettle and now. */
  shared: boolean
}

interface TagState {
  stamp: Stamp | undefined
  readonly marks: Map<WriterToken, Mark>
}

export interface ProcessAuthorityOptions {
  /** Tags kept at most, default 100,000. Above it the oldest unmarked stamps go: a missing stamp is a miss, never a resurrection. */
  readonly maxTags?: number
}

export class ProcessAuthority implements Authority {
  readonly kind = 'process'
  readonly shared: boolean = false
  readonly #runtime: Runtime
  readonly #maxTags: number
  readonly #epoch: string
  readonly #states = new Map<Tag, TagState>()

  constructor(runtime: Runtime, options: ProcessAuthorityOptions = {}) {
    this.#runtime = runtime
    this.#maxTags = options.maxTags ?? 100_000
    this.#epoch = runtime.random.token()
  }

  /** Number of tags held. */
  get size(): number {
    return this.#states.size
  }

  lookup(tags: readonly Tag[]): TagStates {
    const stamps: (Stamp | undefined)[] = new Array(tags.length)
    let marked = false
    for (let i = 0; i < tags.length; i++) {
      const state = this.#states.get(tags[i] as Tag)
      if (state !== undefined && state.marks.size > 0) {
        this.#dropExpired(state)
        marked ||= state.marks.size > 0
      }
      stamps[i] = state?.stamp
    }
    return { epoch: this.#epoch, stamps, marked }
  }

  create(tags: readonly Tag[]): TagStates {
    for (const tag of tags) {
      const state = this.#state(tag)
      this.#dropExpired(state)
      if (state.stamp === undefined && state.marks.size === 0) state.stamp = this.newStamp()
    }
    this.#evict()
    return this.lookup(tags)
  }

  unsettle(tags: readonly Tag[], token: WriterToken, lease: number): void {
    const deadline = this.#runtime.clock.monotonic() + lease
    for (const tag of tags) {
      const state = this.#state(tag)
      this.#dropExpired(state)
      const own = state.marks.get(token)
      if (own !== undefined) {
        own.deadline = deadline
        continue
      }
      const shared = state.marks.size > 0
      if (shared) for (const other of state.marks.values()) other.shared = true
      state.marks.set(token, { deadline, shared })
    }
    this.#evict()
  }

  renew(marks: readonly HeldMark[], lease: number): boolean[] {
    const deadline = this.#runtime.clock.monotonic() + lease
    return marks.map(({ tags, token }) => {
      let complete = true
      for (const tag of tags) {
        const state = this.#states.get(tag)
        if (state !== undefined) this.#dropExpired(state)
        const own = state?.marks.get(token)
        if (own === undefined) complete = false
        else own.deadline = deadline
      }
      return complete
    })
  }

  settle(tags: readonly Tag[], token: WriterToken): Settlement[] {
    const settlements = tags.map((tag) => {
      const state = this.#state(tag)
      this.#dropExpired(state)
      const own = state.marks.get(token)
      const alone = own !== undefined && !own.shared && state.marks.size === 1
      if (own === undefined) for (const other of state.marks.values()) other.shared = true
      else state.marks.delete(token)
      const stamp = this.newStamp()
      state.stamp = stamp
      return { stamp, alone }
    })
    this.#evict()
    return settlements
  }

  cancel(tags: readonly Tag[], token: WriterToken): void {
    for (const tag of tags) {
      const state = this.#states.get(tag)
      if (state === undefined) continue
      this.#dropExpired(state)
      state.marks.delete(token)
    }
  }

  protected newStamp(): Stamp {
    return this.#runtime.random.token() as Stamp
  }

  #state(tag: Tag): TagState {
    let state = this.#states.get(tag)
    if (state === undefined) {
      state = { stamp: undefined, marks: new Map() }
      this.#states.set(tag, state)
    }
    return state
  }

  /** A writer that died takes its mark along at its deadline; what it may have written makes the old stamp worthless. */
  #dropExpired(state: TagState): void {
    if (state.marks.size === 0) return
    const now = this.#runtime.clock.monotonic()
    for (const [token, mark] of state.marks) {
      if (mark.deadline > now) continue
      state.marks.delete(token)
      state.stamp = undefined
    }
  }

  #evict(): void {
    if (this.#states.size <= this.#maxTags) return
    for (const [tag, state] of this.#states) {
      // The oldest of all, and every entry would go with it.
      if (tag === EVERYTHING) continue
      this.#dropExpired(state)
      if (state.marks.size > 0) continue
      this.#states.delete(tag)
      if (this.#states.size <= this.#maxTags) return
    }
  }
}
