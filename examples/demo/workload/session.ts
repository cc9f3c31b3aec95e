/** One run of the workload: its client, and a judgement of everything that it reads. */

import { findRows, type RowNaming } from '../ledger/find-rows.ts'
import type { Findings, Intent, Ledger, Outcome } from '../ledger/ledger.ts'

/** One query. */
export interface Reading<T> {
  readonly run: () => Promise<T>
  /** The model of the rows in the result; undefined for counts and other aggregates. */
  readonly model?: string
  readonly finds?: (result: T) => Pick<Findings, 'totals' | 'lists'>
}

/** One write, or one transaction. */
export interface Writing<T> extends Intent {
  readonly run: () => Promise<T>
  readonly outcome: (result: T) => Outcome
}

/** What a request works with. */
export interface Visit<Client> {
  readonly client: Client
  /** Ids that the database gave to rows made in this run, by a name from the plan. */
  readonly made: Map<string, number>
  readonly read: <T>(reading: Reading<T>) => Promise<T>
  readonly write: <T>(writing: Writing<T>) => Promise<T>
}

export class Session<Client> implements Visit<Client> {
  readonly client: Client
  readonly made = new Map<string, number>()
  readonly #ledger: Ledger
  readonly #naming: RowNaming
  #reads = 0
  #writes = 0
  #staleReads = 0
  readonly #staleExamples: string[] = []

  constructor(client: Client, ledger: Ledger, naming: RowNaming) {
    this.client = client
    this.#ledger = ledger
    this.#naming = naming
  }

  get counts(): { reads: number; writes: number; staleReads: number; staleExamples: readonly string[] } {
    return {
      reads: this.#reads,
      writes: this.#writes,
      staleReads: this.#staleReads,
      staleExamples: this.#staleExamples,
    }
  }

  // Both as properties, so that pages can take them out of the visit.
  readonly read = async <T>({ run, model, finds }: Reading<T>): Promise<T> => {
    this.#reads += 1
    const began = this.#ledger.now
    const result = await run()
    const rows = model === undefined ? [] : findRows(result, model, this.#naming)
    const problems = this.#ledger.staleIn({ rows, ...finds?.(result) }, began)
    if (problems.length > 0) {
      this.#staleReads += 1
      if (this.#staleExamples.length < 3) this.#staleExamples.push(problems[0] as string)
    }
    return result
  }

  readonly write = async <T>({ run, outcome, ...intent }: Writing<T>): Promise<T> => {
    this.#writes += 1
    this.#ledger.sent(intent)
    const result = await run()
    this.#ledger.acknowledged(intent, outcome(result))
    return result
  }
}
