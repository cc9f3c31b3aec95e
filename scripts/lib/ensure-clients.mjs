// Generates the sample Prisma clients into prisma/generated/ when something they are made from has changed.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withFileLock } from './file-lock.mjs'
import { repositoryRoot } from './repository-root.mjs'
import { runProgram } from './run-program.mjs'
import { clientVariants, schemaFor } from './schema-variants.mjs'

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
    say(`sample clients: generating ${clientVariants.length}`)
    const source = readFileSync(join(root, 'prisma', 'schema.prisma'), 'utf8')
    await Promise.all(clientVariants.map((variant) => generate(root, folder, source, variant)))
    writeFileSync(join(folder, 'inputs.sha256'), inputs)
    return 'generated'
  })
}

async function generate(root, folder, source, variant) {
  const schema = join(folder, `${variant.name}.prisma`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(schema, schemaFor(source, variant, `./${variant.name}`))
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
    clientVariants.every(({ name }) => existsSync(join(folder, name, 'client.ts')))
  )
}

function hashOfInputs(root) {
  const hash = createHash('sha256')
  for (const file of [
    'prisma/schema.prisma',
    'scripts/lib/schema-variants.mjs',
    'node_modules/prisma/package.json',
    'node_modules/@prisma/client/package.json',
  ]) {
    hash.update(`${file}\0`).update(readFileSync(join(root, file))).update('\0')
  }
  return hash.digest('hex')
}
