/** The shared authority of the simulation: a server with its own clock that can restart, reached by messages that can be lost. */

import type { Authority, HeldMark, Settlement, TagStates } from '../../src/protocol/authority.ts'
import type { Stamp, Tag, WriterToken } from '../../src/protocol/tag.ts'
import type { Owner, Scheduler } from './scheduler.ts'

interface State {
  stamp: Stamp | undefined
  marks: Map<WriterToken, { deadline: number; shared: boolean }>
}

/** What a snapshot keeps: stamps and marks, as an RDB file would. */
type Snapshot = ReadonlyMap<Tag, State>

export class AuthorityServer {
  readonly owner: Owner = { name: 'authority', alive: true, pausedUntil: 0 }
  readonly #scheduler: Scheduler
  #states = new Map<Tag, State>()
  #epoch: string
  /** Until then no message gets through. */
  downUntil = 0
  /** A mark passed its deadline while its writer lived: the run is not checked for linearizability. */
  expired = 0

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
    this.#epoch = scheduler.random.token()
  }

  get epoch(): string {
    return this.#epoch
  }

  get marks(): number {
    let marks = 0
    for (const state of this.#states.values()) marks += state.marks.size
    return marks
  }

  snapshot(): Snapshot {
    return new Map([...this.#states].map(([tag, state]) => [tag, { stamp: state.stamp, marks: new Map(state.marks) }]))
  }

  /** Comes back empty, or as it was at the snapshot; in a new epoch either way. */
  restart(snapshot?: Snapshot): void {
    this.#states = new Map(snapshot ?? [])
    this.#epoch = this.#scheduler.random.token()
  }

  /** Memory pressure: one settled stamp goes. */
  evict(): void {
    const settled = [...this.#states].filter(([, state]) => state.marks.size === 0)
    if (settled.length > 0) this.#states.delete(this.#scheduler.random.pick(settled)[0])
  }

  /** Only broken variants do this: a stamp is written back. */
  restore(tag: Tag, stamp: Stamp | undefined): void {
    this.#state(tag).stamp = stamp
  }

  /** Only broken variants do this: SET NX of a stamp of the caller's. */
  offer(tag: Tag, stamp: Stamp): void {
    const state = this.#state(tag)
    if (state.marks.size === 0) state.stamp ??= stamp
  }

  lookup(tags: readonly Tag[]): TagStates {
    const states = tags.map((tag) => this.#state(tag))
    return {
      epoch: this.#epoch,
      stamps: states.map((state) => state.stamp),
      marked: states.some((state) => state.marks.size > 0),
    }
  }

  create(tags: readonly Tag[]): TagStates {
    for (const state of tags.map((tag) => this.#state(tag))) {
      if (state.marks.size === 0) state.stamp ??= this.#newStamp()
    }
    return this.lookup(tags)
  }

  unsettle(tags: readonly Tag[], token: WriterToken, lease: number): void {
    for (const { marks } of tags.map((tag) => this.#state(tag))) {
      const own = marks.get(token)
      if (own !== undefined) {
        own.deadline = this.#scheduler.now + lease
        continue
      }
      for (const other of marks.values()) other.shared = true
      marks.set(token, { deadline: this.#scheduler.now + lease, shared: marks.size > 0 })
    }
  }

  renew(held: readonly HeldMark[], lease: number): boolean[] {
    return held.map(({ tags, token }) =>
      tags
        .map((tag) => this.#state(tag).marks.get(token))
        .map((mark) => {
          if (mark !== undefined) mark.deadline = this.#scheduler.now + lease
          return mark !== undefined
        })
        .every(Boolean),
    )
  }

  settle(tags: readonly Tag[], token: WriterToken): Settlement[] {
    return tags.map((tag) => {
      const state = this.#state(tag)
      const own = state.marks.get(token)
      const alone = own !== undefined && !own.shared && state.marks.size === 1
      if (own === undefined) for (const other of state.marks.values()) other.shared = true
      state.marks.delete(token)
      state.stamp = this.#newStamp()
      return { stamp: state.stamp, alone }
    })
  }

  cancel(tags: readonly Tag[], token: WriterToken): void {
    for (const tag of tags) this.#state(tag).marks.delete(token)
  }

  #newStamp(): Stamp {
    return this.#scheduler.random.token() as Stamp
  }

  #state(tag: Tag): State {
    let state = this.#states.get(tag)
    if (state === undefined) {
      state = { stamp: undefined, marks: new Map() }
      this.#states.set(tag, state)
    }
    for (const [token, mark] of state.marks) {
      if (mark.deadline > this.#scheduler.now) continue
      state.marks.delete(token)
      state.stamp = undefined
      this.expired++
    }
    return state
  }
}

/** One process's connection to the server. */
export class RemoteAuthority implements Authority {
  readonly kind = 'model'
  readonly shared = true
  protected readonly server: AuthorityServer
  readonly #scheduler: Scheduler
  readonly #client: Owner
  readonly #loss: number

  constructor(scheduler: Scheduler, server: AuthorityServer, client: Owner, loss: number) {
    this.#scheduler = scheduler
    this.server = server
    this.#client = client
    this.#loss = loss
  }

  lookup(tags: readonly Tag[]): Promise<TagStates> {
    return this.call(
      () => `lookup ${tags}`,
      () => this.server.lookup(tags),
    )
  }

  create(tags: readonly Tag[]): Promise<TagStates> {
    return this.call(
      () => `create ${tags}`,
      () => this.server.create(tags),
    )
  }

  unsettle(tags: readonly Tag[], token: WriterToken, lease: number): Promise<void> {
    return this.call(
      () => `unsettle ${tags} ${token}`,
      () => this.server.unsettle(tags, token, lease),
    )
  }

  renew(marks: readonly HeldMark[], lease: number): Promise<readonly boolean[]> {
    return this.call(
      () => 'renew',
      () => this.server.renew(marks, lease),
    )
  }

  settle(tags: readonly Tag[], token: WriterToken): Promise<readonly Settlement[]> {
    return this.call(
      () => `settle ${tags} ${token}`,
      () => this.server.settle(tags, token),
    )
  }

  cancel(tags: readonly Tag[], token: WriterToken): Promise<void> {
    return this.call(
      () => `cancel ${tags} ${token}`,
      () => this.server.cancel(tags, token),
    )
  }

  protected call<T>(label: () => string, execute: () => T): Promise<T> {
    const scheduler = this.#scheduler
    const { random } = scheduler
    return new Promise<T>((resolve, reject) => {
      const fail = (what: string): void => {
        // A lost message is an error at once, later, or never: the core must live with each.
        if (random.chance(0.7)) {
          scheduler.after(
            random.below(40),
            this.#client,
            () => `${label()}: ${what}`,
            () => reject(new Error(what)),
          )
        }
      }
      const isDown = (): boolean => scheduler.now < this.server.downUntil
      scheduler.after(
        this.#latency(),
        this.server.owner,
        () => `${label()} (for ${this.#client.name})`,
        () => {
          if (isDown() || random.chance(this.#loss)) return fail('request lost')
          const answer = execute()
          if (random.chance(this.#loss)) return fail('reply lost')
          scheduler.after(
            this.#latency(),
            this.#client,
            () => `${label()}: ${JSON.stringify(answer) ?? 'done'}`,
            () => resolve(answer),
          )
        },
      )
    })
  }

  #latency(): number {
    const { random } = this.#scheduler
    return random.chance(0.1) ? random.below(80) : random.below(5)
  }
}
