/** The foreign keys that clients have told of: one set for all, because a cascade is the database's, not a client's. */

import type { Dialect, TableWrite } from '../sql/statement-tables.ts'
import { columnKey, tableKey } from '../sql/table-key.ts'
import type { ForeignKey } from './foreign-key.ts'
import { SchemaGraph } from './schema-graph.ts'

/**
 * Keys of different clients and databases add up: a client whose schema lacks a relation still makes the database
 * cascade, and tables of the same name in two databases share a tag anyway.
 */
export class ForeignKeys {
  readonly #keys = new Map<string, ForeignKey>()
  #graph = new SchemaGraph({ foreignKeys: [] })

  /** Names as the schema has them. */
  add(foreignKeys: readonly ForeignKey[], dialect: Dialect): void {
    const before = this.#keys.size
    for (const key of foreignKeys) {
      const normal: ForeignKey = {
        ...key,
        table: tableKey(key.table, dialect),
        columns: key.columns.map((column) => columnKey(column, dialect)),
        references: tableKey(key.references, dialect),
        referencedColumns: key.referencedColumns.map((column) => columnKey(column, dialect)),
      }
      this.#keys.set(JSON.stringify(normal), normal)
    }
    if (this.#keys.size > before) this.#graph = new SchemaGraph({ foreignKeys: [...this.#keys.values()] })
  }

  /** All tables that change with these. */
  closure(writes: readonly TableWrite[]): readonly string[] {
    return this.#graph.closure(writes)
  }
}
