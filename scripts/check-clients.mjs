// Gate `clients`: generates the Prisma clients that tests import, so that type-checks can see them.
import { ensureClients } from './lib/ensure-clients.mjs'

console.log(await ensureClients({ say: console.log }))
