/** Types only: the same client, with `cacheStrategy` among the arguments of every read. */

import type {
  Call,
  DynamicClientExtensionThis,
  ExtendsHook,
  InternalArgs,
  TypeMapCbDef,
} from '@prisma/client/runtime/client'
import type { CacheStrategyArgs } from './cache-strategy.ts'

/** The operations that take a `cacheStrategy`. */
export type ReadOperation =
  | 'findUnique'
  | 'findUniqueOrThrow'
  | 'findFirst'
  | 'findFirstOrThrow'
  | 'findMany'
  | 'count'
  | 'aggregate'
  | 'groupBy'

type CachedOperations<Operations> = {
  [Name in keyof Operations]: Name extends ReadOperation
    ? Operations[Name] extends { args: infer Args; result: infer Result }
      ? { args: Args & CacheStrategyArgs; result: Result }
      : Operations[Name]
    : Operations[Name]
}

type CachedModels<Models> = {
  [Name in keyof Models]: Models[Name] extends { payload: infer Payload; fields: infer Fields; operations: infer Operations }
    ? { payload: Payload; fields: Fields; operations: CachedOperations<Operations> }
    : Models[Name]
}

type CachedTypeMap<TypeMap> = TypeMap extends { model: infer Models }
  ? Omit<TypeMap, 'model'> & { model: CachedModels<Models> }
  : never

/** Must stay an interface: Prisma calls it again for each later `$extends`, with `this['params']`. */
interface CachedTypeMapOf<TypeMapOf extends TypeMapCbDef> {
  params: { extArgs: InternalArgs }
  returns: CachedTypeMap<Call<TypeMapOf, { extArgs: this['params']['extArgs'] }>>
}

/** A Prisma client whose reads take a `cacheStrategy`; everything that was inferred before still is. */
export type CachedClient<TypeMapOf extends TypeMapCbDef, ExtArgs extends InternalArgs> = DynamicClientExtensionThis<
  Call<CachedTypeMapOf<TypeMapOf>, { extArgs: ExtArgs }>,
  CachedTypeMapOf<TypeMapOf>,
  ExtArgs
>

/** The part of a client that its types are read from. */
export interface ExtensibleClient<TypeMapOf extends TypeMapCbDef, ExtArgs extends InternalArgs> {
  // biome-ignore lint/suspicious/noExplicitAny: the type map is a function of the two others, and only they are inferred
  readonly $extends: ExtendsHook<'extends', TypeMapOf, ExtArgs, any>
}

/**
 * The same client, typed so that every read takes `cacheStrategy`. Writes reject it.
 *
 * ```ts
 * const prisma = withCache(new PrismaClient({ adapter }).$extends(cacheExtension()))
 * await prisma.user.findMany({ cacheStrategy: { ttl: '5m' } })
 * ```
 */
export function withCache<TypeMapOf extends TypeMapCbDef, ExtArgs extends InternalArgs>(
  client: ExtensibleClient<TypeMapOf, ExtArgs>,
): CachedClient<TypeMapOf, ExtArgs> {
  return client as never
}
