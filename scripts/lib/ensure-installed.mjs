// Installs the packages of the lock file when they are missing or older than it.

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from './repository-root.mjs'
import { runProgram } from './run-program.mjs'

/** The oldest Node that Larder supports, as in the `engines` of package.json. */
const oldestNode = [20, 19]

/**
 * @param {string} [version] default: of this process
 * @returns {string} the version, for a line of progress
 * @throws {Error} when this Node is too old for Larder
 */
export function checkNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor, oldestMinor] = oldestNode
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    throw new Error(`Larder needs Node ${oldestNode.join('.')} or newer, and this is Node ${version}`)
  }
  return version
}

/**
 * `npm ci`, unless node_modules is at least as new as package-lock.json.
 *
 * @param {{ root?: string }} [options]
 * @returns {Promise<'up to date' | 'installed'>}
 * @throws {Error} with npm's output when the installation fails
 */
export async function ensureInstalled({ root = repositoryRoot } = {}) {
  if (isInstalled(root)) return 'up to date'
  // npm names its own script when it started this process; `npm` alone is not a program on Windows.
  const npm = process.env.npm_execpath
  if (npm?.endsWith('.js')) await runProgram(process.execPath, [npm, 'ci'], { cwd: root })
  else await runProgram('npm', ['ci'], { cwd: root })
  return 'installed'
}

function isInstalled(root) {
  // npm writes this file last, so a broken-off installation does not count.
  const installed = modifiedAt(join(root, 'node_modules', '.package-lock.json'))
  const locked = modifiedAt(join(root, 'package-lock.json'))
  return installed !== undefined && locked !== undefined && installed >= locked
}

function modifiedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs
}
