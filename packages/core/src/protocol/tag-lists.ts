/** The tag lists of queries, each made once: entries share them, and look-ups compare strings that were hashed before. */

import { EVERYTHING, type Tag, tableTag, userTag } from './tag.ts'

/** Lists kept at most; then all are forgotten, which costs nothing but making them again. */
const MAX_LISTS = 10_000

export class TagLists {
  readonly #lists = new Map<string, readonly Tag[]>()

  /** `*`, the tables, and what a call added; without duplicates. */
  of(tables: readonly string[], extra: readonly string[]): readonly Tag[] {
    if (extra.length > 0) return unique([EVERYTHING, ...tables.map(tableTag), ...extra.map(userTag)])
    // With the number of tables in front, no list of names looks like another: no name holds a NUL.
    const name = tables.length === 1 ? (tables[0] as string) : `${tables.length}\0${tables.join('\0')}`
    let list = this.#lists.get(name)
    if (list === undefined) {
      list = unique([EVERYTHING, ...tables.map(tableTag)])
      if (this.#lists.size >= MAX_LISTS) this.#lists.clear()
      this.#lists.set(name, list)
    }
    return list
  }
}

function unique(tags: readonly Tag[]): readonly Tag[] {
  return [...new Set(tags)]
}
