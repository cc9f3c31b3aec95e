/** One run of a query and the readers that wait for it. */

/** Sends the query. The signal, when there is one, fires after the last waiting reader has left. */
export type Run = (signal?: AbortSignal) => Promise<unknown>

/** A copy of the result that no reader holds, and how to copy it again. */
export interface Master {
  readonly value: unknown
  readonly copy: (value: unknown) => unknown
}

/** Called once with the result before any reader gets it; answers the master from which joiners are served, if it can be copied. */
export type Landed = (value: unknown, readers: number) => Master | undefined

interface Member {
  readonly run: Run
  readonly signal: AbortSignal | undefined
  readonly joined: boolean
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  readonly leave: (() => void) | undefined
}

/**
 * The query runs without any reader's abort signal: an aborted reader leaves alone, the last to leave cancels it.
 * The first reader gets the result itself, the others a copy. When the run fails, the first gets the error and each
 * other one runs its own query once.
 */
export class Execution {
  readonly #members: Member[] = []
  readonly #landed: Landed
  readonly #onEnd: () => void
  /** Exists only when the first reader can leave: without it the execution can never be abandoned. */
  #controller: AbortController | undefined
  /** Called when the query is sent. */
  onStart: (() => void) | undefined
  #started = false
  /** The first reader is not among the members: it waits for {@link lead}. */
  #led = false
  #ended = false

  constructor(landed: Landed, onEnd: () => void) {
    this.#landed = landed
    this.#onEnd = onEnd
  }

  /** True until the query is sent. */
  get waiting(): boolean {
    return !this.#started
  }

  /** True while a reader may still join: not ended, and not cancelled by the last one that left. */
  get open(): boolean {
    return !this.#ended && this.#controller?.signal.aborted !== true
  }

  /** Waits for the result. The first reader to join an execution is the one that gets its error. */
  join(run: Run, signal?: AbortSignal): Promise<unknown> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      let leave: (() => void) | undefined
      if (signal !== undefined) {
        if (this.#members.length === 0 && !this.#led) this.#controller ??= new AbortController()
        leave = () => this.#leave(member)
        signal.addEventListener('abort', leave, { once: true })
      }
      const member: Member = { run, signal, joined: this.#led || this.#members.length > 0, resolve, reject, leave }
      this.#members.push(member)
    })
  }

  /** Sends the query of a first reader that cannot leave: the usual case, with the least of promises. */
  lead(run: Run): Promise<unknown> {
    this.#started = true
    this.#led = true
    let running: Promise<unknown>
    try {
      running = run()
    } catch (error) {
      running = Promise.reject(error)
    }
    return running.then(
      (value) => {
        this.#succeed(value)
        return value
      },
      (error: unknown) => {
        this.#fail(error)
        throw error
      },
    )
  }

  /** Sends the query of the first reader. */
  start(): void {
    this.#started = true
    this.onStart?.()
    const [first] = this.#members
    if (first === undefined) return this.#end()
    let running: Promise<unknown>
    try {
      running = first.run(this.#controller?.signal)
    } catch (error) {
      running = Promise.reject(error)
    }
    running.then(
      (value) => this.#succeed(value),
      (error: unknown) => this.#fail(error),
    )
  }

  #succeed(value: unknown): void {
    this.#end()
    const master = this.#landed(value, this.#members.length + (this.#led ? 1 : 0))
    let original = !this.#led
    for (const member of this.#members) {
      this.#release(member)
      if (original) member.resolve(value)
      else if (master === undefined) runAlone(member)
      else resolveWithCopy(member, master)
      original = false
    }
  }

  #fail(error: unknown): void {
    this.#end()
    for (const member of this.#members) {
      this.#release(member)
      if (member.joined) runAlone(member)
      else member.reject(error)
    }
  }

  #leave(member: Member): void {
    const place = this.#members.indexOf(member)
    if (place < 0) return
    this.#members.splice(place, 1)
    member.reject(member.signal?.reason)
    if (this.#members.length === 0) this.#controller?.abort(member.signal?.reason)
  }

  #release(member: Member): void {
    if (member.leave !== undefined) member.signal?.removeEventListener('abort', member.leave)
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#onEnd()
  }
}

function resolveWithCopy(member: Member, master: Master): void {
  try {
    member.resolve(master.copy(master.value))
  } catch {
    // A type's copy function is an adapter's code; a reader must not hang on its fault.
    runAlone(member)
  }
}

function runAlone(member: Member): void {
  try {
    member.run(member.signal).then(member.resolve, member.reject)
  } catch (error) {
    member.reject(error)
  }
}
