/** `prisma.$extends(cacheExtension())`: the one line that makes a Prisma client cached. */

import { createHash } from 'node:crypto'
import type { Origin } from '@larder/core'
import { type ClientInternals, clientInternals } from './client-internals.ts'
import { ClientWatch } from './client-watch.ts'
import type { DataModel } from './data-model/data-model.ts'
import { readSchema } from './data-model/read-schema.ts'
import { DriverBinding } from './driver-binding.ts'
import { type CacheExtensionOptions, type ResolvedExtensionOptions, resolveExtensionOptions } from './options.ts'
import { createPrismaCache, type PrismaCache, type RawClient } from './prisma-cache.ts'
import { decimalType } from './prisma-values.ts'
import { probeDatabase } from './probe-database.ts'
import { createReadHook, type HookCall, withoutStrategy } from './read-hook.ts'
import type { CacheExtension } from './types/cache-extension-type.ts'

/** A client as far as extending it goes. */
interface ExtensibleClient extends RawClient {
  $connect(): Promise<void>
  $extends(extension: unknown): ExtensibleClient
  $transaction(input: unknown, options?: unknown): Promise<unknown>
}

/** What a client's reads need; without it they pass uncached. */
interface CachedClientParts {
  readonly origin: Origin
  readonly binding: DriverBinding
  readonly watch: ClientWatch
  readonly dataModel: DataModel
  readonly identity: string
}

const ALREADY_CONNECTED =
  'The client had connected before cacheExtension() was added, so its connections cannot be watched: its queries run uncached, and its writes are not seen. Add the extension where the client is created.'

/**
 * A Prisma extension that caches every read of the client and invalidates at commit what its writes changed.
 *
 * Works on Prisma 7 clients with a driver adapter for PostgreSQL, MySQL / MariaDB or SQLite, before they have connected;
 * on any other it switches itself off with a warning and the client works as without it. Its place among other
 * extensions does not matter: it always sees the arguments last. Throws `InvalidOptionError` for bad options.
 */
export function cacheExtension(options?: CacheExtensionOptions): CacheExtension<PrismaCache> {
  const resolved = resolveExtensionOptions(options)
  return ((client: ExtensibleClient) => extend(client, resolved)) as unknown as CacheExtension<PrismaCache>
}

function extend(client: ExtensibleClient, options: ResolvedExtensionOptions): ExtensibleClient {
  const { cache, defaults } = options
  if ((client as Partial<Record<'$cache', PrismaCache>>).$cache?.cache === cache) {
    cache.warn(
      'added-twice',
      'cacheExtension() was added to a client that already has it: the second one does nothing.',
    )
    return client
  }
  const parts = prepare(client, options)
  const hook = parts === undefined ? passUncached : createReadHook({ ...parts, defaults })
  const extendOriginal = client.$extends

  const cacheOf = (raw: RawClient, inTransaction: boolean): PrismaCache =>
    createPrismaCache({
      cache,
      origin: parts?.origin,
      binding: parts?.binding,
      watch: parts?.watch,
      client: raw,
      inTransaction,
      identity: parts?.identity ?? '',
      defaults,
    })

  /** Adds the hook on top of `below`, and so again on top of whatever is added to the result later: it stays innermost. */
  function apply(below: ExtensibleClient): ExtensibleClient {
    const extension = {
      name: 'larder',
      query: { $allOperations: hook },
      client: {
        $cache: cacheOf(below, false),
        $extends(this: ExtensibleClient, later: unknown): unknown {
          return typeof later === 'function' ? later(this) : apply(Reflect.apply(extendOriginal, below, [later]))
        },
        $transaction(this: ExtensibleClient, input: unknown, settings?: unknown): Promise<unknown> {
          if (typeof input !== 'function') return Reflect.apply(below.$transaction, this, [input, settings])
          const callback = (tx: RawClient): unknown => input(withTransactionCache(tx))
          return Reflect.apply(below.$transaction, this, [callback, settings])
        },
      },
    }
    return Reflect.apply(extendOriginal, below, [extension])
  }

  /** The transaction client with a `$cache` of its own. Never set on the client itself: that would reach every other client. */
  function withTransactionCache(tx: RawClient): RawClient {
    const own = cacheOf(tx, true)
    return new Proxy(tx, { get: (target, key) => (key === '$cache' ? own : Reflect.get(target, key)) })
  }

  return apply(client)
}

/** Everything that caching needs of this client; undefined, with a warning, when something is missing. */
function prepare(
  client: ExtensibleClient,
  { cache, database }: ResolvedExtensionOptions,
): CachedClientParts | undefined {
  const internals = clientInternals(client)
  if ('code' in internals) return warn(internals.code, internals.message)
  const { factory, connected, dialect, schemaText } = internals
  const schema = readSchema(schemaText)
  if (schema.problem !== undefined) {
    return warn('schema-unreadable', `The client's schema could not be read (${schema.problem}): queries run uncached.`)
  }
  const binding = DriverBinding.of(factory, connected)
  if (binding === undefined) return warn('already-connected', ALREADY_CONNECTED)
  const watch = new ClientWatch(client, binding, () => warn('already-connected', ALREADY_CONNECTED))
  const origin = binding.origin(cache, {
    adapter: 'prisma',
    dialect,
    database,
    types: [decimalType],
    async start() {
      await watch.check()
      // Another client of this adapter may still connect; until then there is nobody to ask.
      if (!binding.connected) throw new Error(ALREADY_CONNECTED)
      const probe = await probeDatabase(await binding.connection(), dialect)
      if (probe.problem !== undefined) origin.turnOff(probe.problem.code, probe.problem.message)
      return probe.database
    },
  })
  origin.addForeignKeys(schema.dataModel.foreignKeys)
  return { origin, binding, watch, dataModel: schema.dataModel, identity: identityOf(internals) }

  function warn(code: string, message: string): undefined {
    cache.warn(code, message)
    return undefined
  }
}

/** Results of the same arguments differ between schemas and between clients that omit other fields. */
function identityOf({ schemaText, globalOmit }: ClientInternals): string {
  const hash = createHash('sha256').update(`${schemaText.length}:${schemaText}${JSON.stringify(globalOmit ?? null)}`)
  return `${hash.digest('base64url').slice(0, 22)} `
}

function passUncached({ args, query }: HookCall): unknown {
  return query(withoutStrategy(args).args)
}
