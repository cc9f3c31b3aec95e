/** What one database transaction has written so far, and its end. */

import type { Tag } from '../protocol/tag.ts'
import type { WriteRequest, Writer } from './writer.ts'

/**
 * Collects tags while statements run and uses them at COMMIT: nothing that a transaction wrote can be seen outside
 * before, so nothing is marked before. Tags written inside a savepoint stay, rolled back or not: a superset is safe.
 */
export class Transaction {
  readonly #writer: Writer
  readonly #tags = new Set<Tag>()
  #ended = false

  constructor(writer: Writer) {
    this.#writer = writer
  }

  /** Tags written so far. */
  get tags(): readonly Tag[] {
    return [...this.#tags]
  }

  /** A statement of this transaction that changes these tags. */
  write<R>(request: WriteRequest<R>): Promise<R> {
    for (const tag of request.tags) this.#tags.add(tag)
    return this.#ended ? this.#writer.write(request) : this.#sendInside(request)
  }

  async #sendInside<R>(request: WriteRequest<R>): Promise<R> {
    try {
      return await request.send()
    } finally {
      // Nobody waited for it before the transaction ended: whether it was inside is not known.
      if (this.#ended) await this.#writer.invalidate(request.tags).catch(() => {})
    }
  }

  /**
   * The server has ended the transaction on its own (MySQL: a deadlock, DDL): what was written until now may be
   * committed, and from here on every statement of the connection commits by itself.
   */
  async endedByServer(): Promise<void> {
    this.#ended = true
    if (this.#tags.size > 0) await this.#writer.invalidate(this.tags).catch(() => {})
  }

  /** Tags to invalidate at COMMIT although no statement wrote them (`$cache.invalidate` inside the transaction). */
  touch(tags: readonly Tag[]): void {
    for (const tag of tags) this.#tags.add(tag)
  }

  /** COMMIT or ROLLBACK is being sent: a statement that comes after it commits by itself. */
  end(): void {
    this.#ended = true
  }

  /** The tags collected, which are then spent. */
  takeTags(): readonly Tag[] {
    const tags = this.tags
    this.#tags.clear()
    return tags
  }
}
