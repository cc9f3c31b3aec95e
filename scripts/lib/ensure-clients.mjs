// Generates the sample Prisma clients into prisma/generated/ when something they are made from has changed.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
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
  const inputs = hashOfInputs(root)
  if (areCurrent(folder, inputs)) return 'up to date'
  return withFileLock(join(folder, '.lock'), async () => {
    if (areCurrent(folder, inputs)) return 'up to date'
    say(`sample clients: generating ${clients.length}`)
    await Promise.all(clients.map((client) => generate(root, folder, client)))
    writeFileSync(join(folder, 'inputs.sha256'), inputs)
    return 'generated'
  })
}

async function generate(root, folder, { variant, source }) {
  const schema = join(folder, `${variant.name}.prisma`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(schema, schemaFor(readFileSync(join(root, source), 'utf8'), variant, `./${variant.name}`))
  const prisma = join(root, 'node_modules', 'prisma', 'build', 'index.js')
  await runProgram(process.execPath, [prisma, 'generate', '--schema', schema], {
    cwd: root,
    env: {
      // `generate` downloads the migration engine only to see that it is there; any existing program satisfies it.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
  })
}

function areCurrent(folder, inputs) {
  const recorded = join(folder, 'inputs.sha256')
  return (
    existsSync(recorded) &&
    readFileSync(recorded, 'utf8') === inputs &&
    clients.every(({ variant }) => existsSync(join(folder, variant.name, 'client.ts')))
  )
}

function hashOfInputs(root) {
  const hash = createHash('sha256')
  for (const file of [
    ...new Set(clients.map(({ source }) => source)),
    'scripts/lib/ensure-clients.mjs',
    'scripts/lib/schema-variants.mjs',
    'node_modules/prisma/package.json',
    'node_modules/@prisma/client/package.json',
  ]) {
    hash.update(`${file}\0`).update(readFileSync(join(root, file))).update('\0')
  }
  return hash.digest('hex')
}
