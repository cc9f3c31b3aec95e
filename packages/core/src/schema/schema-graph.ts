/** The foreign keys of a schema as a graph: which tables change when others are written. */

import type { TableWrite } from '../sql/statement-tables.ts'
import type { ForeignKey, ReferentialAction } from './foreign-key.ts'

/** What an event does to one child table. */
interface Effect {
  readonly table: string
  readonly event: 'delete' | 'update' | 'truncate'
  readonly columns?: readonly string[] | undefined
}

/** The foreign keys that point at one table, by the event that they follow. */
interface Parent {
  readonly onDelete: Effect[]
  readonly onTruncate: Effect[]
  readonly onUpdate: { readonly referenced: ReadonlySet<string>; readonly effect: Effect }[]
}

/**
 * Follows referential actions, which the database carries out without a statement that could be seen.
 * Immutable. Names of tables and columns must be normalised alike in the foreign keys and in the writes
 * (`tableKey`, `columnKey`).
 */
export class SchemaGraph {
  readonly #parents = new Map<string, Parent>()

  constructor({ foreignKeys }: { readonly foreignKeys: readonly ForeignKey[] }) {
    for (const foreignKey of foreignKeys) this.#add(foreignKey)
  }

  /**
   * All tables that may change by these writes: the written ones first, then those that referential actions reach,
   * transitively, each once.
   *
   * - delete follows ON DELETE; a cascade deletes from the child, SET NULL and SET DEFAULT update its key columns.
   * - update follows ON UPDATE where it may assign a referenced column.
   * - truncate follows every foreign key, whatever its action, as `TRUNCATE .. CASCADE` does.
   * - ddl follows as truncate does; insert follows nothing.
   *
   * Triggers and generated columns are not foreign keys: a database that has them must be asked.
   */
  closure(writes: readonly TableWrite[]): readonly string[] {
    const changed = new Set<string>()
    for (const { table } of writes) changed.add(table)
    const walk = new Walk(this.#parents, changed)
    for (const { table, event, columns } of writes) {
      if (event !== 'insert') walk.follow({ table, event: event === 'ddl' ? 'truncate' : event, columns })
    }
    return [...changed]
  }

  #add(foreignKey: ForeignKey): void {
    const { table, columns, references } = foreignKey
    let parent = this.#parents.get(references)
    if (parent === undefined) {
      parent = { onDelete: [], onTruncate: [], onUpdate: [] }
      this.#parents.set(references, parent)
    }
    parent.onTruncate.push({ table, event: 'truncate' })
    if (foreignKey.onDelete === 'cascade') parent.onDelete.push({ table, event: 'delete' })
    else if (changesRows(foreignKey.onDelete)) parent.onDelete.push({ table, event: 'update', columns })
    if (changesRows(foreignKey.onUpdate)) {
      const referenced = new Set(foreignKey.referencedColumns)
      parent.onUpdate.push({ referenced, effect: { table, event: 'update', columns } })
    }
  }
}

/** One computation of a closure. Each event of a table is followed once, each column of an update once, so cycles end. */
class Walk {
  readonly #parents: ReadonlyMap<string, Parent>
  readonly #changed: Set<string>
  readonly #followed = new Set<string>()

  constructor(parents: ReadonlyMap<string, Parent>, changed: Set<string>) {
    this.#parents = parents
    this.#changed = changed
  }

  follow(first: Effect): void {
    const pending = [first]
    for (let effect = pending.pop(); effect !== undefined; effect = pending.pop()) {
      const parent = this.#parents.get(effect.table)
      if (parent === undefined) continue
      for (const next of this.#next(parent, effect)) {
        this.#changed.add(next.table)
        pending.push(next)
      }
    }
  }

  #next(parent: Parent, { table, event, columns }: Effect): readonly Effect[] {
    if (event !== 'update') {
      if (!this.#isNew(table, event, '')) return []
      return event === 'delete' ? parent.onDelete : parent.onTruncate
    }
    if (columns === undefined) return this.#isNew(table, event, '') ? parent.onUpdate.map(({ effect }) => effect) : []
    const fresh = columns.filter((column) => this.#isNew(table, event, column))
    return parent.onUpdate
      .filter(({ referenced }) => fresh.some((column) => referenced.has(column)))
      .map(({ effect }) => effect)
  }

  #isNew(table: string, event: string, column: string): boolean {
    // A NUL stands in no name, so two triples never make one key.
    const key = `${table}\0${event}\0${column}`
    if (this.#followed.has(key)) return false
    this.#followed.add(key)
    return true
  }
}

/** True for the actions by which the database itself changes the referencing rows. */
function changesRows(action: ReferentialAction): boolean {
  return action === 'cascade' || action === 'set-null' || action === 'set-default'
}
