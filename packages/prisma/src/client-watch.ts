/** Whether the connections of one client pass through the wrapped driver: only then are its reads cached. */

import type { DriverBinding } from './driver-binding.ts'
import type { RawClient } from './prisma-cache.ts'

/** Milliseconds after a failed check before the next one. */
const RETRY_AFTER = 1_000

/**
 * Prisma does not tell whether a client has connected, and one adapter factory may serve several clients, some of which
 * connected before it was wrapped. So each client sends one statement that the wrapped driver knows and answers itself.
 */
export class ClientWatch {
  readonly #client: RawClient
  readonly #binding: DriverBinding
  readonly #onUnwatched: () => void
  #state: 'unknown' | 'watched' | 'unwatched' = 'unknown'
  #checking: Promise<void> | undefined
  #failedAt = Number.NEGATIVE_INFINITY

  constructor(client: RawClient, binding: DriverBinding, onUnwatched: () => void) {
    // Without the extensions of the user, which may have their own ideas about raw queries.
    this.#client = (client as { _originalClient?: RawClient })._originalClient ?? client
    this.#binding = binding
    this.#onUnwatched = onUnwatched
  }

  /** Why a read must not be cached now; begins the check when there was none. */
  get reason(): 'starting' | 'origin-off' | undefined {
    if (this.#state === 'watched') return undefined
    if (this.#state === 'unwatched') return 'origin-off'
    if (performance.now() - this.#failedAt > RETRY_AFTER) this.check().catch(() => {})
    return 'starting'
  }

  /** Connects the client if need be. Rejects when it cannot connect; it is then tried again. */
  check(): Promise<void> {
    if (this.#state !== 'unknown') return Promise.resolve()
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined
    })
    return this.#checking
  }

  async #check(): Promise<void> {
    const greeting = this.#binding.greet()
    try {
      await this.#client.$executeRawUnsafe(greeting.sql)
    } catch (error) {
      this.#failedAt = performance.now()
      throw error
    } finally {
      greeting.forget()
    }
    this.#state = greeting.arrived() ? 'watched' : 'unwatched'
    if (this.#state === 'unwatched') this.#onUnwatched()
  }
}
