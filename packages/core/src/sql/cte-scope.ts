/** Names of common table expressions that are visible at one place of a text. */

/** One WITH clause. Names are added while it is read, so a body sees only what is declared before it. */
export class CteScope {
  readonly #names = new Set<string>()
  readonly #outer: CteScope | undefined
  /** Number of WITH clauses around and including this one. */
  readonly depth: number

  constructor(outer: CteScope | undefined) {
    this.#outer = outer
    this.depth = (outer?.depth ?? 0) + 1
  }

  add(name: string): void {
    this.#names.add(name)
  }

  has(name: string): boolean {
    return this.#names.has(name) || (this.#outer?.has(name) ?? false)
  }
}
