/** Types only: the same client, with `cacheStrategy` among the arguments of every read. */

import type { ExtendsHook, InternalArgs, TypeMapCbDef } from '@prisma/client/runtime/client'
import type { CachedClient } from './cached-client.ts'

export type { CachedClient }

/** What every Prisma client has, extended or not. */
export interface ExtensibleClient {
  readonly $extends: { readonly extArgs: InternalArgs }
}

/** The `Prisma.TypeMapCb` behind a client; `never` when the client carries a copy of Prisma's runtime and its types. */
export type TypeMapOf<Client extends ExtensibleClient> =
  Client['$extends'] extends ExtendsHook<'extends', infer Found, infer _Args extends InternalArgs, infer _Map>
    ? Found
    : never

/** {@link CachedClient} of a client with any number of extensions. */
export type WithCache<Client extends ExtensibleClient, Map extends TypeMapCbDef = TypeMapOf<Client>> = [Map] extends [
  never,
]
  ? {
      readonly error: 'This client has its own copy of the Prisma runtime. Write withCache<typeof prisma, Prisma.TypeMapCb>(prisma)'
    }
  : CachedClient<Map, Client['$extends']['extArgs']>

/**
 * The same client, typed so that every read takes `cacheStrategy`. Writes reject it.
 *
 * ```ts
 * const prisma = withCache(new PrismaClient({ adapter }).$extends(cacheExtension()))
 * await prisma.user.findMany({ cacheStrategy: { ttl: '5m' } })
 * ```
 *
 * The generator `prisma-client-js` with an `output` copies Prisma's runtime, and nothing can be inferred across two
 * copies. There the type map is given: `withCache<typeof prisma, Prisma.TypeMapCb>(prisma)`.
 */
export function withCache<Client extends ExtensibleClient, Map extends TypeMapCbDef = TypeMapOf<Client>>(
  client: Client,
): WithCache<Client, Map> {
  return client as unknown as WithCache<Client, Map>
}
