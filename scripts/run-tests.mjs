// `npm test`: everything a fresh clone needs, then all tests. Arguments are passed on to vitest.

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensureClients } from './lib/ensure-clients.mjs'
import { checkNode, ensureInstalled } from './lib/ensure-installed.mjs'
import { progressOf } from './lib/progress.mjs'
import { repositoryRoot } from './lib/repository-root.mjs'

const progress = progressOf(4)
try {
  await progress.step('Node', () => checkNode())
  await progress.step('packages', () => ensureInstalled())
  await progress.step('sample Prisma clients', () => ensureClients())
} catch (error) {
  console.error(error.message)
  process.exit(1)
}

progress.hand('tests; what is skipped for want of a server is listed at the end')
// A terminal sends Ctrl-C to vitest as well, and vitest has servers to stop first.
process.on('SIGINT', () => {})
const vitest = spawn(
  process.execPath,
  [join(repositoryRoot, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...process.argv.slice(2)],
  { cwd: repositoryRoot, stdio: 'inherit' },
)
process.on('SIGTERM', () => vitest.kill('SIGTERM'))
vitest.once('exit', (code) => process.exit(code ?? 1))
