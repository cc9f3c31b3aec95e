/** The type of what `cacheExtension()` returns: it adds `$cache` to a client and changes no other type. */

import type { InternalArgs } from '@prisma/client/runtime/client'

/**
 * Prisma takes only `extArgs` from an extension's result; model, query and result stay untouched because nothing
 * is declared for them here.
 */
export type CacheExtension<PrismaCache> = (client: unknown) => {
  $extends: { extArgs: InternalArgs<object, object, object, { $cache: PrismaCache }> }
}
