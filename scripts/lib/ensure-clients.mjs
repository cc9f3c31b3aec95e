// Generates the sample Prisma clients into prisma/generated/ when something they are made from has changed.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withFileLock } from './file-lock.mjs'
import { repositoryRoot } from './repository-root.mjs'
import { runProgram } from './run-program.mjs'
import { clientVariants, schemaFor } from './schema-variants.mjs'

/** Every client that is generated, and the schema that it is derived from. */
const clients = [
  ...clientVariants.map((variant) => ({ variant, source: 'prisma/schema.prisma' })),
  {
    variant: { name: 'chinook', provider: 'postgresql', previewFeatures: [] },
    source: 'examples/demo/chinook.prisma',
  },
]

/**
 * Needs no network and no database. Safe to call from several processes at once.
 *
 * @param {{ root?: string, say?: (line: string) => void }} [options] `say` gets one line before the generation begins
 * @returns {Promise<'up to date' | 'generated'>}
 * @throws {Error} with Prisma's output when a schema is wrong
 */
export async function ensureClients({ root = repositoryRoot, say = () => {} } = {}) {
  const folder = join(root, 'prisma', 'generated')
  const plans = clients.map((client) => planFor(root, folder, client))
  if (plans.every(isCurrent)) return 'up to date'
  return withFileLock(join(folder, '.lock'), async () => {
    const stale = plans.filter((plan) => !isCurrent(plan))
    if (stale.length === 0) return 'up to date'
    say(`sample clients: generating ${stale.map(({ name }) => name).join(', ')}`)
    // All of them to their end, also when one fails: none may write any more when the lock is free again.
    const results = await Promise.allSettled(stale.map((plan) => generate(root, plan)))
    for (const result of results) if (result.status === 'rejected') throw result.reason
    return 'generated'
  })
}

/** The schema of one client, its places, and a digest of all that the client is made from. */
function planFor(root, folder, { variant, source }) {
  const { name } = variant
  const schema = schemaFor(readFileSync(join(root, source), 'utf8'), variant, `./${name}`)
  const hash = createHash('sha256').update(schema)
  for (const tool of ['prisma', '@prisma/client']) {
    hash.update('\0').update(readFileSync(join(root, 'node_modules', tool, 'package.json')))
  }
  return {
    name,
    schema,
    schemaFile: join(folder, `${name}.prisma`),
    client: join(folder, name),
    digest: hash.digest('hex'),
    digestFile: join(folder, `${name}.sha256`),
  }
}

function isCurrent({ client, digest, digestFile }) {
  const isGenerated = existsSync(join(client, 'client.ts')) && existsSync(digestFile)
  return isGenerated && readFileSync(digestFile, 'utf8') === digest
}

async function generate(root, { schema, schemaFile, client, digest, digestFile }) {
  // Prisma refuses to write over the remains of a generation that was broken off.
  rmSync(client, { recursive: true, force: true })
  writeFileSync(schemaFile, schema)
  const prisma = join(root, 'node_modules', 'prisma', 'build', 'index.js')
  await runProgram(process.execPath, [prisma, 'generate', '--schema', schemaFile], {
    cwd: root,
    env: {
      // `generate` downloads the migration engine only to see that it is there; any existing program satisfies it.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
  })
  writeFileSync(digestFile, digest)
}
