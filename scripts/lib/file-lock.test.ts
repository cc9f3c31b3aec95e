// Only one process at a time, and nobody waits for a dead one.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { withFileLock } from './file-lock.mjs'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'larder_test_'))
  file = join(folder, 'deeper', 'lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

it('lets the second in when the first is done', async () => {
  const order: string[] = []
  let finish = (): void => {}
  const first = withFileLock(file, async () => {
    order.push('first begins')
    await new Promise<void>((resolve) => {
      finish = resolve
    })
    order.push('first ends')
  })
  const second = withFileLock(file, async () => void order.push('second'))
  await new Promise(setImmediate)
  finish()
  await Promise.all([first, second])
  expect(order).toEqual(['first begins', 'first ends', 'second'])
  expect(existsSync(file)).toBe(false)
})

it('gives the lock back when the work fails', async () => {
  await expect(withFileLock(file, () => Promise.reject(new Error('on purpose')))).rejects.toThrow('on purpose')
  expect(await withFileLock(file, async () => 'in')).toBe('in')
})

it('takes over the lock of a process that is gone', async () => {
  await withFileLock(file, async () => {})
  const { pid } = spawnSync(process.execPath, ['--version'])
  writeFileSync(file, String(pid))
  expect(await withFileLock(file, async () => 'in', { patience: 10_000 })).toBe('in')
})

it('names the file when it waits in vain', async () => {
  await withFileLock(file, async () => {
    await expect(withFileLock(file, async () => {}, { patience: 0 })).rejects.toThrow(`another process holds ${file}`)
  })
})
