// `npm run demo`: everything a fresh clone needs, then the demo. `npm run demo -- --help` lists its options.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { DemoOptionError, help, parseOptions } from '../examples/demo/options.mjs'
import { ensureClients } from './lib/ensure-clients.mjs'
import { checkNode, ensureInstalled } from './lib/ensure-installed.mjs'
import { progressOf } from './lib/progress.mjs'

const args = process.argv.slice(2)
const options = readOptions()
if (options.help) {
  console.log(help)
  process.exit(0)
}

// The demo itself continues the numbering.
const progress = progressOf(8)
try {
  await progress.step('Node', () => checkNode())
  await progress.step('packages', () => (options.skipSetup ? 'as they are' : ensureInstalled()))
  await progress.step('sample Prisma clients', () => (options.skipSetup ? 'as they are' : ensureClients()))
} catch (error) {
  console.error(error.message)
  process.exit(1)
}

const demo = spawn(
  process.execPath,
  [
    '--conditions=larder-source',
    `--import=${import.meta.resolve('tsx')}`,
    fileURLToPath(new URL('../examples/demo/main.ts', import.meta.url)),
    ...args,
  ],
  { stdio: 'inherit' },
)
// The demo has a database to drop first. A terminal sends Ctrl-C to both; a second one changes nothing.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => demo.kill(signal))
demo.once('exit', (code) => process.exit(code ?? 1))

function readOptions() {
  try {
    return parseOptions(args)
  } catch (error) {
    if (!(error instanceof DemoOptionError)) throw error
    console.error(`${error.message}\nnpm run demo -- --help explains the options.`)
    process.exit(2)
  }
}
