// One line per step.

import { expect, it } from 'vitest'
import { progressOf } from './progress.mjs'

it('numbers the steps and ends each line with the result', async () => {
  let printed = ''
  const progress = progressOf(3, (text) => {
    printed += text
  })
  expect(await progress.step('one', () => 'up to date')).toBe('up to date')
  await progress.step('two', async () => 2)
  progress.hand('three')
  expect(printed).toBe('[1/3] one: up to date\n[2/3] two: done\n[3/3] three\n')
})

it('ends the line of a step that fails', async () => {
  let printed = ''
  const progress = progressOf(1, (text) => {
    printed += text
  })
  await expect(progress.step('one', () => Promise.reject(new Error('on purpose')))).rejects.toThrow('on purpose')
  expect(printed).toBe('[1/1] one: failed\n')
})
