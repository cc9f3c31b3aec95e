/** Which tables a Prisma read touches, from its model, operation and arguments. */

import type { DataModel, Model } from './data-model.ts'

export type ReadTables =
  | { readonly tables: ReadonlySet<string>; readonly unknown?: undefined }
  /** The tables cannot be proven, so the read must not be cached. */
  | { readonly tables?: undefined; readonly unknown: string }

/** Keys of the query language. A field may have such a name, and then both meanings are followed. */
const STRUCTURE = new Set([
  ...['select', 'include', 'omit', 'where', 'orderBy', 'having', 'cursor', 'by', 'distinct'],
  ...['AND', 'OR', 'NOT', 'some', 'none', 'every', 'is', 'isNot', '_count'],
])

/** Here `_count` counts rows of the model; elsewhere `_count: true` counts every list relation. */
const AGGREGATES = new Set(['aggregate', 'groupBy', 'count'])

/**
 * A superset of the tables in the SQL that Prisma makes of the read, its join tables included.
 * It follows every key that names a relation, wherever it stands, so a new place for filters or selections is covered.
 */
export function readTables(dataModel: DataModel, modelName: string, operation: string, args: unknown): ReadTables {
  const model = dataModel.models.get(modelName)
  if (model === undefined) return { unknown: `no model '${modelName}' in the schema` }
  const walk = new Walk(dataModel)
  walk.addModel(model)
  if (isObject(args)) {
    for (const key of Object.keys(args)) {
      if (key !== '_count' || !AGGREGATES.has(operation)) walk.follow(model, key, args[key])
    }
  }
  return walk.result()
}

class Walk {
  readonly #dataModel: DataModel
  readonly #tables = new Set<string>()
  #unknown: string | undefined

  constructor(dataModel: DataModel) {
    this.#dataModel = dataModel
  }

  result(): ReadTables {
    return this.#unknown === undefined ? { tables: this.#tables } : { unknown: this.#unknown }
  }

  addModel(model: Model): void {
    if (model.isView) this.#unknown = `'${model.name}' is a view`
    this.#tables.add(model.table)
  }

  follow(model: Model, key: string, value: unknown): void {
    // `posts: false` and `posts: undefined` select nothing and filter nothing. `null` filters.
    if (value === false || value === undefined) return
    const field = model.fields.get(key)
    if (field?.kind === 'relation') {
      this.#addRelation(model, key)
      this.#walk(this.#target(field.type), value)
    }
    if (key === '_count' && value === true) {
      for (const { kind, list, name } of model.fields.values())
        if (kind === 'relation' && list) this.#addRelation(model, name)
    }
    // Values of plain columns hold no relation: Json, lists of ids and bytes need not be walked.
    if (field === undefined || STRUCTURE.has(key)) this.#walk(model, value)
  }

  #walk(model: Model | undefined, value: unknown): void {
    if (model === undefined) return
    if (Array.isArray(value)) {
      for (const item of value) this.#walk(model, item)
    } else if (isObject(value)) {
      for (const key of Object.keys(value)) this.follow(model, key, value[key])
    }
  }

  #addRelation(model: Model, name: string): void {
    const field = model.fields.get(name)
    if (field?.kind !== 'relation') return
    if (field.joinTable !== undefined) this.#tables.add(field.joinTable)
    const target = this.#target(field.type)
    if (target !== undefined) this.addModel(target)
  }

  #target(name: string): Model | undefined {
    const model = this.#dataModel.models.get(name)
    if (model === undefined) this.#unknown = `no model '${name}' in the schema`
    return model
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
}
