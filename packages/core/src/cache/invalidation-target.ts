/** What `invalidate()` takes, and the tags behind it. */

import { LarderError } from '../errors.ts'
import { EVERYTHING, type Tag, tableTag, userTag } from '../protocol/tag.ts'
import { tableKey } from '../sql/table-key.ts'

/** What to invalidate; at least one of the three. */
export interface InvalidationTarget {
  /** Tables by their name in the database, with or without schema. Only these: cascades are not followed. */
  readonly tables?: readonly string[]
  /** Names given in `cacheStrategy.tags`. */
  readonly tags?: readonly string[]
  readonly all?: true
}

/** The tags of a target. Throws `INVALID_TARGET`. */
export function tagsOfTarget(target: InvalidationTarget): readonly Tag[] {
  const { tables, tags, all, ...rest } = (target ?? {}) as Record<string, unknown>
  const unknown = Object.keys(rest)
  if (unknown.length > 0) throw invalid(`unknown key ${unknown.join(', ')}`)
  if (all === true) return [EVERYTHING]
  if (tables === undefined && tags === undefined) throw invalid('nothing to invalidate')
  const found = new Set<Tag>()
  for (const table of names(tables, 'tables')) {
    // 'public.users' may be schema and table, or a table with a dot in its name: both, and so for every dot.
    for (let start = 0; ; ) {
      addTable(table.slice(start), found)
      const dot = table.indexOf('.', start)
      if (dot < 0) break
      start = dot + 1
    }
  }
  for (const name of names(tags, 'tags')) found.add(userTag(name))
  return [...found]
}

/** PostgreSQL cuts long names; the schema of an ORM may have them whole. */
function addTable(table: string, found: Set<Tag>): void {
  found.add(tableTag(table))
  found.add(tableTag(tableKey(table, 'postgres')))
}

function names(value: unknown, key: string): readonly string[] {
  if (value === undefined) return []
  if (Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '')) return value
  throw invalid(`${key} must be an array of non-empty strings`)
}

function invalid(problem: string): LarderError {
  return new LarderError(
    'INVALID_TARGET',
    `invalidate(): ${problem}. Write { tables: ['users'] }, { tags: ['home'] } or { all: true }.`,
  )
}
