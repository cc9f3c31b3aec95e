/** The branded strings of the protocol: tags, stamps and writer tokens. */

/** A name for a set of rows whose change can alter a result, e.g. `table:users`. */
export type Tag = string & { readonly __larder: 'tag' }

/** The opaque random value that a tag has until its rows may have changed. Never a counter, never used twice. */
export type Stamp = string & { readonly __larder: 'stamp' }

/** Names one write between "about to be sent" and "outcome known". Random, used for one write only. */
export type WriterToken = string & { readonly __larder: 'writer' }

/** The tag that every query carries: a change of it changes everything (clear, writes to unknown tables). */
export const EVERYTHING = '*' as Tag

/**
 * The tag of a table, by the name under which the database stores it, without schema. Folded to lower case:
 * databases differ in whether case counts, and two tables that share a tag only invalidate each other too often.
 */
export function tableTag(table: string): Tag {
  return `table:${table.toLowerCase()}` as Tag
}

/** The tag behind a name that a user gave in `cacheStrategy.tags` or `invalidate({ tags })`. */
export function userTag(name: string): Tag {
  return `tag:${name}` as Tag
}
