// Gate `size`: each entry point bundled, minified and gzipped, without dependencies and peers, against size-limits.json.
// `--set` writes new limits: what was measured and a tenth more.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { entryPoints, packages, root } from './check-workspaces.mjs'

const file = new URL('size-limits.json', import.meta.url)
const limits = JSON.parse(readFileSync(file, 'utf8'))
const unused = new Set(Object.keys(limits))
const problems = []

for (const { directory, manifest } of packages()) {
  for (const [entry, source] of Object.entries(entryPoints(manifest, 'larder-source'))) {
    const name = join(manifest.name, entry)
    unused.delete(name)
    // null: an entry point that nobody ships, such as contract suites.
    if (limits[name] === null) continue
    const kilobytes = (await gzippedBytes(join(root, directory, source))) / 1000
    if (process.argv.includes('--set')) limits[name] = `${(kilobytes * 1.1).toFixed(1)} kB`
    const line = `${name}: ${kilobytes.toFixed(2)} kB gzipped, limit ${limits[name] ?? 'not set'}`
    console.log(line)
    if (!(kilobytes <= Number.parseFloat(limits[name]))) problems.push(line)
  }
}
for (const name of unused) problems.push(`${name} has a limit but is no entry point of a published package`)
if (process.argv.includes('--set')) writeFileSync(file, `${JSON.stringify(limits, null, 2)}\n`)
if (problems.length > 0) {
  console.error(`\nRaise a limit in scripts/size-limits.json only with a reason:\n${problems.join('\n')}`)
  process.exitCode = 1
}

async function gzippedBytes(entry) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // Every bare import stays outside: what is measured is what this repository adds.
    packages: 'external',
  })
  return gzipSync(outputFiles[0].contents, { level: 9 }).length
}
