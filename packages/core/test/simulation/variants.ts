/** The defences of the protocol, each taken away by substituting one injected class. */

import type { CacheParts } from '../../src/cache/cache.ts'
import type { Authority, HeldMark, Settlement, TagStates } from '../../src/protocol/authority.ts'
import type { Stamp, Tag, WriterToken } from '../../src/protocol/tag.ts'
import { Freshness } from '../../src/read/entry.ts'
import { Executions } from '../../src/read/executions.ts'
import { type Fill, Filler } from '../../src/read/filler.ts'
import { ReadGate } from '../../src/read/read-gate.ts'
import type { MaybePromise } from '../../src/runtime/maybe-promise.ts'
import { Transaction } from '../../src/write/transaction.ts'
import { type WriteRequest, Writer } from '../../src/write/writer.ts'
import type { AuthorityServer } from './authority-model.ts'
import type { Variant, VariantContext } from './world.ts'

/** Every call goes to the authority behind it; subclasses change one. */
class Behind implements Authority {
  readonly kind = 'behind'
  readonly shared: boolean
  protected readonly real: Authority

  constructor(real: Authority) {
    this.real = real
    this.shared = real.shared
  }

  lookup(tags: readonly Tag[]): MaybePromise<TagStates> {
    return this.real.lookup(tags)
  }

  create(tags: readonly Tag[]): MaybePromise<TagStates> {
    return this.real.create(tags)
  }

  unsettle(tags: readonly Tag[], token: WriterToken, lease: number): MaybePromise<void> {
    return this.real.unsettle(tags, token, lease)
  }

  renew(marks: readonly HeldMark[], lease: number): MaybePromise<readonly boolean[]> {
    return this.real.renew(marks, lease)
  }

  settle(tags: readonly Tag[], token: WriterToken): MaybePromise<readonly Settlement[]> {
    return this.real.settle(tags, token)
  }

  cancel(tags: readonly Tag[], token: WriterToken): MaybePromise<void> {
    return this.real.cancel(tags, token)
  }
}

/** H01: the stamps of an entry are taken when it is stored. */
class LateStamps extends Filler {
  readonly #authority: Authority

  constructor(options: ConstructorParameters<typeof Filler>[0], authority: Authority) {
    super(options)
    this.#authority = authority
  }

  override fill(fill: Fill): void {
    void Promise.resolve(this.#authority.lookup(fill.tags)).then(
      ({ stamps, epoch, marked }) => {
        if (marked || stamps.includes(undefined)) return
        super.fill({ ...fill, seen: { epoch, stamps: stamps as readonly Stamp[] } })
      },
      () => {},
    )
  }
}

/** H02: an execution is shared by key alone. */
class SharedByKey extends Executions {
  protected override isSame(): boolean {
    return true
  }
}

/** H03: the invalidation runs before the write. */
class InvalidateFirst extends Writer {
  override async write<R>(request: WriteRequest<R>): Promise<R> {
    await super.write({ ...request, send: () => Promise.resolve() as Promise<never>, put: () => {} })
    return request.send()
  }
}

/** H05: reads inside a transaction use the cache, and so store what is not committed. */
class OpenGate extends ReadGate {
  override reasonAgainst(): undefined {
    return undefined
  }
}

/** H06: invalidates at each statement of a transaction instead of at COMMIT. */
class AtStatement extends Transaction {
  readonly #writerOfStatements: Writer

  constructor(writer: Writer) {
    super(writer)
    this.#writerOfStatements = writer
  }

  override write<R>(request: WriteRequest<R>): Promise<R> {
    return this.#writerOfStatements.write(request)
  }

  override takeTags(): readonly Tag[] {
    return []
  }
}

/** H11: an entry is not asked for the epoch of its stamps. */
class AnyEpoch extends Freshness {
  override isFresh(entry: Parameters<Freshness['isFresh']>[0], states: TagStates): boolean {
    return super.isFresh({ ...entry, epoch: states.epoch }, states)
  }
}

