// Gate `declarations`: the built .d.ts files compile in an empty project with skipLibCheck off, on both TypeScripts.
// Without peers: a package must work for a user who has none of its optional peers, and may only miss the required ones.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { entryPoints, packages, root } from './check-workspaces.mjs'

const newest = { version: '7', tsc: join(root, 'node_modules/typescript/bin/tsc') }
const oldest = { version: '5.9', tsc: join(root, 'node_modules/typescript-5/bin/tsc') }
const published = new Map(packages().map((one) => [one.manifest.name, one]))
let failed = false

for (const one of published.values()) {
  const { manifest } = one
  const peers = Object.keys(manifest.peerDependencies ?? {})
  const required = peers.filter((peer) => !manifest.peerDependenciesMeta?.[peer]?.optional)
  const entries = Object.keys(entryPoints(manifest, 'types'))
  // What an entry point other than the main one needs is its own matter: `./testing` may want a test runner.
  check(one, 'without peers', { entries: ['.'], peers: [], mayMiss: required, compilers: [newest] })
  check(one, 'with peers', { entries, peers, mayMiss: [], compilers: [newest, oldest] })
}
if (failed) process.exitCode = 1

function check(one, title, { entries, peers, mayMiss, compilers }) {
  const project = mkdtempSync(join(tmpdir(), 'larder-declarations-'))
  try {
    install(one, project)
    for (const name of ['@types/node', ...peers]) link(name, one.directory, project)
    writeProject(
      project,
      entries.map((entry) => join(one.manifest.name, entry)),
    )
    for (const { version, tsc } of compilers) {
      const errors = compile(tsc, project)
      const missing = mayMiss.filter((peer) => errors.some((error) => isMissing(error, peer)))
      const real = errors.filter((error) => !missing.some((peer) => isMissing(error, peer)))
      const needs = missing.length > 0 ? `, needs its required peers ${missing.join(', ')}` : ''
      console.log(`${one.manifest.name} ${title}, TypeScript ${version}: ${real.length} errors${needs}`)
      for (const error of real) console.log(`  ${error}`)
      failed ||= real.length > 0
    }
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

/** Copies what is published: a link would let the compiler find this repository's node_modules from the real path. */
function install({ directory, manifest }, project) {
  const target = join(project, 'node_modules', manifest.name)
  mkdirSync(target, { recursive: true })
  cpSync(join(root, directory, 'package.json'), join(target, 'package.json'))
  cpSync(join(root, directory, 'dist'), join(target, 'dist'), { recursive: true })
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    if (published.has(name)) install(published.get(name), project)
    else link(name, directory, project)
  }
}

function link(name, directory, project) {
  const places = [join(root, directory, 'node_modules', name), join(root, 'node_modules', name)]
  const installed = places.find((place) => existsSync(place))
  if (!installed) throw new Error(`${name}, named by ${directory}/package.json, is not installed`)
  const target = join(project, 'node_modules', name)
  mkdirSync(dirname(target), { recursive: true })
  if (!existsSync(target)) symlinkSync(installed, target, 'dir')
}

function writeProject(project, modules) {
  const compilerOptions = {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    types: ['node'],
  }
  writeFileSync(join(project, 'package.json'), '{ "type": "module", "private": true }\n')
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['user.ts'] }))
  writeFileSync(join(project, 'user.ts'), modules.map((name) => `import '${name}'\n`).join(''))
}

/** Errors in this repository's own declarations; those of somebody else's package are not ours to repair. */
function compile(tsc, project) {
  const run = spawnSync(process.execPath, [tsc, '-p', '.', '--pretty', 'false'], { cwd: project, encoding: 'utf8' })
  if (run.error) throw run.error
  const errors = run.stdout.split('\n').filter((line) => /error TS\d+/.test(line))
  if (run.status !== 0 && errors.length === 0) throw new Error(`tsc: ${run.stdout}${run.stderr}`)
  return errors.filter((line) => !line.includes('node_modules/') || ownFile(line))
}

function ownFile(line) {
  return [...published.keys()].some((name) => line.startsWith(`node_modules/${name}/`))
}

function isMissing(error, peer) {
  return error.includes(`'${peer}'`) || error.includes(`'${peer}/`)
}
