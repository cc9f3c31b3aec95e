import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { inspectValue } from './inspect-value.ts'
import { ValueTypes } from './value-types.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const program = fileURLToPath(new URL('../../test/heap-growth.ts', import.meta.url))

describe('estimated heap size', () => {
  let measured: Record<string, { estimated: number; real: number }> = {}

  beforeAll(() => {
    const flags = ['--expose-gc', '--conditions=larder-source', '--import', 'tsx']
    measured = JSON.parse(execFileSync(process.execPath, [...flags, program], { cwd: root, encoding: 'utf8' }))
  })

  it.each([
    'one row',
    'one row in an array',
    'a row of five columns',
    'a row with bytes',
    'a row with a large blob',
    'a row with JSON',
    'a wide row',
    'a bigint row',
    '100 rows',
    '20 rows with includes',
    'a list of ids',
    'an embedding',
    'an object without prototype',
    'a sparse array',
  ])('H53 of %s is within 25 % of what the heap grows by', (kind) => {
    const { estimated, real } = measured[kind] as { estimated: number; real: number }
    expect(estimated / real).toBeGreaterThan(0.75)
    expect(estimated / real).toBeLessThan(1.25)
  })

  it.each<[unknown, number]>([
    [null, 0],
    [1, 0],
    [2 ** 31, 16],
    [-0, 16],
    ['', 16],
    ['abc', 24],
    ['é'.repeat(8), 24],
    ['→'.repeat(8), 32],
    [5n, 24],
    [2n ** 640n, 104],
  ])('of %s is %i', (value, bytes) => {
    expect(inspectValue(value, ValueTypes.builtIn)).toHaveProperty('bytes', bytes)
  })
})
