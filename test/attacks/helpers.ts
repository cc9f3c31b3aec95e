// What the attacks share: clients of schemas that differ from the sample shop's, and reads as a caller sees them.

import type { CachedShop } from '../prisma/prisma-shop.ts'
import type { ShopClient } from '../servers/shop-client.ts'

/** The text of a client's schema, before its engine has read it: the engine and Larder then both see what is set here. */
export function changeSchema(client: ShopClient, change: (schema: string) => string): ShopClient {
  const { _engineConfig: config, _engine: engine } = client as unknown as {
    _engineConfig: { inlineSchema: string }
    _engine: { datamodel: string }
  }
  const changed = change(config.inlineSchema)
  if (changed === config.inlineSchema || engine.datamodel !== config.inlineSchema)
    throw new Error('the schema did not change')
  config.inlineSchema = changed
  engine.datamodel = changed
  return client
}

export async function nameOf({ prisma }: Pick<CachedShop, 'prisma'>, id: number): Promise<string | null | undefined> {
  return (await prisma.user.findFirst({ where: { id } }))?.name
}

interface Renaming {
  readonly user: { updateMany(args: { where: { id: number }; data: { name: string } }): PromiseLike<unknown> }
}

export async function rename(client: unknown, id: number, name: string): Promise<void> {
  await (client as Renaming).user.updateMany({ where: { id }, data: { name } })
}
