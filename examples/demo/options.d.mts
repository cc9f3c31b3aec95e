/** How the demo runs. */
export interface DemoOptions {
  readonly requests: number
  /** Requests in flight at once. */
  readonly clients: number
  /** Share of the requests that write. */
  readonly writes: number
  readonly seed: number
  /** Of the generated shop. */
  readonly scale: number
  /** A PostgreSQL server; undefined is PGlite. */
  readonly databaseUrl: string | undefined
  /** An SQL file; undefined is the generated shop. */
  readonly dataset: string | undefined
  readonly break: 'stamps-late' | undefined
  readonly skipSetup: boolean
  readonly help: boolean
}

export declare const help: string
export declare class DemoOptionError extends Error {}
export declare function parseOptions(args: readonly string[]): DemoOptions
