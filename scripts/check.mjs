// `npm run check`: every gate of the repository behind one command. `npm run check -- types lint` runs some of them.
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { delimiter, join } from 'node:path'
import { packages, root } from './check-workspaces.mjs'
import { ensureInstalled } from './lib/ensure-installed.mjs'

// `after` names gates that must have passed; they stand above. A gate with much to wait for or to do stands early.
const gates = [
  { name: 'clients', run: 'node scripts/check-clients.mjs' },
  { name: 'build', run: 'turbo run build --ui=stream --output-logs=errors-only' },
  { name: 'types', run: 'tsc --noEmit -p tsconfig.json', after: ['clients'] },
  { name: 'types-5.9', run: 'node node_modules/typescript-5/lib/tsc.js --noEmit -p tsconfig.json', after: ['clients'] },
  { name: 'declarations', run: 'node scripts/check-declarations.mjs', after: ['build'] },
  ...packages().flatMap(({ directory, short }) => [
    { name: `publint ${short}`, run: `publint ${directory} --strict --pack npm`, after: ['build'] },
    { name: `attw ${short}`, run: `attw --pack ${directory} --profile esm-only --format ascii`, after: ['build'] },
  ]),
  { name: 'docs', run: 'node scripts/check-docs.mjs', after: ['clients'] },
  { name: 'knip', run: 'knip --no-progress --no-config-hints', after: ['clients'] },
  { name: 'lint', run: 'biome check . --error-on-warnings --max-diagnostics=50' },
  { name: 'size', run: 'node scripts/check-size.mjs' },
  { name: 'lockfile', run: 'node scripts/complete-lockfile.mjs --check' },
  { name: 'engines', run: 'node scripts/check-engines.mjs' },
  { name: 'paths', run: 'node scripts/check-paths.mjs' },
  { name: 'changesets', run: 'node scripts/check-changesets.mjs' },
]

const GATE_TIMEOUT_MS = 300_000
const environment = {
  ...process.env,
  PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`,
  TURBO_TELEMETRY_DISABLED: '1',
}

let free = Math.max(2, Math.min(4, availableParallelism()))
const queue = []
const results = new Map()
const started = performance.now()

await ensureInstalled({ say: console.log })
for (const gate of select(process.argv.slice(2))) results.set(gate.name, pass(gate))
const failures = (await Promise.all(results.values())).filter((result) => !result.ok)
for (const { name, run, output } of failures.filter((failure) => failure.output !== undefined)) {
  console.log(`\n--- ${name} failed: ${run}\n${output.trim() || '(no output)'}`)
}
console.log(`\n${results.size - failures.length} of ${results.size} checks passed in ${since(started)}`)
process.exitCode = failures.length === 0 ? 0 : 1

/** The gates named on the command line (a name or its first word) with what they wait for; all when none is named. */
function select(names) {
  const unknown = names.filter((name) => !gates.some((gate) => matches(gate, name)))
  if (unknown.length > 0)
    throw new Error(`No such check: ${unknown}. There are: ${gates.map(({ name }) => name).join(', ')}`)
  const chosen = gates.filter((gate) => names.length === 0 || names.some((name) => matches(gate, name)))
  const needed = new Set(chosen.flatMap(({ after = [] }) => after))
  return gates.filter((gate) => chosen.includes(gate) || needed.has(gate.name))
}

function matches(gate, name) {
  return gate.name === name || gate.name.startsWith(`${name} `)
}

async function pass(gate) {
  const before = await Promise.all((gate.after ?? []).map((name) => results.get(name)))
  const broken = before.find((result) => !result.ok)
  if (broken) {
    report('not run', gate.name, `${broken.name} failed`)
    return { ...gate, ok: false }
  }
  if (free === 0) await new Promise((resolve) => queue.push(resolve))
  else free -= 1
  const from = performance.now()
  const { ok, output } = await execute(gate.run)
  report(ok ? 'ok' : 'FAILED', gate.name, since(from))
  const next = queue.shift()
  if (next) next()
  else free += 1
  return { ...gate, ok, output }
}

function execute(command) {
  const [program, ...args] = command.split(' ')
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: GATE_TIMEOUT_MS,
    })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    child.on('error', (error) => resolve({ ok: false, output: `${error.message}: is node_modules complete?` }))
    child.on('close', (code, signal) => {
      if (signal) output += `\nended by ${signal} (a check may take ${GATE_TIMEOUT_MS / 1000} s)`
      resolve({ ok: code === 0, output })
    })
  })
}

function report(verdict, name, detail) {
  console.log(`${verdict.padEnd(8)} ${name.padEnd(18)} ${detail}`)
}

function since(from) {
  return `${((performance.now() - from) / 1000).toFixed(1)} s`
}
