/** An authority that does for each kind of call what a test says: by default what the one of this process does. */

import type { Authority, HeldMark } from '../../src/protocol/authority.ts'
import { ProcessAuthority } from '../../src/protocol/process-authority.ts'
import type { Tag, WriterToken } from '../../src/protocol/tag.ts'
import type { MaybePromise } from '../../src/runtime/maybe-promise.ts'
import type { Runtime } from '../../src/runtime/runtime.ts'

export type AuthorityStep = 'lookup' | 'create' | 'unsettle' | 'renew' | 'settle' | 'cancel'

/** What happens instead of a call; `call` is the call itself. */
export type Behaviour = (call: () => unknown) => unknown

export interface FaultyAuthorityOptions {
  /** Answers come as promises, and the authority counts as shared; default true. */
  readonly remote?: boolean
}

export class FaultyAuthority implements Authority {
  readonly kind: string
  readonly shared: boolean
  readonly inner: ProcessAuthority
  /** Every call, in order. */
  readonly calls: { readonly step: AuthorityStep; readonly tags: readonly Tag[]; readonly token?: WriterToken }[] = []
  readonly behaviours = new Map<AuthorityStep, Behaviour>()
  readonly #remote: boolean
  readonly #listeners: (() => void)[] = []

  constructor(runtime: Runtime, { remote = true }: FaultyAuthorityOptions = {}) {
    this.kind = remote ? 'remote' : 'process'
    this.shared = remote
    this.#remote = remote
    this.inner = new ProcessAuthority(runtime)
  }

  lookup(tags: readonly Tag[]) {
    return this.#run({ step: 'lookup', tags }, () => this.inner.lookup(tags))
  }

  create(tags: readonly Tag[]) {
    return this.#run({ step: 'create', tags }, () => this.inner.create(tags))
  }

  unsettle(tags: readonly Tag[], token: WriterToken, lease: number) {
    return this.#run({ step: 'unsettle', tags, token }, () => this.inner.unsettle(tags, token, lease))
  }

  renew(marks: readonly HeldMark[], lease: number) {
    const tags = marks.flatMap((mark) => mark.tags)
    return this.#run({ step: 'renew', tags }, () => this.inner.renew(marks, lease))
  }

  settle(tags: readonly Tag[], token: WriterToken) {
    return this.#run({ step: 'settle', tags, token }, () => this.inner.settle(tags, token))
  }

  cancel(tags: readonly Tag[], token: WriterToken) {
    return this.#run({ step: 'cancel', tags, token }, () => this.inner.cancel(tags, token))
  }

  onReachable(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Says that the authority is there again, and lets calls through. */
  recover(): void {
    this.behaviours.clear()
    for (const listener of this.#listeners) listener()
  }

  /** Every kind of call behaves like this. */
  all(behaviour: Behaviour): void {
    for (const step of ['lookup', 'create', 'unsettle', 'renew', 'settle', 'cancel'] as const) {
      this.behaviours.set(step, behaviour)
    }
  }

  /** Steps called since the last time. */
  takeSteps(): AuthorityStep[] {
    return this.calls.splice(0).map(({ step }) => step)
  }

  #run<T>(call: FaultyAuthority['calls'][number], act: () => T): MaybePromise<T> {
    this.calls.push(call)
    const answer = this.#remote ? (): Promise<T> => Promise.resolve().then(act) : act
    const behaviour = this.behaviours.get(call.step)
    return (behaviour === undefined ? answer() : behaviour(answer)) as MaybePromise<T>
  }
}

/** Never answers. */
export function hang(): Promise<never> {
  return new Promise(() => {})
}
