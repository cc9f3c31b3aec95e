/** One simulated run: processes with the shipped cache, a database, an authority, faults; and the checks on what readers got. */

import { Cache, type CacheParts } from '../../src/cache/cache.ts'
import { resolveOptions } from '../../src/cache/options.ts'
import type { Origin } from '../../src/cache/origin.ts'
import { AuthorityUnavailableError } from '../../src/errors.ts'
import type { Authority } from '../../src/protocol/authority.ts'
import { ProcessAuthority } from '../../src/protocol/process-authority.ts'
import type { Runtime } from '../../src/runtime/runtime.ts'
import { createSqlAnalyzer } from '../../src/sql/sql-analyzer.ts'
import type { Store } from '../../src/store/store.ts'
import type { ServerVerdict } from '../../src/write/outcome.ts'
import { AuthorityServer, RemoteAuthority } from './authority-model.ts'
import { DatabaseError, DatabaseModel, type Version } from './database-model.ts'
import { type Owner, Scheduler } from './scheduler.ts'

/** What a run is made of. */
export interface Scenario {
  /** `process`: the shipped in-process authority, one process with two caches. `shared`: a server reached by messages. */
  readonly authority: 'process' | 'shared'
  readonly processes: number
  readonly readers: number
  readonly reads: number
  readonly writers: number
  readonly writes: number
  readonly onAuthorityDown: 'proceed' | 'reject-writes'
  readonly sharedStore: boolean
  readonly puts: boolean
  readonly loss: number
  readonly lostReply: number
  readonly refusal: number
  readonly crashes: number
  readonly restarts: number
  readonly evictions: number
  /** Event loops that stand still for longer than a lease. */
  readonly pauses: number
}

/** A defence taken away by substituting one injected class. */
export type Variant = (parts: CacheParts, context: VariantContext) => CacheParts

/** What a broken variant may reach besides its parts. */
export interface VariantContext {
  readonly server: AuthorityServer
  /** Runs `act` a little later, as a message that nobody waits for. */
  readonly later: (act: () => void) => void
}

export interface RunResult {
  readonly violations: readonly string[]
  readonly hits: number
  readonly reads: number
  readonly trace: readonly string[]
}

const TABLES = ['a', 'b', 'c']
const LEASE = 3_000
const UNKNOWN_FOR = 6_000
const analyzer = createSqlAnalyzer()

type Rows = Record<string, Version>

interface Process extends Owner {
  readonly caches: Cache[]
  readonly origins: Origin[]
  readonly acknowledged: Record<string, number>
  /** Writes acknowledged while their invalidation was owed: not yet promised to other processes. */
  readonly owing: Map<string, number>
  /** Clients end with their process. */
  readonly onDeath: (() => void)[]
  readonly transactions: Set<ReturnType<DatabaseModel['begin']>>
}

export async function simulate(
  seed: number,
  scenario: Scenario,
  variant?: Variant,
  tracing = false,
): Promise<RunResult> {
  const world = new World(seed, scenario, variant, tracing)
  await world.run()
  return world.result()
}

class World {
  readonly #scenario: Scenario
  readonly #scheduler: Scheduler
  readonly #database: DatabaseModel
  readonly #server: AuthorityServer
  readonly #processes: Process[] = []
  readonly #violations: string[] = []
  readonly #chaos: Owner = { name: 'chaos', alive: true, pausedUntil: 0 }
  /** Newest version of each table that any client was told is committed, under the contract. */
  readonly #acknowledged: Record<string, number> = zeros()
  /** Newest version of each table that any finished read returned. */
  readonly #seen: Record<string, number> = zeros()
  /** Marks were lost while their writer lived, so only rules 1 and 2 are promised, not linearizability. */
  #marksLost = false
  /** A writer died while the authority had forgotten its mark: A3, until `ttl`. */
  #forgotten = false
  #clients = 0
  #reads = 0

  constructor(seed: number, scenario: Scenario, variant: Variant | undefined, tracing: boolean) {
    this.#scenario = scenario
    this.#scheduler = new Scheduler(seed, tracing)
    this.#database = new DatabaseModel(this.#scheduler, scenario, TABLES)
    this.#server = new AuthorityServer(this.#scheduler)
    const store = scenario.sharedStore ? new Map<string, Uint8Array>() : undefined
    const processes = scenario.authority === 'process' ? 1 : scenario.processes
    for (let i = 0; i < processes; i++) this.#processes.push(this.#process(`p${i}`, store, variant))
  }

