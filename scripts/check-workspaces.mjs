// The workspaces of this repository, as the checks iterate over them.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Absolute path of the repository. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** Every workspace that has a package.json: its directory relative to the root, its last name part and its manifest. */
export function workspaces() {
  return readManifest('.')
    .workspaces.flatMap((pattern) => (pattern.endsWith('/*') ? childrenOf(pattern.slice(0, -2)) : [pattern]))
    .filter((directory) => existsSync(join(root, directory, 'package.json')))
    .map((directory) => ({ directory, short: directory.split('/').at(-1), manifest: readManifest(directory) }))
}

/** Workspaces that are published. */
export function packages() {
  return workspaces().filter(({ manifest }) => manifest.private !== true)
}

/** The package.json of a directory that is given relative to the root. */
export function readManifest(directory) {
  return JSON.parse(readFileSync(join(root, directory, 'package.json'), 'utf8'))
}

/** The files that `exports` names under one condition, by entry point: { '.': './src/index.ts' }. */
export function entryPoints(manifest, condition) {
  const entries = Object.entries(manifest.exports).filter(([, target]) => typeof target === 'object')
  return Object.fromEntries(entries.map(([entry, target]) => [entry, target[condition]]))
}

function childrenOf(directory) {
  if (!existsSync(join(root, directory))) return []
  const children = readdirSync(join(root, directory), { withFileTypes: true })
  return children.filter((child) => child.isDirectory()).map((child) => `${directory}/${child.name}`)
}
