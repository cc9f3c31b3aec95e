// Finds installed server programs: on the PATH and where packages put what is not on it.

import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Folders in which `*` stands for any name; the newest version of each comes first. */
const packageFolders: readonly string[] = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/opt/homebrew/opt/postgresql@*/bin',
  '/usr/local/opt/postgresql@*/bin',
  '/Library/PostgreSQL/*/bin',
  '/opt/homebrew/bin',
  '/usr/local/bin',
  '/usr/local/sbin',
  '/usr/sbin',
  '/usr/libexec',
]

/**
 * The path of the first of these programs that is installed, or undefined. Links are left as they are: some programs
 * look at the name under which they were called.
 */
export function findProgram(names: readonly string[], path = process.env['PATH'] ?? ''): string | undefined {
  for (const folder of [...path.split(delimiter).filter(Boolean), ...packageFolders.flatMap(expand)]) {
    for (const name of names) {
      const program = executable(join(folder, name))
      if (program !== undefined) return program
    }
  }
  return undefined
}

function expand(pattern: string): string[] {
  const [before, after] = pattern.split('*')
  if (before === undefined || after === undefined) return [pattern]
  const slash = before.lastIndexOf('/') + 1
  const parent = before.slice(0, slash)
  const prefix = before.slice(slash)
  try {
    return readdirSync(parent)
      .filter((name) => name.startsWith(prefix))
      .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
      .map((name) => join(parent, name + after))
  } catch {
    return []
  }
}

function executable(file: string): string | undefined {
  try {
    accessSync(file, constants.X_OK)
    return file
  } catch {
    return undefined
  }
}
