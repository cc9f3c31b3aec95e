/** The process behind `npm run demo`, after packages and clients are there; see scripts/run-demo.mjs. */

import { parseOptions } from './options.mjs'
import { demoReport, verdict } from './report/demo-report.ts'
import { DemoSteps } from './report/demo-steps.ts'
import { runDemo } from './run-demo.ts'

/** Steps of scripts/run-demo.mjs before this. */
const stepsBefore = 3

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) return
    process.stdout.write('\nstopping, and removing the database of the demo ...\n')
    stop.abort(new Error(`ended by ${signal}`))
  })
}
// `npm run demo | head` closes the pipe early; the database is to be removed all the same.
process.stdout.on('error', (error) => stop.abort(error))

const options = parseOptions(process.argv.slice(2))
try {
  const steps = new DemoSteps({ screen: process.stdout, done: stepsBefore, total: stepsBefore + 5 })
  const result = await runDemo({ ...options, steps, signal: stop.signal })
  const { passed, text } = verdict(result, options.break)
  process.stdout.write(`\n${demoReport(result)}\n\n${text}\n`)
  process.exitCode = passed ? 0 : 1
} catch (error) {
  console.error(stop.signal.aborted ? 'stopped' : error instanceof Error ? error.message : error)
  // At once: connections of work that was broken off would keep the process alive.
  process.exit(stop.signal.aborted ? 130 : 1)
}
