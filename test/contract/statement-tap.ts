// What a driver is really asked, seen below Larder: texts for counting, and barriers that hold one statement.

import { signal } from './signal.ts'

/** A statement that has been stopped on its way. */
export interface HeldStatement {
  /** Resolves when a statement has arrived at the barrier. */
  readonly reached: Promise<void>
  /** Lets it go on. */
  release(): void
}

/** A statement that its client no longer waits for. */
export interface AbandonedStatement {
  /** The database executes it after all. */
  run(): Promise<void>
}

interface Barrier {
  readonly side: 'before' | 'after'
  readonly pattern: RegExp
  reach(): void
  readonly passed: Promise<unknown>
  release(): void
}

/** One tap per cached client. The wrapper of each driver calls `run` for every statement, BEGIN and COMMIT included. */
export class StatementTap {
  #texts: string[] = []
  #running = 0
  #mostReadsAtOnce = 0
  /** Not yet reached. */
  readonly #barriers: Barrier[] = []
  readonly #abandoned: { readonly pattern: RegExp; readonly error: Error; send?: () => Promise<unknown> }[] = []
  /** All that were made, reached or not. */
  readonly #held: Barrier[] = []

  /** All texts since the last `clear`, in the order in which they were sent. */
  get texts(): readonly string[] {
    return this.#texts
  }

  /** The texts that only read. */
  get reads(): readonly string[] {
    return this.#texts.filter(isRead)
  }

  /** How many reads were at the database at the same time. */
  get mostReadsAtOnce(): number {
    return this.#mostReadsAtOnce
  }

  clear(): void {
    this.#texts = []
    this.#mostReadsAtOnce = 0
  }

  /** Stops the next statement that matches before the database gets it. */
  holdBefore(pattern: RegExp): HeldStatement {
    return this.#hold('before', pattern)
  }

  /** Holds back the database's answer to the next statement that matches: it has been executed. */
  holdAfter(pattern: RegExp): HeldStatement {
    return this.#hold('after', pattern)
  }

  /** The next statement that matches is executed, but its answer gets lost and this error arrives instead. */
  loseAnswer(pattern: RegExp, error: Error): void {
    this.#fail('after', pattern, error)
  }

  /** The next statement that matches never arrives: the database does not see it. */
  refuse(pattern: RegExp, error: Error): void {
    this.#fail('before', pattern, error)
  }

  /** The next statement that matches fails with this error at once, but stays on its way to the database. */
  abandon(pattern: RegExp, error: Error): AbandonedStatement {
    const abandoned: { pattern: RegExp; error: Error; send?: () => Promise<unknown> } = { pattern, error }
    this.#abandoned.push(abandoned)
    return {
      async run() {
        if (abandoned.send === undefined) throw new Error(`no statement matched ${pattern}`)
        await abandoned.send()
      },
    }
  }

  /** Takes every barrier away: after a test nothing may hang on one. */
  open(): void {
    this.#barriers.length = 0
    for (const { release } of this.#held.splice(0)) release()
  }

  async run<R>(text: string, send: () => Promise<R>): Promise<R> {
    await this.#pass('before', text)
    this.#texts.push(text)
    const index = this.#abandoned.findIndex(({ pattern }) => pattern.test(text))
    const [abandoned] = index === -1 ? [] : this.#abandoned.splice(index, 1)
    if (abandoned !== undefined) {
      abandoned.send = send
      throw abandoned.error
    }
    const result = isRead(text) ? await this.#read(send) : await send()
    await this.#pass('after', text)
    return result
  }

  async #read<R>(send: () => Promise<R>): Promise<R> {
    this.#mostReadsAtOnce = Math.max(this.#mostReadsAtOnce, ++this.#running)
    try {
      return await send()
    } finally {
      this.#running--
    }
  }

  #hold(side: Barrier['side'], pattern: RegExp): HeldStatement {
    const reached = signal()
    const passed = signal()
    const barrier = { side, pattern, reach: reached.give, passed: passed.given, release: passed.give }
    this.#barriers.push(barrier)
    this.#held.push(barrier)
    return { reached: reached.given, release: passed.give }
  }

  #fail(side: Barrier['side'], pattern: RegExp, error: Error): void {
    const passed = Promise.reject(error)
    // Nobody awaits it until a statement comes by.
    passed.catch(() => {})
    this.#barriers.push({ side, pattern, reach() {}, passed, release() {} })
  }

  #pass(side: Barrier['side'], text: string): Promise<unknown> | undefined {
    const index = this.#barriers.findIndex((barrier) => barrier.side === side && barrier.pattern.test(text))
    const [barrier] = index === -1 ? [] : this.#barriers.splice(index, 1)
    barrier?.reach()
    return barrier?.passed
  }
}

function isRead(text: string): boolean {
  return /^\s*select/i.test(text)
}
