import type { Prisma } from 'generated-client'

/** The client has a copy of the runtime: the type map is given. */
export type TestedTypeMap<_Client, Omit = undefined> = Prisma.TypeMapCb<
  Omit extends undefined ? Prisma.PrismaClientOptions : { omit: Omit }
>
