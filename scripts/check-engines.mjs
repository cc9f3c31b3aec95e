// Gate `engines`: every direct dependency must accept the oldest Node that Larder supports. Transitive ones need not.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { satisfies, validRange } from 'semver'
import { readManifest, root, workspaces } from './check-workspaces.mjs'

const OLDEST_NODE = '20.19.0'
const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']

// The lock file is what `npm ci` installs; unlike node_modules it is the same on every machine.
const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
const problems = []
let checked = 0

for (const { directory, manifest } of [{ directory: '.', manifest: readManifest('.') }, ...workspaces()]) {
  if (manifest.engines?.node !== undefined && !accepts(manifest.engines.node)) {
    problems.push(`${manifest.name} itself has engines.node "${manifest.engines.node}"`)
  }
  for (const kind of KINDS) {
    for (const name of Object.keys(manifest[kind] ?? {})) {
      if (kind === 'peerDependencies' && manifest.peerDependenciesMeta?.[name]?.optional) {
        if (!find(directory, name)) continue
      }
      check(directory, kind, name)
    }
  }
}

if (problems.length > 0) {
  console.error(`Not usable on Node ${OLDEST_NODE}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
  process.exitCode = 1
} else console.log(`${checked} direct dependencies accept Node ${OLDEST_NODE}`)

function check(directory, kind, name) {
  const entry = find(directory, name)
  checked += 1
  if (!entry) problems.push(`${name} (${kind} of ${directory}) is not in package-lock.json: run npm install`)
  else if (!accepts(entry.engines?.node)) {
    problems.push(
      `${name} ${entry.version} (${kind} of ${directory}) wants node ${entry.engines.node}: take an older release`,
    )
  }
}

function find(directory, name) {
  const entry = locked[`${directory}/node_modules/${name}`] ?? locked[`node_modules/${name}`]
  return entry?.link ? locked[entry.resolved] : entry
}

function accepts(range) {
  return range === undefined || validRange(range) === null || satisfies(OLDEST_NODE, range)
}
