/** The database of the simulation: multi-version tables, row locks, transactions, requests that travel as messages. */

import type { Owner, Scheduler } from './scheduler.ts'

/** One committed state of a table. `write` is unique, so that a row that was never committed can be told. */
export interface Version {
  readonly number: number
  readonly write: string
}

/** The error that a client sees. `code` is what the server said; without one the outcome is unknown. */
export class DatabaseError extends Error {
  readonly code: string | undefined

  constructor(message: string, code?: string) {
    super(message)
    this.code = code
  }
}

interface TransactionState {
  readonly writes: Map<string, string>
  ended: boolean
}

export interface DatabaseFaults {
  /** Share of writes whose reply never arrives: the client sees a lost connection, the server goes on. */
  lostReply: number
  /** Share of statements and COMMITs that the server refuses. */
  refusal: number
}

export class DatabaseModel {
  readonly server: Owner = { name: 'database', alive: true, pausedUntil: 0 }
  readonly #scheduler: Scheduler
  readonly #faults: DatabaseFaults
  readonly #history = new Map<string, Version[]>()
  readonly #locks = new Map<string, { holder: TransactionState; readonly waiting: (() => void)[] }>()
  /** Requests that the server has not finished. */
  underWay = 0

  constructor(scheduler: Scheduler, faults: DatabaseFaults, tables: readonly string[]) {
    this.#scheduler = scheduler
    this.#faults = faults
    for (const table of tables) this.#history.set(table, [{ number: 0, write: 'initial' }])
  }

  committed(table: string): Version {
    return (this.#history.get(table) as Version[]).at(-1) as Version
  }

  /** True when this version of the table was committed at some time. */
  wasCommitted(table: string, version: Version): boolean {
    return this.#history.get(table)?.[version.number]?.write === version.write
  }

  /** A query of several tables, one SELECT after the other: each sees what is committed at its own moment. */
  async read(client: Owner, tables: readonly string[], inside?: TransactionState): Promise<Record<string, Version>> {
    const result: Record<string, Version> = {}
    for (const table of tables) {
      result[table] = await this.#request(client, `select ${table}`, false, () => {
        const own = inside?.writes.get(table)
        const last = this.committed(table)
        return own === undefined ? last : { number: last.number + 1, write: own }
      })
    }
    return result
  }

  begin(): TransactionState {
    return { writes: new Map(), ended: false }
  }

  /** A statement inside a transaction; waits for the table's lock. */
  write(client: Owner, transaction: TransactionState, table: string): Promise<void> {
    return this.#request(client, `update ${table}`, false, () => this.#lockAndWrite(transaction, table))
  }

  /** Resolves to the versions that it made. */
  commit(client: Owner, transaction: TransactionState): Promise<Record<string, Version>> {
    return this.#request(client, 'commit', true, () => this.#commit(transaction))
  }

  rollback(client: Owner, transaction: TransactionState): Promise<void> {
    return this.#request(client, 'rollback', false, () => this.#end(transaction))
  }

  /** One statement that commits by itself. Resolves to the versions that it made. */
  autocommit(client: Owner, tables: readonly string[]): Promise<Record<string, Version>> {
    const transaction = this.begin()
    return this.#request(client, `update ${tables.join(', ')}`, true, async () => {
      for (const table of tables) await this.#lockAndWrite(transaction, table)
      return this.#commit(transaction)
    })
  }

  /** The session of a client that died: the server rolls back what is open. */
  disconnect(transaction: TransactionState): void {
    this.#scheduler.after(this.#latency(), this.server, 'client gone', () => this.#end(transaction))
  }

  async #lockAndWrite(transaction: TransactionState, table: string): Promise<void> {
    while (!transaction.ended) {
      const lock = this.#locks.get(table)
      if (lock === undefined) {
        this.#locks.set(table, { holder: transaction, waiting: [] })
        break
      }
      if (lock.holder === transaction) break
      await new Promise<void>((resolve) => lock.waiting.push(resolve))
    }
    if (transaction.ended) throw new DatabaseError('transaction has ended', '25P02')
    transaction.writes.set(table, this.#scheduler.random.token())
  }

  #commit(transaction: TransactionState): Record<string, Version> {
    const made: Record<string, Version> = {}
    if (transaction.ended) throw new DatabaseError('transaction has ended', '25P02')
    for (const [table, write] of transaction.writes) {
      const history = this.#history.get(table) as Version[]
      const version = { number: history.length, write }
      history.push(version)
      made[table] = version
    }
    this.#end(transaction)
    return made
  }

  #end(transaction: TransactionState): void {
    transaction.ended = true
    for (const [table, lock] of this.#locks) {
      if (lock.holder !== transaction) continue
      this.#locks.delete(table)
      for (const wake of lock.waiting) wake()
    }
  }

  #latency(): number {
    const { random } = this.#scheduler
    return random.chance(0.1) ? random.below(60) : random.below(6)
  }

  /** Travels to the server, is executed there whatever becomes of the client, and travels back. */
  #request<T>(client: Owner, label: string, changes: boolean, execute: () => T | Promise<T>): Promise<T> {
    const scheduler = this.#scheduler
    const { random } = scheduler
    const lost = changes && random.chance(this.#faults.lostReply)
    const refused = changes && random.chance(this.#faults.refusal)
    return new Promise<T>((resolve, reject) => {
      this.underWay++
      const ended = (answer: () => void, text: () => string): void => {
        this.underWay--
        if (!lost) scheduler.after(this.#latency(), client, () => `${label}: ${text()}`, answer)
      }
      scheduler.after(
        this.#latency(),
        this.server,
        () => `${label} (for ${client.name})`,
        () => {
          if (refused)
            return ended(
              () => reject(new DatabaseError('refused', '23505')),
              () => 'refused',
            )
          Promise.resolve()
            .then(execute)
            .then(
              (value) =>
                ended(
                  () => resolve(value),
                  () => JSON.stringify(value) ?? 'done',
                ),
              (error: unknown) =>
                ended(
                  () => reject(error),
                  () => String(error),
                ),
            )
        },
      )
      if (lost) {
        scheduler.after(random.below(120), client, `${label}: connection lost`, () =>
          reject(new DatabaseError('connection lost')),
        )
      }
    })
  }
}
