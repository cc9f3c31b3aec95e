/**
 * The client type of `withCache`. It takes the place of Prisma's `DynamicClientExtensionThis`, whose exact matching
 * of arguments costs almost four times the type instantiations of a plain client; this costs about the same.
 * Arguments are checked as a plain client checks them.
 */

import type {
  Call,
  ClientOtherOps,
  DynamicModelExtensionFnResult,
  DynamicModelExtensionFnResultNull,
  ExtendsHook,
  InternalArgs,
  ITXClientDenyList,
  ModelKey,
  PrismaPromise,
  Return,
  TypeMapCbDef,
  TypeMapDef,
  UnwrapTuple,
} from '@prisma/client/runtime/client'
import type { CachedArgs, CachedCall, CachedModel, CachedTypeMapOf } from './cached-type-map.ts'

/** A Prisma client whose reads take a `cacheStrategy`; what Prisma infers, it still infers. */
export type CachedClient<TypeMapOf extends TypeMapCbDef, ExtArgs extends InternalArgs> = Client<
  Call<TypeMapOf, { extArgs: ExtArgs }>,
  TypeMapOf,
  ExtArgs
>

type Client<
  TypeMap extends TypeMapDef,
  TypeMapOf extends TypeMapCbDef,
  ExtArgs extends InternalArgs,
  Added = ExtArgs['client'],
  BuiltIn = BuiltInMembers<TypeMap, TypeMapOf, ExtArgs>,
> = {
  [Name in keyof Added]: Return<Added[Name]>
} & {
  [Name in TypeMap['meta']['modelProps']]: Name extends keyof Added
    ? Return<Added[Name]>
    : ModelDelegate<TypeMap, ModelKey<TypeMap, Name>, ExtArgs['model']>
} & {
  [Name in keyof TypeMap['other']['operations']]: Name extends keyof Added
    ? Return<Added[Name]>
    : Name extends keyof ClientOtherOps
      ? ClientOtherOps[Name]
      : never
} & {
  [Name in keyof BuiltIn]: Name extends keyof Added ? Return<Added[Name]> : BuiltIn[Name]
} & {
  [key: symbol]: { types: TypeMap['other'] }
}

interface TransactionOptions<TypeMap extends TypeMapDef> {
  maxWait?: number
  timeout?: number
  isolationLevel?: TypeMap['meta']['txIsolationLevel']
}

interface BuiltInMembers<TypeMap extends TypeMapDef, TypeMapOf extends TypeMapCbDef, ExtArgs extends InternalArgs> {
  $extends: ExtendsHook<'extends', CachedTypeMapOf<TypeMapOf>, ExtArgs, CachedCall<TypeMapOf, ExtArgs>>
  $transaction<Operations extends PrismaPromise<unknown>[]>(
    operations: [...Operations],
    options?: TransactionOptions<TypeMap>,
  ): Promise<UnwrapTuple<Operations>>
  $transaction<Result>(
    run: (client: Omit<Client<TypeMap, TypeMapOf, ExtArgs>, ITXClientDenyList>) => Promise<Result>,
    options?: TransactionOptions<TypeMap>,
  ): Promise<Result>
  $disconnect(): Promise<void>
  $connect(): Promise<void>
}

type ModelDelegate<
  TypeMap extends TypeMapDef,
  Model extends PropertyKey,
  ModelArgs extends Record<string, Record<string, unknown>>,
  Added = ModelArgs[Uncapitalize<Model & string>],
> = {
  [Name in keyof Added]: Return<Added[Name]>
} & {
  [Name in keyof TypeMap['model'][Model]['operations']]: Name extends keyof Added
    ? Return<Added[Name]>
    : Operation<TypeMap, Model, Name, CachedArgs<Name, TypeMap['model'][Model]['operations'][Name]['args']>>
} & {
  fields: 'fields' extends keyof Added ? Return<Added['fields']> : TypeMap['model'][Model]['fields']
  [key: symbol]: { types: CachedModel<TypeMap['model'][Model]> }
}

/** Read from the names, because asking the type (`{} extends Args`) costs more. Prisma's clients agree, see the type tests. */
type CallableWithoutArgs =
  | 'findFirst'
  | 'findFirstOrThrow'
  | 'findMany'
  | 'count'
  | 'createMany'
  | 'createManyAndReturn'
  | 'deleteMany'

type Operation<
  TypeMap extends TypeMapDef,
  Model extends PropertyKey,
  Name extends PropertyKey,
  Args,
> = Name extends CallableWithoutArgs
  ? <Given extends Args>(args?: Checked<Given, Args>) => Result<TypeMap, Model, Given, Name>
  : <Given extends Args>(args: Checked<Given, Args>) => Result<TypeMap, Model, Given, Name>

type Result<
  TypeMap extends TypeMapDef,
  Model extends PropertyKey,
  Given,
  Name extends PropertyKey,
> = DynamicModelExtensionFnResult<TypeMap, Model, Given, Name, DynamicModelExtensionFnResultNull<Name>>

/** Rejects unknown keys and `select` beside `include` or `omit`, in the words of Prisma. */
type Checked<Given, Args> = Given & {
  [Name in Exclude<keyof Given, keyof Args>]?: never
} & ('select' extends keyof Given
    ? 'include' extends keyof Given
      ? 'Please either choose `select` or `include`.'
      : 'omit' extends keyof Given
        ? 'Please either choose `select` or `omit`.'
        : unknown
    : unknown)
