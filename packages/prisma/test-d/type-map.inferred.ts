import type { ExtensibleClient, TypeMapOf } from '../src/types/with-cache.ts'

/** The client shares the types of `@prisma/client`: the type map is inferred, as by default. */
export type TestedTypeMap<Client extends ExtensibleClient, _Omit = undefined> = TypeMapOf<Client>
