/** Generates Prisma clients from schemas of the tests, into a folder that ignores itself and that no tsconfig includes. */

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'

export const generatedFolder = new URL('../generated/', import.meta.url)

const prismaCommand = createRequire(import.meta.url).resolve('prisma/build/index.js')

/**
 * Writes the client to `<name>/client` in {@link generatedFolder}, unless it is there already for the same schema. The schema must not
 * have a generator block; `generator` holds its settings, one per line.
 */
export async function generateClient(name: string, generator: string, schema: string): Promise<URL> {
  const folder = new URL(`${name}/`, generatedFolder)
  const text = `generator client {\n${generator}\n  output = "./client"\n}\n\n${schema}`
  const stamp = new URL('stamp', folder)
  const wanted = createHash('sha256').update(text).update(prismaVersion()).digest('hex')
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return folder
  await mkdir(folder, { recursive: true })
  await writeFile(new URL('.gitignore', generatedFolder), '*\n')
  await writeFile(new URL('schema.prisma', folder), text)
  await promisify(execFile)(process.execPath, [prismaCommand, 'generate', '--schema', 'schema.prisma'], {
    cwd: folder,
    // Generating needs no schema engine, but the command downloads one unless it is told where one is.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1' },
  })
  await writeFile(stamp, wanted)
  return folder
}

/** A fixture's text without its generator block. */
export async function fixtureSchema(name: string): Promise<string> {
  const text = await readFile(new URL(`fixtures/${name}.prisma`, import.meta.url), 'utf8')
  return text.replace(/^generator client \{[^}]*\}\n/m, '')
}

function prismaVersion(): string {
  return createRequire(import.meta.url)('prisma/package.json').version
}
