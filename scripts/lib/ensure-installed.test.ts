// Packages are installed when they are missing or older than the lock file, and only then.

import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { checkNode, ensureInstalled } from './ensure-installed.mjs'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'larder_test_'))
  touch('package-lock.json', 1_000)
  npm(`require('node:fs').writeFileSync('called', process.argv.slice(2).join(' '))`)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(root, { recursive: true })
})

it('installs exactly the lock file when node_modules is missing', async () => {
  expect(await ensureInstalled({ root })).toBe('installed')
  expect(existsSync(join(root, 'called'))).toBe(true)
})

it('installs again when the lock file is newer', async () => {
  touch('node_modules/.package-lock.json', 999)
  expect(await ensureInstalled({ root })).toBe('installed')
})

it('installs again when an installation was broken off', async () => {
  mkdirSync(join(root, 'node_modules'))
  expect(await ensureInstalled({ root })).toBe('installed')
})

it('does nothing when node_modules is as new as the lock file', async () => {
  touch('node_modules/.package-lock.json', 1_000)
  expect(await ensureInstalled({ root })).toBe('up to date')
  expect(existsSync(join(root, 'called'))).toBe(false)
})

it('shows what npm said when it failed', async () => {
  npm(`console.error('no such registry'); process.exit(1)`)
  await expect(ensureInstalled({ root })).rejects.toThrow('no such registry')
})

it('names the Node that it needs', () => {
  expect(checkNode('20.19.0')).toBe('20.19.0')
  expect(checkNode('22.0.0')).toBe('22.0.0')
  expect(() => checkNode('20.18.3')).toThrow('Larder needs Node 20.19 or newer, and this is Node 20.18.3')
  expect(() => checkNode('18.20.1')).toThrow('20.19')
})

/** Stands in for npm. */
function npm(script: string): void {
  writeFileSync(join(root, 'npm.js'), script)
  vi.stubEnv('npm_execpath', join(root, 'npm.js'))
}

function touch(name: string, seconds: number): void {
  const file = join(root, name)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, '')
  utimesSync(file, seconds, seconds)
}
