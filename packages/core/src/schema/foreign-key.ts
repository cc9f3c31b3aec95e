/** A foreign key, as a database or an ORM's schema declares it. */

/** What the database does to referencing rows when the referenced row is deleted or its key changes. */
export type ReferentialAction = 'cascade' | 'set-null' | 'set-default' | 'restrict' | 'no-action'

/** Table names as stored, without schema, as in table tags. */
export interface ForeignKey {
  /** The referencing (child) table and its columns. */
  readonly table: string
  readonly columns: readonly string[]
  /** The referenced (parent) table and its columns. */
  readonly references: string
  readonly referencedColumns: readonly string[]
  readonly onDelete: ReferentialAction
  readonly onUpdate: ReferentialAction
}
