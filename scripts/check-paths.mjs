// Gate `paths`: tracked files hold no path of somebody's machine, and the lock file no address of a registry.
import { spawnSync } from 'node:child_process'
import { root } from './check-workspaces.mjs'

// Bracketed letters keep this file from finding itself.
const MACHINE_PATH = `(^|[^A-Za-z0-9_.~-])/([w]ork|[r]oot|[h]ome/[a-z0-9_-]+|[U]sers/[A-Za-z]+|[t]mp/bash_jobs)([]/"'\`),;. ]|$)`
const REGISTRY = '"resolved": *"https?:|[r]egistry\\.(npmjs|yarnpkg)\\.(org|com)|[d]eb\\.debian\\.org'

const found = [...grep(MACHINE_PATH), ...grep(REGISTRY)]
if (found.length > 0) {
  console.error(`Paths of a machine or addresses of a registry in the repository:\n${found.join('\n')}`)
  process.exitCode = 1
}

/** Lines of files that are tracked or about to be. */
function grep(pattern) {
  const result = spawnSync('git', ['grep', '--untracked', '-nIE', pattern, '--', '.'], { cwd: root, encoding: 'utf8' })
  // git grep: 0 found, 1 nothing found, anything else did not run.
  if (result.error || result.status > 1) throw result.error ?? new Error(`git grep failed: ${result.stderr}`)
  return result.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.slice(0, 200))
}