  async run(): Promise<void> {
    const { readers, writers } = this.#scenario
    for (const process of this.#processes) {
      for (let i = 0; i < readers; i++) this.#client(process, () => this.#reader(process))
      for (let i = 0; i < writers; i++) this.#client(process, () => this.#writer(process))
    }
    this.#plantFaults()
    await this.#scheduler.run(() => this.#clients === 0)
    await this.#quiet()
  }

  result(): RunResult {
    const hits = this.#processes.flatMap(({ caches }) => caches).reduce((sum, cache) => sum + cache.stats().hits, 0)
    return { violations: this.#violations, hits, reads: this.#reads, trace: this.#scheduler.trace ?? [] }
  }

  #process(name: string, entries: Map<string, Uint8Array> | undefined, variant: Variant | undefined): Process {
    const scheduler = this.#scheduler
    const { authority: kind, onAuthorityDown, loss, sharedStore } = this.#scenario
    const process: Process = {
      name,
      alive: true,
      pausedUntil: 0,
      caches: [],
      origins: [],
      acknowledged: zeros(),
      owing: new Map(),
      onDeath: [],
      transactions: new Set(),
    }
    const runtime: Runtime = { clock: scheduler.clock(), timers: scheduler.timers(process), random: scheduler.random }
    const authority: Authority =
      kind === 'process' ? new ProcessAuthority(runtime) : new RemoteAuthority(scheduler, this.#server, process, loss)
    const store = entries === undefined ? undefined : modelStore(scheduler, process, entries)
    const options = resolveOptions({
      ...(store === undefined ? {} : { store, namespace: 'sim' }),
      memory: sharedStore && scheduler.random.chance(0.5) ? false : { maxEntries: 4 },
      ttl: '1d',
      timeout: '50ms',
      writeTimeout: '300ms',
      lease: `${LEASE}ms`,
      unknownFor: `${UNKNOWN_FOR}ms`,
      onAuthorityDown,
    })
    const later = (act: () => void): void =>
      void scheduler.after(scheduler.random.below(150), process, 'a late message', act)
    for (let i = 0; i < (kind === 'process' ? 2 : 1); i++) {
      const parts: CacheParts = { runtime, authority, analyzer }
      const cache = new Cache(options, variant?.(parts, { server: this.#server, later }) ?? parts)
      cache.on('fault', ({ step }) => {
        if (step === 'mark-lost') this.#marksLost = true
      })
      cache.on('owed', ({ tags, settled }) => this.#owed(process, tags.join(), settled))
      process.caches.push(cache)
      process.origins.push(cache.origin({ adapter: 'simulation', dialect: 'postgres', database: 'db' }))
    }
    return process
  }

  #client(process: Process, life: () => Promise<void>): void {
    this.#clients++
    const start = this.#scheduler.random.below(20)
    let over = false
    const ended = (): void => {
      if (!over) this.#clients--
      over = true
    }
    process.onDeath.push(ended)
    this.#scheduler.after(
      start,
      process,
      '',
      () =>
        void life().then(ended, (error: unknown) => {
          this.#violations.push(`a client failed: ${error instanceof Error ? error.stack : String(error)}`)
          ended()
        }),
    )
  }

  async #reader(process: Process): Promise<void> {
    const { random } = this.#scheduler
    for (let i = 0; i < this.#scenario.reads; i++) {
      await this.#scheduler.sleep(random.below(30), process, '')
      await this.#checkedRead(process, random.pick(process.origins), this.#someTables(), 'read')
    }
  }

  async #checkedRead(process: Process, origin: Origin, tables: readonly string[], what: string): Promise<void> {
    const acknowledged = { ...this.#acknowledged }
    const own = { ...process.acknowledged }
    const seen = { ...this.#seen }
    const rows = await origin.read<Rows>({
      text: `select ${tables}`,
      tables: () => ({ tables }),
      run: () => this.#database.read(process, tables),
    })
    this.#reads++
    this.#scheduler.note(`${process.name}: ${what} of ${tables} gave ${JSON.stringify(rows)}`)
    for (const table of tables) {
      const version = rows[table] as Version
      const { number } = version
      const name = `${process.name}: ${what} of ${table} gave version ${number}`
      if (!this.#database.wasCommitted(table, version))
        this.#violations.push(`dirty: ${name} (${version.write}), never committed`)
      const promised = acknowledged[table] as number
      if (number < promised) this.#violations.push(`stale: ${name}, ${promised} was acknowledged before`)
      if (number < (own[table] as number))
        this.#violations.push(`own write: ${name}, own ${own[table]} was acknowledged before`)
      const before = seen[table] as number
      if (number < before && this.#isLinearizable) this.#violations.push(`order: ${name}, ${before} was read before`)
      this.#seen[table] = Math.max(this.#seen[table] as number, number)
    }
  }

  get #isLinearizable(): boolean {
    return !this.#marksLost && this.#server.expired === 0 && this.#scenario.onAuthorityDown === 'reject-writes'
  }

  async #writer(process: Process): Promise<void> {
    const { random } = this.#scheduler
    for (let i = 0; i < this.#scenario.writes; i++) {
      await this.#scheduler.sleep(random.below(40), process, '')
      const origin = random.pick(process.origins)
      try {
        if (random.chance(0.5)) await this.#autocommit(process, origin)
        else await this.#transaction(process, origin)
      } catch (error) {
        // Refused, connection lost, or not sent because the authority was down: the application sees it and goes on.
        if (!(error instanceof DatabaseError || error instanceof AuthorityUnavailableError)) throw error
      }
    }
  }

  async #autocommit(process: Process, origin: Origin): Promise<void> {
    const tables = this.#scenario.puts || this.#scheduler.random.chance(0.7) ? [this.#someTable()] : this.#someTables()
    const [first] = tables
    const made = await origin.execute({
      sql: tables.map((table) => `update ${table} set v = 1`).join('; '),
      send: () => this.#database.autocommit(process, tables),
      verdict,
      put: this.#scenario.puts ? { text: `select ${first}`, value: (rows: Rows) => rows } : undefined,
    })
    this.#acknowledge(process, made)
  }

  async #transaction(process: Process, origin: Origin): Promise<void> {
    const { random } = this.#scheduler
    const handle = this.#database.begin()
    process.transactions.add(handle)
    const transaction = origin.transaction()
    const written: string[] = []
    try {
      for (const table of this.#someTables()) {
        await origin.execute({
          sql: `update ${table} set v = 1`,
          transaction,
          send: () => this.#database.write(process, handle, table),
          verdict,
        })
        written.push(table)
        if (random.chance(0.6)) await this.#readInside(process, origin, handle, written)
        if (random.chance(0.3)) await this.#scheduler.sleep(random.below(30), process, '')
      }
      if (random.chance(0.35)) {
        const rollback = (): Promise<void> => this.#database.rollback(process, handle)
        return await origin.execute({ sql: 'ROLLBACK', transaction, send: rollback, verdict })
      }
      const commit = (): Promise<Rows> => this.#database.commit(process, handle)
      this.#acknowledge(process, await origin.execute({ sql: 'COMMIT', transaction, send: commit, verdict }))
    } catch (error) {
      await this.#database.rollback(process, handle)
      throw error
    } finally {
      process.transactions.delete(handle)
    }
  }

  async #readInside(
    process: Process,
    origin: Origin,
    handle: ReturnType<DatabaseModel['begin']>,
    written: readonly string[],
  ): Promise<void> {
    const tables = [this.#scheduler.random.pick(written)]
    const rows = await origin.read<Rows>({
      text: `select ${tables}`,
      tables: () => ({ tables }),
      run: () => this.#database.read(process, tables, handle),
      inTransaction: true,
    })
    for (const table of tables) {
      if (rows[table]?.write === handle.writes.get(table)) continue
      this.#violations.push(`own write: ${process.name} does not see in its transaction what it wrote to ${table}`)
    }
  }

  #acknowledge(process: Process, made: Rows): void {
    const tags = Object.keys(made)
      .map((table) => `table:${table}`)
      .sort()
      .join()
    raise(process.acknowledged, made)
    if ((process.owing.get(tags) ?? 0) === 0) raise(this.#acknowledged, made)
    this.#scheduler.note(`${process.name}: acknowledged ${JSON.stringify(made)}`)
  }

  /** Between the two events of an owed write its rows are promised to its own process only. */
  #owed(process: Process, key: string, settled: boolean): void {
    const tags = key.split(',').sort().join()
    process.owing.set(tags, (process.owing.get(tags) ?? 0) + (settled ? -1 : 1))
  }

