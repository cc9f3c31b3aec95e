/** Finds the rows in a query result, relations included, with their versions. */

import type { RowVersion } from './ledger.ts'

/** What the demo knows of a schema in order to name rows. */
export interface RowNaming {
  /** Key fields of each model that has a version. Rows of other models are passed over, their relations are not. */
  readonly keys: Readonly<Record<string, readonly string[]>>
  /** The model that a relation field leads to, the same in every model. */
  readonly relations: Readonly<Record<string, string>>
}

/**
 * @param value a row, rows or null
 * @throws {Error} when a query has left out key or version of a row: it could not be judged
 */
export function findRows(value: unknown, model: string, naming: RowNaming): RowVersion[] {
  const found: RowVersion[] = []
  collect(value, model, naming, found)
  return found
}

function collect(value: unknown, model: string, naming: RowNaming, found: RowVersion[]): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, model, naming, found)
    return
  }
  if (typeof value !== 'object' || value === null) return
  const row = value as Readonly<Record<string, unknown>>
  const keys = naming.keys[model]
  if (keys !== undefined) {
    if (typeof row['version'] !== 'number' || keys.some((key) => row[key] === undefined)) {
      throw new Error(`a query leaves out ${[...keys, 'version'].join(' or ')} of ${model}`)
    }
    found.push({ row: `${model} ${keys.map((key) => row[key]).join('/')}`, version: row['version'] })
  }
  for (const [field, related] of Object.entries(naming.relations)) {
    if (row[field] !== undefined) collect(row[field], related, naming, found)
  }
}
