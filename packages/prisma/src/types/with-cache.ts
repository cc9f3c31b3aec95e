/** Types only: the same client, with `cacheStrategy` among the arguments of every read. */

import type { ExtendsHook, InternalArgs } from '@prisma/client/runtime/client'
// The package declares its types twice. A client that is generated as CommonJS (`prisma-client-js`) uses this copy.
import type {
  ExtendsHook as CommonJsExtendsHook,
  InternalArgs as CommonJsInternalArgs,
} from '@prisma/client/runtime/client' with { 'resolution-mode': 'require' }
import type { CachedClient } from './cached-client.ts'

/** {@link CachedClient} of a client with any number of extensions. */
export type WithCache<Client extends { readonly $extends: unknown }> =
  Client['$extends'] extends CommonJsExtendsHook<'extends', infer TypeMapOf, infer ExtArgs extends CommonJsInternalArgs, infer _>
    ? CachedClient<TypeMapOf, ExtArgs>
    : Client['$extends'] extends ExtendsHook<'extends', infer TypeMapOf, infer ExtArgs extends InternalArgs, infer _>
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
