// Server programs are found on the PATH first.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { findProgram } from './find-program.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'larder_test_'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('finds the first of several names in the first folder that has one', () => {
  for (const name of ['larder-b', 'larder-c']) {
    writeFileSync(join(folder, name), '')
    chmodSync(join(folder, name), 0o755)
  }
  expect(findProgram(['larder-a', 'larder-b', 'larder-c'], `/nowhere:${folder}`)).toBe(join(folder, 'larder-b'))
})

it('does not take a file that cannot be executed', () => {
  writeFileSync(join(folder, 'larder-a'), '', { mode: 0o644 })
  expect(findProgram(['larder-a'], folder)).toBeUndefined()
})
