/** The name of an entry in a store: a digest that nobody can steer onto another user's entry (H31). */

import { createHash } from 'node:crypto'

/** Changes whenever what is hashed, or the layout of stored entries, does. */
const DIGEST_FORMAT = 1

export interface EntryIdentity {
  /** Which database answers the query. */
  readonly database: string
  /** Of the application's schema: entries of another version are not read (H45, H47). */
  readonly version: string
  /** Tenant, user or role; null is the scope that all share, and differs from any string. */
  readonly scope: string | null
  /** Name of the adapter that gives results their shape. */
  readonly adapter: string
  /** The canonical text of the query. */
  readonly text: string
}

/** SHA-256 over all parts with their lengths, in base64url: 43 characters. Tags and stamps are never part of it. */
export function entryDigest(parts: EntryIdentity): string {
  const { database, version, scope, adapter, text } = parts
  // UTF-16, because UTF-8 writes all lone surrogates alike.
  const input = `${DIGEST_FORMAT};${part(database)}${part(version)}${scope === null ? 'n' : part(scope)}${part(adapter)}${part(text)}`
  return createHash('sha256').update(input, 'utf16le').digest('base64url')
}

function part(text: string): string {
  return `"${text.length}:${text}`
}
