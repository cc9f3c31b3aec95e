/** Answers, per dialect, what calling a function means for a cached read. */

import type { Dialect, ReadTrait } from '../statement-tables.ts'
import type { BuiltinFunctions } from './builtin-functions.ts'
import { mysqlFunctions } from './mysql-functions.ts'
import { postgresFunctions } from './postgres-functions.ts'
import { sqliteFunctions } from './sqlite-functions.ts'

/** Look-ups over one dialect's lists. Names are in lower case. */
export class FunctionCatalog {
  readonly #traits = new Map<string, ReadTrait | 'pure'>()
  readonly #keywords = new Map<string, ReadTrait>()
  readonly #prefixes: readonly (readonly [string, ReadTrait])[]
  readonly #clockBelow: ReadonlyMap<string, number>
  readonly #clockByValue: ReadonlySet<string>

  constructor(functions: BuiltinFunctions) {
    for (const name of functions.pure) this.#traits.set(name, 'pure')
    for (const [trait, names] of entries(functions.impure)) for (const name of names) this.#traits.set(name, trait)
    for (const [trait, names] of entries(functions.keywords)) for (const name of names) this.#keywords.set(name, trait)
    this.#prefixes = Object.entries(functions.impurePrefixes)
    this.#clockBelow = new Map(Object.entries(functions.clockBelow))
    this.#clockByValue = new Set(functions.clockByValue)
  }

  /** `'pure'`, what forbids caching, or `'unknown-function'` for every name that is not a built-in. */
  traitOf(name: string): ReadTrait | 'pure' {
    const known = this.#traits.get(name)
    if (known !== undefined) return known
    return this.#prefixes.find(([prefix]) => name.startsWith(prefix))?.[1] ?? 'unknown-function'
  }

  /** The trait of a keyword that is a function without brackets, such as `current_date`. */
  keywordTrait(word: string): ReadTrait | undefined {
    return this.#keywords.get(word)
  }

  /** True when a call with this many arguments reads the clock, as `age(x)` or SQLite's `date()` do. */
  readsClockWith(name: string, argumentCount: number): boolean {
    const below = this.#clockBelow.get(name)
    return below !== undefined && argumentCount < below
  }

  /** True when an argument that says `'now'` makes the function read the clock. */
  readsClockByValue(name: string): boolean {
    return this.#clockByValue.has(name)
  }
}

/** One catalog per dialect. */
export const functionCatalogs: Readonly<Record<Dialect, FunctionCatalog>> = {
  postgres: new FunctionCatalog(postgresFunctions),
  mysql: new FunctionCatalog(mysqlFunctions),
  sqlite: new FunctionCatalog(sqliteFunctions),
}

function entries(lists: Readonly<Partial<Record<ReadTrait, readonly string[]>>>): [ReadTrait, readonly string[]][] {
  return Object.entries(lists) as [ReadTrait, readonly string[]][]
}
