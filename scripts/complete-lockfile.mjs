// Adds the builds for other platforms that npm left out of package-lock.json; `--check` only says which are missing.
// A registry that offers only some platforms makes `npm install` drop the others, and then `npm ci` refuses the lock file
// everywhere (npm/cli#9846). Run it after each change of dependencies; what it adds has no integrity, npm fills that in.
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(file, 'utf8'))

const OS = { android: 'android', darwin: 'darwin', freebsd: 'freebsd', linux: 'linux', openharmony: 'openharmony' }
Object.assign(OS, { win32: 'win32', windows: 'win32' })
const CPU = { arm: 'arm', arm64: 'arm64', ia32: 'ia32', ppc64: 'ppc64', riscv64: 'riscv64', s390x: 's390x' }
Object.assign(CPU, { x64: 'x64', 64: 'x64' })
const LIBC = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' }

const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {}, dev }]) =>
  Object.entries(optionalDependencies)
    .filter(([name]) => !isLocked(path, name))
    .map(([name, version]) => ({ name, version, dev })),
)

if (process.argv.includes('--check')) {
  for (const { name, version } of missing) console.error(`${name}@${version} is not in package-lock.json`)
  if (missing.length > 0) {
    console.error('npm ci would refuse it: run `node scripts/complete-lockfile.mjs`')
    process.exitCode = 1
  }
} else {
  for (const one of missing) lock.packages[`node_modules/${one.name}`] = entryOf(one)
  const { '': project, ...rest } = lock.packages
  const sorted = Object.entries(rest).sort(([a], [b]) => a.localeCompare(b, 'en'))
  lock.packages = { '': project, ...Object.fromEntries(sorted) }
  if (missing.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
  console.log(`${missing.length} builds for other platforms added`)
}

/** npm looks beside the dependent first, then in each node_modules above it. */
function isLocked(dependent, name) {
  for (let place = dependent; ; place = place.slice(0, Math.max(0, place.lastIndexOf('/node_modules/')))) {
    if (lock.packages[`${place === '' ? '' : `${place}/`}node_modules/${name}`]) return true
    if (place === '') return false
  }
}

/** The platform is in the package's name, as in @biomejs/cli-linux-x64-musl. */
function entryOf({ name, version, dev }) {
  const parts = name.split(/[/-]/)
  const [os, cpu, libc] = [OS, CPU, LIBC].map((table) => parts.map((part) => table[part]).find(Boolean))
  if (!os || !cpu) throw new Error(`${name}@${version}: its name does not tell its platform; add it by hand`)
  if (!/^\d/.test(version)) throw new Error(`${name}@${version}: not one exact version; add it by hand`)
  return {
    version,
    cpu: [cpu],
    ...(dev && { dev }),
    ...(os === 'linux' && libc && { libc: [libc] }),
    optional: true,
    os: [os],
  }
}