  #plantFaults(): void {
    const { crashes, restarts, evictions, pauses, authority, loss } = this.#scenario
    const scheduler = this.#scheduler
    const { random } = scheduler
    const some = (count: number, label: string, act: () => void): void => {
      for (let i = 0; i < count; i++) scheduler.after(random.below(250), this.#chaos, label, act)
    }
    some(evictions, 'a stamp is evicted', () => this.#server.evict())
    if (authority === 'process') return
    some(crashes, 'a process dies', () => this.#crash(random.pick(this.#processes)))
    some(pauses, 'an event loop stands still', () => {
      random.pick(this.#processes).pausedUntil = scheduler.now + LEASE + random.below(500)
    })
    if (loss > 0) {
      some(1, 'the authority is unreachable', () => {
        this.#server.downUntil = scheduler.now + random.below(600)
      })
    }
    let snapshot: ReturnType<AuthorityServer['snapshot']> | undefined
    some(restarts, 'snapshot', () => {
      snapshot = this.#server.snapshot()
    })
    some(restarts, 'the authority restarts', () => {
      if (this.#server.marks > 0) this.#marksLost = true
      this.#forgotten ||= this.#server.marks > 0
      this.#server.restart(random.chance(0.7) ? snapshot : undefined)
    })
  }

  #crash(process: Process): void {
    if (!process.alive || this.#processes.filter(({ alive }) => alive).length === 1) return
    process.alive = false
    for (const handle of process.transactions) this.#database.disconnect(handle)
    for (const ended of process.onDeath) ended()
  }

  /** After everything has ended and every lease is over, all that is served must be the database's present state. */
  async #quiet(): Promise<void> {
    const { random } = this.#scheduler
    await this.#passTime(2 * (LEASE + UNKNOWN_FOR))
    if (this.#mayStayStale) return
    for (let round = 0; round < 2; round++) {
      for (const process of this.#processes.filter(({ alive }) => alive)) {
        for (const table of TABLES) {
          let ended = false
          const check = async (): Promise<void> => {
            const current = this.#database.committed(table).number
            this.#seen[table] = 0
            const rows = await random.pick(process.origins).read<Rows>({
              text: `select ${table}`,
              tables: () => ({ tables: [table] }),
              run: () => this.#database.read(process, [table]),
            })
            const served = (rows[table] as Version).number
            if (served !== current) {
              this.#violations.push(
                `quiet: ${process.name} serves version ${served} of ${table}, the database has ${current}`,
              )
            }
            ended = true
          }
          this.#scheduler.after(0, process, '', () => void check())
          await this.#scheduler.run(() => ended)
        }
      }
    }
  }

  /** What the assumptions leave open until `ttl`: a writer dies whose mark is gone (A2, A3), or that owed. */
  get #mayStayStale(): boolean {
    const { crashes, pauses, onAuthorityDown } = this.#scenario
    return crashes > 0 && (this.#forgotten || pauses > 0 || onAuthorityDown === 'proceed')
  }

  async #passTime(milliseconds: number): Promise<void> {
    let passed = false
    this.#scheduler.after(milliseconds, this.#chaos, '', () => {
      passed = true
    })
    await this.#scheduler.run(() => passed)
  }

