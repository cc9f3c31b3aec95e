/** What caching needs to know of a Prisma schema: models with their tables, relations, and the foreign keys behind them. */

import type { ForeignKey } from '@larder/core'

interface FieldBase {
  readonly name: string
  readonly list: boolean
  readonly optional: boolean
}

/** A field with a column of its own: scalars, enums, composite and unsupported types. */
export interface ScalarField extends FieldBase {
  readonly kind: 'scalar'
  readonly column: string
  /** `String`, `Json`, ..., the name of an enum, or `Unsupported`. */
  readonly type: string
}

/** A field whose type is another model. */
export interface RelationField extends FieldBase {
  readonly kind: 'relation'
  /** The target model. */
  readonly type: string
  readonly relationName: string
  /** This side's foreign-key fields, in order; empty on the side without the key. */
  readonly foreignKeyFields: readonly string[]
  readonly referencedFields: readonly string[]
  /** The implicit join table (`_PostToTag`), on both sides of an implicit many-to-many relation. */
  readonly joinTable: string | undefined
}

export type Field = ScalarField | RelationField

export interface Model {
  readonly name: string
  /** The table's (or view's) name as stored, without schema. */
  readonly table: string
  /** The database schema given by `@@schema`. */
  readonly schema: string | undefined
  /** A view hides the tables that it reads. */
  readonly isView: boolean
  readonly fields: ReadonlyMap<string, Field>
  readonly jsonFields: readonly string[]
}

export interface DataModel {
  /** By model name, models that the client ignores (`@@ignore`) included: their foreign keys are still there. */
  readonly models: ReadonlyMap<string, Model>
  readonly foreignKeys: readonly ForeignKey[]
  /** `provider` of the datasource: `postgresql`, `mysql`, `sqlite` ... */
  readonly provider: string | undefined
}
