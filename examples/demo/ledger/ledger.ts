/** What the database must hold, known from the acknowledgements of writes: the judge of every read. */

/** A moment between two acknowledgements. */
export type Moment = number

/** A row as a read has shown it or a write has left it. `row` names table and key: `Product 17`. */
export interface RowVersion {
  readonly row: string
  readonly version: number
}

/** What a write is going to do: known before it is sent. */
export interface Intent {
  /** Counts and sums that it changes, and by how much. */
  readonly totals?: Readonly<Record<string, number>>
  /** Rows that it deletes. */
  readonly deletes?: readonly string[]
}

/** A new row of a list that reads show newest first, such as the reviews of a product. Keys grow. */
export interface Addition {
  readonly list: string
  readonly row: string
  readonly key: number
}

/** What a write has done. */
export interface Outcome {
  readonly rows?: readonly RowVersion[]
  readonly additions?: readonly Addition[]
}

/** What a read has shown. */
export interface Findings {
  readonly rows?: readonly RowVersion[]
  readonly totals?: Readonly<Record<string, number>>
  /** The newest rows of lists, as far as `limit`. */
  readonly lists?: readonly { readonly list: string; readonly keys: readonly number[]; readonly limit: number }[]
}

interface Step {
  readonly at: Moment
  readonly value: number
}

interface Total {
  base: number
  /** Sums of what may have happened (sent) and of what has (acknowledged), increases and decreases apart. */
  raised: number
  lowered: number
  readonly surelyRaised: Step[]
  readonly surelyLowered: Step[]
}

/**
 * A read is stale when it shows less than what was acknowledged before it began. What was only sent by the time it
 * ended may be in it or not, so a total is compared with a range.
 */
export class Ledger {
  #now: Moment = 0
  readonly #versions = new Map<string, Step[]>()
  readonly #deleting = new Set<string>()
  readonly #deleted = new Map<string, Moment>()
  readonly #totals = new Map<string, Total>()
  readonly #lists = new Map<string, (Addition & { readonly at: Moment })[]>()

  /** @param totals what there is before the first write; a total that is not named is 0 */
  constructor(totals: Readonly<Record<string, number>> = {}) {
    for (const [name, base] of Object.entries(totals)) this.#total(name).base = base
  }

  /** Everything acknowledged until now is before this moment. */
  get now(): Moment {
    return this.#now
  }

  /** To be called before a write is sent. */
  sent({ totals = {}, deletes = [] }: Intent): void {
    for (const row of deletes) this.#deleting.add(row)
    for (const [name, change] of Object.entries(totals)) {
      const total = this.#total(name)
      if (change > 0) total.raised += change
      else total.lowered -= change
    }
  }

  /** To be called as soon as a write is acknowledged. */
  acknowledged({ totals = {}, deletes = [] }: Intent, { rows = [], additions = [] }: Outcome): void {
    this.#now += 1
    const at = this.#now
    for (const row of deletes) this.#deleted.set(row, at)
    for (const [name, change] of Object.entries(totals)) {
      const { surelyRaised, surelyLowered } = this.#total(name)
      const steps = change > 0 ? surelyRaised : surelyLowered
      steps.push({ at, value: valueAt(steps, at) + Math.abs(change) })
    }
    for (const { row, version } of rows) {
      const steps = entryOf(this.#versions, row, () => [])
      // Two writes of one row may be acknowledged in the other order than the database made them.
      steps.push({ at, value: Math.max(version, valueAt(steps, at)) })
    }
    for (const addition of additions) entryOf(this.#lists, addition.list, () => []).push({ ...addition, at })
  }

  /** In words, everything that is older in the findings of a read than what was acknowledged when it `began`. */
  staleIn({ rows = [], totals = {}, lists = [] }: Findings, began: Moment): string[] {
    const problems: string[] = []
    for (const { row, version } of rows) {
      const newest = valueAt(this.#versions.get(row) ?? [], began)
      const deleted = this.#deleted.get(row)
      if (version < newest) problems.push(`${row} has version ${version}, and ${newest} had been acknowledged`)
      if (deleted !== undefined && deleted <= began) problems.push(`${row} had been deleted`)
    }
    for (const [name, value] of Object.entries(totals)) {
      const { base, raised, lowered, surelyRaised, surelyLowered } = this.#total(name)
      const least = base + valueAt(surelyRaised, began) - lowered
      const most = base + raised - valueAt(surelyLowered, began)
      if (value < least || value > most) problems.push(`${name}: ${value}, and it had to be ${range(least, most)}`)
    }
    for (const { list, keys, limit } of lists) {
      const oldest = keys.length < limit ? Number.NEGATIVE_INFINITY : (keys.at(-1) ?? Number.NEGATIVE_INFINITY)
      for (const { row, key, at } of this.#lists.get(list) ?? []) {
        if (at > began || key < oldest || this.#deleting.has(row) || keys.includes(key)) continue
        problems.push(`${row} is missing from the ${list}`)
      }
    }
    return problems
  }

  #total(name: string): Total {
    return entryOf(this.#totals, name, () => ({ base: 0, raised: 0, lowered: 0, surelyRaised: [], surelyLowered: [] }))
  }
}

/** The value of the last step at or before a moment; reads are short, so it is among the last. */
function valueAt(steps: readonly Step[], moment: Moment): number {
  for (let i = steps.length - 1; i >= 0; i--) {
    const { at, value } = steps[i] as Step
    if (at <= moment) return value
  }
  return 0
}

function entryOf<V>(map: Map<string, V>, key: string, make: () => V): V {
  const existing = map.get(key)
  if (existing !== undefined) return existing
  const made = make()
  map.set(key, made)
  return made
}

function range(least: number, most: number): string {
  return least === most ? String(least) : `${least} to ${most}`
}