/** Rollback writes the stamp back that the tag had before the write. */
class Restoring extends Behind {
  readonly #before: Map<WriterToken, Map<Tag, Stamp | undefined>> = new Map()
  readonly #server: AuthorityServer

  constructor(real: Authority, server: AuthorityServer) {
    super(real)
    this.#server = server
  }

  override async unsettle(tags: readonly Tag[], token: WriterToken, lease: number): Promise<void> {
    const { stamps } = await this.real.lookup(tags)
    this.#before.set(token, new Map(tags.map((tag, i) => [tag, stamps[i]])))
    await this.real.unsettle(tags, token, lease)
  }

  override async cancel(tags: readonly Tag[], token: WriterToken): Promise<void> {
    await this.real.cancel(tags, token)
    for (const [tag, stamp] of this.#before.get(token) ?? []) this.#server.restore(tag, stamp)
  }
}

/** A missing stamp is created without waiting for the authority: the reader goes on with a stamp of its own making. */
class UnawaitedCreation extends Behind {
  readonly #server: AuthorityServer
  readonly #later: VariantContext['later']
  readonly #token: () => string

  constructor(real: Authority, server: AuthorityServer, token: () => string, later: VariantContext['later']) {
    super(real)
    this.#server = server
    this.#token = token
    this.#later = later
  }

  override async create(tags: readonly Tag[]): Promise<TagStates> {
    const states = await this.real.lookup(tags)
    const stamps = states.stamps.map((stamp) => stamp ?? (this.#token() as Stamp))
    this.#later(() => {
      for (const [i, tag] of tags.entries())
        if (states.stamps[i] === undefined) this.#server.offer(tag, stamps[i] as Stamp)
    })
    return { ...states, stamps }
  }
}

/** A put is allowed to a writer that was not alone. */
class AlwaysAlone extends Behind {
  override async settle(tags: readonly Tag[], token: WriterToken): Promise<readonly Settlement[]> {
    return (await this.real.settle(tags, token)).map(({ stamp }) => ({ stamp, alone: true }))
  }
}

/** Marks are not set: a read between COMMIT and settle may store the old row, and a writer that dies leaves it. */
class NoMarks extends Behind {
  override unsettle(): void {}
}

type Substitute = (parts: CacheParts, context: VariantContext) => Partial<CacheParts>

function substituting(substitute: Substitute): Variant {
  return (parts, context) => ({ ...parts, ...substitute(parts, context) })
}

/** The broken variants by name; the simulation must find each of them wrong. */
export const BROKEN_VARIANTS: Readonly<Record<string, Variant>> = {
  'H01 stamps are taken after the query': substituting(({ authority }) => ({
    filler: (options) => new LateStamps(options, authority),
  })),
  'H02 executions are shared by key alone': substituting(() => ({ executions: () => new SharedByKey() })),
  'H03 the invalidation runs before the write': substituting(() => ({
    writer: (options) => new InvalidateFirst(options),
  })),
  'H05 reads in a transaction use the cache': substituting(() => ({ gate: new OpenGate() })),
  'H06 the invalidation runs at the statement': substituting(() => ({
    transaction: (writer) => new AtStatement(writer),
  })),
  'H09 writers set no marks': substituting(({ authority }) => ({ authority: new NoMarks(authority) })),
  'H11 the epoch of an entry is ignored': substituting(() => ({ freshness: new AnyEpoch() })),
  'rollback restores the old stamp': substituting(({ authority }, { server }) => ({
    authority: new Restoring(authority, server),
  })),
  'a missing stamp is created un-awaited': substituting(({ authority, runtime }, { server, later }) => ({
    authority: new UnawaitedCreation(authority, server, () => runtime.random.token(), later),
  })),
  'a put does not ask whether its writer was alone': substituting(({ authority }) => ({
    authority: new AlwaysAlone(authority),
  })),
}
