/** The result of the demo as text. */

import type { CacheStats } from '@larder/core'
import type { Latencies } from '../workload/run-requests.ts'
import { percentile } from './percentile.ts'
import { textBars, textTable } from './text-table.ts'

/** What one run of the workload was measured to do. */
export interface RunResult {
  readonly seconds: number
  readonly latencies: Latencies
  readonly reads: number
  readonly writes: number
  readonly staleReads: number
  /** The first ones, in words. */
  readonly staleExamples: readonly string[]
  /** Statements that reached the database. */
  readonly statements: number
  /** Undefined without Larder. */
  readonly stats: CacheStats | undefined
}

export interface DemoResult {
  readonly without: RunResult
  readonly with: RunResult
}

export function demoReport({ without, with: larder }: DemoResult): string {
  return [summary(without, larder), pages(without, larder), statements(without, larder), remarks(larder)].join('\n\n')
}

function summary(without: RunResult, larder: RunResult): string {
  const both = (name: string, value: (run: RunResult) => string, change = ''): string[] => [
    name,
    value(without),
    value(larder),
    change,
  ]
  const [before, after] = [perSecond(without), perSecond(larder)]
  return textTable([
    ['', 'without Larder', 'with Larder', ''],
    undefined,
    both('requests', (run) => count(all(run.latencies).length)),
    both('queries through Prisma', ({ reads }) => count(reads)),
    both('writes through Prisma', ({ writes }) => count(writes)),
    both('hit rate', ({ stats }) => (stats === undefined ? '-' : percent(stats.hitRate))),
    both(
      'statements in the database',
      (run) => count(run.statements),
      `${percent(1 - larder.statements / without.statements)} saved`,
    ),
    both('requests per second', (run) => count(Math.round(perSecond(run))), `${(after / before).toFixed(1)} x`),
    both('p50 of a request', (run) => milliseconds(percentile(all(run.latencies), 0.5))),
    both('p99 of a request', (run) => milliseconds(percentile(all(run.latencies), 0.99))),
    both('stale reads', ({ staleReads }) => count(staleReads)),
  ])
}

function pages(without: RunResult, larder: RunResult): string {
  const names = [...without.latencies.keys()].sort(
    (left, right) => (without.latencies.get(right)?.length ?? 0) - (without.latencies.get(left)?.length ?? 0),
  )
  return textTable([
    ['', 'requests', 'p50 without', 'with', 'p99 without', 'with'],
    undefined,
    ...names.map((name) => {
      const before = without.latencies.get(name) ?? []
      const after = larder.latencies.get(name) ?? []
      return [
        name,
        count(before.length),
        milliseconds(percentile(before, 0.5)),
        milliseconds(percentile(after, 0.5)),
        milliseconds(percentile(before, 0.99)),
        milliseconds(percentile(after, 0.99)),
      ]
    }),
  ])
}

function statements(without: RunResult, larder: RunResult): string {
  const bar = (label: string, run: RunResult) => ({ label, value: run.statements, text: count(run.statements) })
  return `statements in the database\n${textBars([bar('without', without), bar('with', larder)])}`
}

function remarks({ stats }: RunResult): string {
  const lines: string[] = []
  if (stats !== undefined) {
    const { hits, misses, shared, bypasses, bypassReasons } = stats
    lines.push(
      `queries: ${count(hits)} hits, ${count(misses)} misses (${count(shared)} of them shared another's statement)`,
    )
    const reasons = Object.entries(bypassReasons).map(([reason, times]) => `${reason} ${count(times ?? 0)}`)
    lines.push(`bypasses: ${count(bypasses)}${reasons.length === 0 ? '' : ` (${reasons.join(', ')})`}`)
  }
  return lines.join('\n')
}

/** The last words, after a correct run and after one with a defence taken away. */
export function verdict(
  { without, with: larder }: DemoResult,
  broken: string | undefined,
): { passed: boolean; text: string } {
  const examples = [...without.staleExamples, ...larder.staleExamples].map((example) => `  ${example}`).join('\n')
  const stale = without.staleReads + larder.staleReads
  if (without.staleReads > 0) {
    return { passed: false, text: `Stale reads WITHOUT Larder: the demo itself is wrong.\n${examples}` }
  }
  if (broken === undefined) {
    if (stale > 0) return { passed: false, text: `${count(stale)} reads WERE STALE, for example:\n${examples}` }
    return {
      passed: true,
      text: `No stale read: each of ${count(larder.reads)} results was at least as new as the last write acknowledged before it was asked for.`,
    }
  }
  if (stale === 0) {
    return { passed: false, text: `--break=${broken} produced no stale read: try more --requests or --writes.` }
  }
  return {
    passed: true,
    text: `--break=${broken}: ${count(stale)} stale reads were found, as they should be. For example:\n${examples}`,
  }
}

function all(latencies: Latencies): readonly number[] {
  return [...latencies.values()].flat()
}

function perSecond(run: RunResult): number {
  return all(run.latencies).length / run.seconds
}

function count(value: number): string {
  return value.toLocaleString('en')
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(1)} ms`
}
