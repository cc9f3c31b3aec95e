/** Adds `cacheStrategy` to the arguments of every read in Prisma's type map, the type that clients are computed from. */

import type { Call, InternalArgs, TypeMapCbDef } from '@prisma/client/runtime/client'
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

/** The arguments of one operation: Prisma's own for a write. */
export type CachedArgs<Name, Args> = Name extends ReadOperation ? Args & CacheStrategyArgs : Args

export type CachedModel<Model> = Model extends {
  payload: infer Payload
  fields: infer Fields
  operations: infer Operations
}
  ? { payload: Payload; fields: Fields; operations: CachedOperations<Operations> }
  : Model

type CachedOperations<Operations> = {
  [Name in keyof Operations]: Operations[Name] extends { args: infer Args; result: infer Result }
    ? { args: CachedArgs<Name, Args>; result: Result }
    : Operations[Name]
}

type CachedTypeMap<TypeMap> = TypeMap extends { model: infer Models }
  ? Omit<TypeMap, 'model'> & { model: { [Name in keyof Models]: CachedModel<Models[Name]> } }
  : never

/** The type map with `ExtArgs` extended into it and `cacheStrategy` on its reads. */
export type CachedCall<TypeMapOf extends TypeMapCbDef, ExtArgs> = CachedTypeMap<Call<TypeMapOf, { extArgs: ExtArgs }>>

/** The type map as a function, which Prisma calls for each later `$extends`. Only an interface can refer to `this`. */
export interface CachedTypeMapOf<TypeMapOf extends TypeMapCbDef> {
  params: { extArgs: InternalArgs }
  returns: CachedCall<TypeMapOf, this['params']['extArgs']>
}