  #someTable(): string {
    return this.#scheduler.random.pick(TABLES)
  }

  /** One to three tables, in order, so that transactions cannot block each other for ever. */
  #someTables(): string[] {
    const { random } = this.#scheduler
    const first = this.#someTable()
    return TABLES.filter((table) => table === first || random.chance(0.3))
  }
}

function verdict(error: unknown): ServerVerdict | undefined {
  return { serverCode: (error as DatabaseError).code }
}

function zeros(): Record<string, number> {
  return Object.fromEntries(TABLES.map((table) => [table, 0]))
}

function raise(newest: Record<string, number>, made: Rows): void {
  for (const [table, { number }] of Object.entries(made)) newest[table] = Math.max(newest[table] as number, number)
}

/** A store that every process reaches; it loses nothing, and never decides anything. */
function modelStore(scheduler: Scheduler, client: Owner, entries: Map<string, Uint8Array>): Store {
  const later = <T>(act: () => T): Promise<T> =>
    new Promise((resolve) => {
      scheduler.after(scheduler.random.below(6), client, '', () => {
        const answer = act()
        scheduler.after(scheduler.random.below(6), client, '', () => resolve(answer))
      })
    })
  return {
    kind: 'model',
    get: (key) => later(() => entries.get(key)),
    set: (key, entry) => later(() => void entries.set(key, entry)),
    delete: (key) => later(() => void entries.delete(key)),
  }
}
