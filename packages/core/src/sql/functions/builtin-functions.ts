/** What the analysis knows about one dialect's built-in functions. */

import type { ReadTrait } from '../statement-tables.ts'

export interface BuiltinFunctions {
  /** Same arguments, same result, nothing changed. Session settings such as the time zone may matter: they are controls of their own. */
  readonly pure: readonly string[]
  /** All other built-ins, by what forbids caching a read that calls them. */
  readonly impure: Readonly<Partial<Record<ReadTrait, readonly string[]>>>
  /** Names that begin so belong to a family with one trait. */
  readonly impurePrefixes: Readonly<Record<string, ReadTrait>>
  /** Functions that read the clock when called with fewer arguments than this. */
  readonly clockBelow: Readonly<Record<string, number>>
  /** Functions that read the clock when an argument's value is `'now'`, which a parameter may carry unseen. */
  readonly clockByValue: readonly string[]
  /** Keywords that are called without brackets. */
  readonly keywords: Readonly<Partial<Record<ReadTrait, readonly string[]>>>
}
