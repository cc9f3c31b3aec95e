/** @larder/prisma: `prisma.$extends(cacheExtension())`. */

export { cacheExtension } from './cache-extension.ts'
export type { CacheExtensionOptions } from './options.ts'
export type { PrismaCache } from './prisma-cache.ts'
export { type CachedClient, withCache, withCache as withPrismaCache } from './types/with-cache.ts'
