/** Collects what the analysis of one text finds, without duplicates, and turns it into a {@link StatementTables}. */

import type { Control, ReadTrait, StatementTables, TableWrite, WriteEvent } from './statement-tables.ts'

interface CollectedWrite {
  readonly table: string
  readonly event: WriteEvent
  /** `undefined` once any of the writes could not be read: it may then assign any column. */
  columns: Set<string> | undefined
}

/** Mutable while a text is analysed; one per text. */
export class TableFacts {
  readonly #reads = new Set<string>()
  readonly #writes = new Map<string, CollectedWrite>()
  readonly #traits = new Set<ReadTrait>()
  readonly #controls: Control[] = []
  #unknown: string | undefined
  #mayWrite = false
  #statements = 0

  read(table: string): void {
    this.#reads.add(table)
  }

  write(table: string, event: WriteEvent, columns?: Iterable<string>): void {
    this.#mayWrite = true
    const key = `${event} ${table}`
    const known = this.#writes.get(key)
    if (known === undefined) this.#writes.set(key, { table, event, columns: columns && new Set(columns) })
    else if (columns === undefined) known.columns = undefined
    else for (const column of columns) known.columns?.add(column)
  }

  trait(trait: ReadTrait): void {
    this.#traits.add(trait)
  }

  control(control: Control): void {
    this.#controls.push(control)
  }

  statement(): void {
    this.#statements++
  }

  /** Something could not be proven. The first reason is kept. */
  fail(reason: string, mayWrite: boolean): void {
    this.#unknown ??= reason
    if (mayWrite) this.#mayWrite = true
  }

  get mayWrite(): boolean {
    return this.#mayWrite
  }

  /** Takes over what another collection found, but as reads: for statements that are explained and not run. */
  addAsReads(other: TableFacts): void {
    for (const table of other.#reads) this.#reads.add(table)
    for (const { table } of other.#writes.values()) this.#reads.add(table)
    for (const trait of other.#traits) this.#traits.add(trait)
    if (other.#unknown !== undefined) this.fail(other.#unknown, other.#traits.has('unknown-function'))
  }

  result(): StatementTables {
    const result: StatementTables = {
      reads: Object.freeze([...this.#reads]),
      writes: Object.freeze([...this.#writes.values()].map(toTableWrite)),
      mayWrite: this.#mayWrite,
      traits: Object.freeze([...this.#traits]),
      controls: Object.freeze([...this.#controls]),
      statements: this.#statements,
    }
    // Frozen, because memoised results are shared by all callers.
    return Object.freeze(this.#unknown === undefined ? result : { ...result, unknown: this.#unknown })
  }
}

function toTableWrite({ table, event, columns }: CollectedWrite): TableWrite {
  return Object.freeze(
    columns === undefined ? { table, event } : { table, event, columns: Object.freeze([...columns]) },
  )
}
