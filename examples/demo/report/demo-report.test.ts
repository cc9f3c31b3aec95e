// What the demo says about a run, and whether it has passed.

import { expect, it } from 'vitest'
import { demoReport, type RunResult, verdict } from './demo-report.ts'
import { DemoSteps } from './demo-steps.ts'
import { percentile } from './percentile.ts'
import { textBars, textTable } from './text-table.ts'

function run(changes: Partial<RunResult>): RunResult {
  return {
    seconds: 2,
    latencies: new Map([['home page', [1, 2, 30]]]),
    reads: 12,
    writes: 0,
    staleReads: 0,
    staleExamples: [],
    statements: 40,
    stats: undefined,
    ...changes,
  }
}

it('passes only without stale reads, and with a defence taken away only with some', () => {
  const clean = run({})
  const stale = run({ staleReads: 3, staleExamples: ['Product 1 had been deleted'] })
  expect(verdict({ without: clean, with: clean }, undefined).passed).toBe(true)
  expect(verdict({ without: clean, with: stale }, undefined)).toMatchObject({
    passed: false,
    text: expect.stringContaining('3 reads WERE STALE, for example:\n  Product 1 had been deleted'),
  })
  expect(verdict({ without: clean, with: stale }, 'stamps-late').passed).toBe(true)
  expect(verdict({ without: clean, with: clean }, 'stamps-late').passed).toBe(false)
  expect(verdict({ without: stale, with: stale }, 'stamps-late').passed).toBe(false)
})

it('shows both runs beside each other', () => {
  const text = demoReport({ without: run({}), with: run({ seconds: 1, statements: 10 }) })
  expect(text).toMatch(/^statements in the database +40 +10 +75\.0 % saved$/m)
  expect(text).toMatch(/^requests per second +2 +3 +2\.0 x$/m)
  expect(text).toMatch(/^home page +3 +2\.00 ms +2\.00 ms +30\.0 ms +30\.0 ms$/m)
  expect(text).toMatch(/^without +#{50} 40\nwith +#{13} 10$/m)
})

it('takes percentiles from the values themselves', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(percentile(values, 0.5)).toBe(50)
  expect(percentile(values, 0.99)).toBe(99)
  expect(percentile([7], 0.99)).toBe(7)
  expect(percentile([], 0.5)).toBeNaN()
})

it('aligns tables and bars', () => {
  expect(textTable([['name', 'n'], undefined, ['a', '100']])).toBe('name    n\n----  ---\na     100')
  expect(
    textBars(
      [
        { label: 'a', value: 0, text: '0' },
        { label: 'bb', value: 2, text: '2' },
      ],
      4,
    ),
  ).toBe('a    0\nbb  #### 2')
})

it('draws no moving line where there is no terminal', async () => {
  let [plain, terminal] = ['', '']
  const work = async (progress: (share: number) => void): Promise<string> => {
    for (const share of [0.1, 0.3, 0.6, 1]) progress(share)
    return 'ready'
  }
  const screens = [
    { write: (text: string) => (plain += text) },
    { write: (text: string) => (terminal += text), isTTY: true },
  ]
  for (const screen of screens) await new DemoSteps({ screen, done: 3, total: 8 }).step('rows', work, String)
  expect(plain).toBe('[4/8] rows: 25 % ... 50 % ... ready\n')
  expect(terminal).toMatch(/\r\u001b\[K\[4\/8\] rows: \[#+\.+\] +10 % .*\r\u001b\[K\[4\/8\] rows: ready\n$/s)
})
