// The folder of the repository, wherever the command was started from.

import { fileURLToPath } from 'node:url'

/** Absolute path, without a slash at its end. */
export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')
