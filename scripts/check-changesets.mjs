// Gate `changesets`: each pending changeset names published packages and a kind of release, so that releasing cannot fail on it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packages, root } from './check-workspaces.mjs'

const RELEASE = /^["']?([^"':]+)["']?: (major|minor|patch)$/
const names = new Set(packages().map(({ manifest }) => manifest.name))
const directory = join(root, '.changeset')
const files = readdirSync(directory).filter((file) => file.endsWith('.md') && file !== 'README.md')
const problems = files.flatMap((file) => problemsOf(file, readFileSync(join(directory, file), 'utf8')))

if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exitCode = 1
}

function problemsOf(file, text) {
  const [, releases, summary] = text.match(/^---\n([\s\S]*?)---\n([\s\S]*)$/) ?? []
  if (releases === undefined) return [`${file}: does not start with a block between two lines of ---`]
  if (summary.trim() === '') return [`${file}: has no summary; it becomes the line in the changelog`]
  const lines = releases.split('\n').filter((line) => line.trim() !== '')
  return lines.flatMap((line) => {
    const [, name] = line.match(RELEASE) ?? []
    if (name === undefined) return [`${file}: "${line}" is not of the form 'package': major | minor | patch`]
    return names.has(name) ? [] : [`${file}: ${name} is no published package of this repository`]
  })
}
