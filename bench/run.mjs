/** Bundles the benchmarks (tsx would wrap every function to keep its name, which costs what is measured) and runs them. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const out = new URL('../node_modules/.cache/larder/bench/', import.meta.url)
rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })
const entry = new URL('run.mjs', out).pathname
await build({
  entryPoints: [new URL('src/run.ts', import.meta.url).pathname],
  outfile: entry,
  bundle: true,
  splitting: false,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  conditions: ['larder-source'],
  // Workspace packages from their sources, everything else as installed.
  plugins: [
    {
      name: 'files find their neighbours',
      setup: ({ onLoad }) =>
        onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => ({
          contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
          loader: path.endsWith('.ts') ? 'ts' : 'js',
        })),
    },
    {
      name: 'external packages',
      setup: ({ onResolve }) =>
        onResolve({ filter: /^[^./]/ }, ({ path }) =>
          path.startsWith('@larder/') ? undefined : { path, external: true },
        ),
    },
  ],
  logLevel: 'error',
})
const { status } = spawnSync(process.execPath, ['--expose-gc', entry, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, NODE_ENV: 'production' },
})
process.exit(status ?? 1)
