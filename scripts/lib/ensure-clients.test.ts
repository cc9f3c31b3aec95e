// Sample clients are generated when something they are made from has changed, and only then.

import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ensureClients } from './ensure-clients.mjs'
import { repositoryRoot } from './repository-root.mjs'
import { clientVariants } from './schema-variants.mjs'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'larder_test_'))
  for (const part of ['prisma/schema.prisma', 'examples/demo/chinook.prisma', 'scripts/lib']) {
    cpSync(join(repositoryRoot, part), join(root, part), { recursive: true })
  }
  symlinkSync(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'))
})
afterEach(() => rmSync(root, { recursive: true }))

it('generates all clients once for several callers, and afterwards only what has changed or is missing', async () => {
  const said: string[] = []
  const say = (line: string) => void said.push(line)
  const results = await Promise.all([ensureClients({ root, say }), ensureClients({ root, say })])
  expect(results.toSorted()).toEqual(['generated', 'up to date'])
  expect(said).toHaveLength(1)
  for (const { name } of clientVariants) expect(existsSync(client(name)), name).toBe(true)
  expect(readFileSync(client('mysql').replace('client.ts', 'internal/class.ts'), 'utf8')).toContain('"mysql"')
  expect(await ensureClients({ root, say })).toBe('up to date')

  appendFileSync(join(root, 'examples', 'demo', 'chinook.prisma'), '\nmodel Extra {\n  id Int @id\n}\n')
  rmSync(client('sqlite'))
  expect(await ensureClients({ root, say })).toBe('generated')
  expect(said.slice(1)).toEqual(['sample clients: generating sqlite, chinook'])
  expect(readFileSync(client('chinook'), 'utf8')).toContain('Extra')
  expect(existsSync(client('sqlite'))).toBe(true)
  expect(await ensureClients({ root, say })).toBe('up to date')
})

it('shows what Prisma says about a wrong schema', async () => {
  appendFileSync(join(root, 'prisma', 'schema.prisma'), '\nmodel Extra {\n  id Nonsense @id\n}\n')
  await expect(ensureClients({ root })).rejects.toThrow('Nonsense')
})

function client(name: string): string {
  return join(root, 'prisma', 'generated', name, 'client.ts')
}
