/**
 * What the inspection of a value learned about where it can hold objects, and the copier made from it.
 * Rows are copied by object spread, which V8 does as one block copy that keeps the hidden class; a plan saves the
 * search for the few columns that need more.
 */

import { copyPlain } from './copy-plain.ts'
import type { ValueType } from './value-type.ts'
import type { ValueTypes } from './value-types.ts'

/** `'any'`: nothing is known, every field is looked at. */
export type CopyPlan = 'any' | ValueType | ListPlan | RecordPlan

/** Dense arrays. `element` covers every object in them; without one they hold no objects. */
export interface ListPlan {
  readonly kind: 'list'
  element: CopyPlan | undefined
}

/** Plain objects. Fields that are not in `columns` hold no objects. */
export interface RecordPlan {
  readonly kind: 'record'
  readonly columns: Map<string, CopyPlan>
}

/** More columns than this with objects in them is a dictionary, not a row. */
export const MAX_PLANNED_COLUMNS = 32

/** A copier of exactly those values that the plan was learned from. */
export function planCopier(plan: CopyPlan, types: ValueTypes): (value: object) => object {
  if (plan === 'any') return (value) => copyPlain(value, types)
  if (!('kind' in plan)) return (value) => plan.copy(value)
  if (plan.kind === 'list')
    return plan.element === undefined ? copyScalars : listCopier(planCopier(plan.element, types))
  return recordCopier([...plan.columns].map(([column, inner]) => [column, planCopier(inner, types)]))
}

function copyScalars(list: object): object {
  return (list as unknown[]).slice()
}

function listCopier(copyElement: (value: object) => object): (value: object) => object {
  return (list) => {
    const copy = (list as unknown[]).slice()
    for (let i = 0; i < copy.length; i++) {
      const element = copy[i]
      if (typeof element === 'object' && element !== null) copy[i] = copyElement(element)
    }
    return copy
  }
}

function recordCopier(columns: readonly (readonly [string, (value: object) => object])[]): (value: object) => object {
  return (record) => {
    const copy: Record<string, unknown> = { ...record }
    for (let i = 0; i < columns.length; i++) {
      const [column, copyField] = columns[i] as (typeof columns)[number]
      const field = copy[column]
      if (typeof field === 'object' && field !== null) copy[column] = copyField(field)
    }
    return copy
  }
}
