/** The type of what `cacheExtension()` returns: it adds `$cache` to a client and changes no other type. */

/** No members. Prisma's own constraint on extensions rules `object` out. */
type Nothing = Record<never, never>

/** Prisma takes only `extArgs` from an extension's result: models, queries and results stay as they are. */
export type CacheExtension<PrismaCache> = (client: unknown) => {
  $extends: { extArgs: { result: Nothing; model: Nothing; query: Nothing; client: { $cache: () => PrismaCache } } }
}
