/** A database that the demo owns: made, filled twice with the same rows, removed. */

import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'

/** Runs one or several statements without parameters; answers how many rows they wrote. */
export type Exec = (sql: string) => Promise<number>

/** Fills an empty database. */
export type Load = (exec: Exec) => Promise<void>

export interface DemoDatabase {
  /** What it is, for people. */
  readonly title: string
  /** Runs `load` in the empty database. To be called once. */
  fill(load: Load): Promise<void>
  /** Back to what `fill` left. No client may be connected. */
  restore(): Promise<void>
  connect(): SqlDriverAdapterFactory
  /** Removes it, whatever is connected. Calling it again does nothing. */
  remove(): Promise<void>
}
