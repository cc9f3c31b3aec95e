// The demo as a whole, on a small shop.

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Cache } from '@larder/core'
import { expect, it } from 'vitest'
import { repositoryRoot } from '../../scripts/lib/repository-root.mjs'
import { cacheWith, LateFiller } from './broken-cache.ts'
import { parseOptions } from './options.mjs'
import { type DemoResult, demoReport, verdict } from './report/demo-report.ts'
import { DemoSteps } from './report/demo-steps.ts'
import { runDemo } from './run-demo.ts'

const small = ['--requests=300', '--scale=0.05', '--writes=0.1']
/** Each test boots its own PGlite, which on a busy machine alone takes seconds. */
const patience = { timeout: 180_000 }

function run(args: readonly string[], cache?: () => Cache): Promise<DemoResult> {
  const steps = new DemoSteps({ screen: { write: () => true }, done: 0, total: 5 })
  const signal = new AbortController().signal
  return runDemo({ ...parseOptions([...small, ...args]), steps, signal, warmUp: 10, ...(cache && { cache }) })
}

it('serves hits, saves statements and finds no stale read', patience, async () => {
  const result = await run([])
  const { without, with: larder } = result
  expect(without).toMatchObject({ staleReads: 0, stats: undefined })
  expect(larder).toMatchObject({ staleReads: 0, reads: without.reads, writes: without.writes })
  expect(larder.writes).toBeGreaterThan(0)
  expect(larder.stats?.hitRate).toBeGreaterThan(0.05)
  expect(larder.stats?.faults).toBe(0)
  expect(larder.statements).toBeLessThan(without.statements)
  expect(verdict(result, undefined).passed).toBe(true)
  expect(demoReport(result)).toContain('product page')
})

it('finds stale reads when the stamps are taken after the query (H01)', patience, async () => {
  const result = await run(['--break=stamps-late'])
  expect(result.without.staleReads).toBe(0)
  expect(result.with.staleReads).toBeGreaterThan(0)
  expect(verdict(result, 'stamps-late').passed).toBe(true)
  expect(verdict(result, undefined).passed).toBe(false)
})

it('finds no stale read when storing is late but the stamps are from before the query (H01)', patience, async () => {
  const { with: larder } = await run([], () =>
    cacheWith((options, authority) => new LateFiller(options, authority, 20)),
  )
  expect(larder.staleReads).toBe(0)
  expect(larder.stats?.hits).toBeGreaterThan(0)
})

it('stops where it is when it is told to', patience, async () => {
  const stop = new AbortController()
  const steps = new DemoSteps({
    screen: { write: (text) => text.includes('rows') && stop.abort(new Error('enough')) },
    done: 0,
    total: 5,
  })
  await expect(runDemo({ ...parseOptions(small), steps, signal: stop.signal })).rejects.toThrow('enough')
})

it('runs as a command', patience, async () => {
  const { code, output } = await command([...small, '--skip-setup'])
  expect(output).toMatch(/^\[1\/8\] Node: \d\d/m)
  expect(output).toMatch(/^\[8\/8\] with Larder: .*300 requests in/m)
  expect(output).toMatch(/^stale reads +0 +0$/m)
  expect(output).toContain('No stale read:')
  expect(code).toBe(0)
})

it('ends with code 2 for an option that it cannot use, before it does anything', async () => {
  const { code, output } = await command(['--writes=7'])
  expect(output).toBe(
    "--writes has to be a share from 0 to 1, such as 0.03, not '7'\nnpm run demo -- --help explains the options.\n",
  )
  expect(code).toBe(2)
})

function command(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [join(repositoryRoot, 'scripts', 'run-demo.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}
