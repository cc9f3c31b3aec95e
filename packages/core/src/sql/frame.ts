/** What the analysis knows about the bracket (or the statement) that it is reading. */

/** A table that a statement writes, under the names by which the rest of the statement may call it. */
export interface TableReference {
  /** As a table tag names it; `undefined` for a subquery or a table function. */
  readonly table: string | undefined
  /** Table name and alias, compared without regard to case. */
  readonly names: string[]
}

/** The write whose later clauses (ON CONFLICT, RETURNING, WHEN .. THEN) stand in a frame. */
export interface WriteTarget {
  readonly verb: 'insert' | 'update' | 'delete' | 'merge'
  readonly tables: readonly string[]
}

export interface Frame {
  /** The function whose arguments these are. */
  readonly call?: string | undefined
  /** Inside a function that reads the clock when an argument is `'now'`. */
  readonly clock?: boolean
  /** A SELECT or a write was seen here, so FROM names tables. */
  query: boolean
  /** The FROM list of the current SELECT was read. */
  fromSeen: boolean
  commas: number
  write?: WriteTarget
}

export function newFrame(query = false): Frame {
  return { query, fromSeen: false, commas: 0 }
}
