/** Resolves the relations of a Prisma schema: names, implicit join tables, and foreign keys with Prisma's default actions. */

import type { ForeignKey, ReferentialAction } from '@larder/core'
import type { RelationField } from './data-model.ts'
import type { ParsedModel, ParsedRelation } from './parse-model.ts'
import { SchemaProblem } from './schema-problem.ts'

const ACTIONS: ReadonlyMap<string, ReferentialAction> = new Map([
  ['Cascade', 'cascade'],
  ['SetNull', 'set-null'],
  ['SetDefault', 'set-default'],
  ['Restrict', 'restrict'],
  ['NoAction', 'no-action'],
])

export interface ResolvedRelations {
  readonly foreignKeys: readonly ForeignKey[]
  /** By model name. */
  readonly relationFields: ReadonlyMap<string, readonly RelationField[]>
}

/**
 * With `relationMode = "prisma"` the client does what the keys would do, by statements that the cache sees anyway;
 * the keys are then a safe superset. A view's relations have no key in the database.
 */
export function resolveRelations(models: readonly ParsedModel[]): ResolvedRelations {
  const byName = new Map(models.map((model) => [model.name, model]))
  const foreignKeys: ForeignKey[] = []
  const relationFields = new Map<string, RelationField[]>()
  const joinTables = new Set<string>()
  for (const model of models) {
    const resolved: RelationField[] = []
    for (const relation of model.relations) {
      const target = byName.get(relation.type) as ParsedModel
      const relationName = relation.givenName ?? defaultName(model.name, target.name)
      const joinTable = isManyToMany(model, relation, target, relationName) ? `_${relationName}` : undefined
      if (joinTable !== undefined && !joinTables.has(joinTable) && !model.isView && !target.isView) {
        joinTables.add(joinTable)
        foreignKeys.push(...joinTableKeys(joinTable, model, target))
      }
      if (relation.fields.length > 0 && !model.isView && !target.isView) {
        foreignKeys.push(foreignKeyOf(model, relation, target))
      }
      const { name, type, list, optional, fields, references } = relation
      resolved.push({
        kind: 'relation',
        name,
        type,
        list,
        optional,
        relationName,
        foreignKeyFields: fields,
        referencedFields: references,
        joinTable,
      })
    }
    relationFields.set(model.name, resolved)
  }
  return { foreignKeys, relationFields }
}

function defaultName(one: string, other: string): string {
  return one < other ? `${one}To${other}` : `${other}To${one}`
}

function isManyToMany(model: ParsedModel, relation: ParsedRelation, target: ParsedModel, name: string): boolean {
  if (!relation.list) return false
  const opposite = target.relations.find(
    (other) =>
      other !== relation &&
      other.type === model.name &&
      (other.givenName ?? defaultName(model.name, target.name)) === name,
  )
  if (opposite === undefined) throw new SchemaProblem(`the other side of ${model.name}.${relation.name} is missing`)
  return opposite.list
}

/** `A` belongs to the model whose name sorts first. */
function joinTableKeys(table: string, model: ParsedModel, target: ParsedModel): ForeignKey[] {
  const [a, b] = model.name < target.name ? [model, target] : [target, model]
  return [joinTableKey(table, 'A', a), joinTableKey(table, 'B', b)]
}

function joinTableKey(table: string, column: 'A' | 'B', side: ParsedModel): ForeignKey {
  const referencedColumns = columnsOf(side, side.ids)
  return {
    table,
    columns: [column],
    references: side.table,
    referencedColumns,
    onDelete: 'cascade',
    onUpdate: 'cascade',
  }
}

function foreignKeyOf(model: ParsedModel, relation: ParsedRelation, target: ParsedModel): ForeignKey {
  // One required column is enough to make SET NULL impossible, even when the relation itself is optional.
  const required = relation.fields.some((name) => model.fields.get(name)?.optional === false)
  return {
    table: model.table,
    columns: columnsOf(model, relation.fields),
    references: target.table,
    referencedColumns: columnsOf(target, relation.references),
    onDelete: actionOf(relation.onDelete) ?? (required ? 'restrict' : 'set-null'),
    onUpdate: actionOf(relation.onUpdate) ?? 'cascade',
  }
}

function actionOf(name: string | undefined): ReferentialAction | undefined {
  if (name === undefined) return undefined
  const action = ACTIONS.get(name)
  if (action === undefined) throw new SchemaProblem(`'${name}' is not a referential action that is known`)
  return action
}

function columnsOf(model: ParsedModel, fields: readonly string[]): string[] {
  if (fields.length === 0) throw new SchemaProblem(`a relation to ${model.name} names no field`)
  return fields.map((name) => {
    const field = model.fields.get(name)
    if (field === undefined) throw new SchemaProblem(`${model.name} has no field '${name}'`)
    return field.column
  })
}
