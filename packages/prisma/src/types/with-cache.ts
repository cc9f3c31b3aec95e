/** Types only: the same client, with `cacheStrategy` among the arguments of every read. */

import type { ExtendsHook, InternalArgs } from '@prisma/client/runtime/client'
import type { CachedClient } from './cached-client.ts'

/** {@link CachedClient} of a client with any number of extensions. */
export type WithCache<Client extends { readonly $extends: unknown }> =
  Client['$extends'] extends ExtendsHook<'extends', infer TypeMapOf, infer ExtArgs extends InternalArgs, infer _TypeMap>
    ? CachedClient<TypeMapOf, ExtArgs>
    : never

/**
 * The same client, typed so that every read takes `cacheStrategy`. Writes reject it.
 *
 * ```ts
 * const prisma = withCache(new PrismaClient({ adapter }).$extends(cacheExtension()))
 * await prisma.user.findMany({ cacheStrategy: { ttl: '5m' } })
 * ```
 */
export function withCache<Client extends { readonly $extends: unknown }>(client: Client): WithCache<Client> {
  return client as unknown as WithCache<Client>
}
