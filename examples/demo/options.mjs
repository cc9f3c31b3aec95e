// What `npm run demo -- ...` understands. Plain JavaScript: it is read before anything is installed.

import { statSync } from 'node:fs'
import { parseArgs } from 'node:util'

/** What `--help` prints. */
export const help = `npm run demo -- [options]

Runs the same page views of a shop through Prisma, without and with Larder, and compares them.
Without options everything happens in this process, on an embedded PostgreSQL (PGlite).

  --requests <n>         page views and writes per run (default 2000)
  --clients <n>          how many are in flight at once (default 8)
  --writes <share>       share of the requests that write, 0 to 1 (default 0.03)
  --seed <n>             another sequence of requests, other rows (default 1)
  --scale <x>            size of the generated shop; 1 is about 50,000 rows (default 1)
  --database-url <url>   a PostgreSQL server: the demo creates a database larder_demo_<random> there and drops it
  --dataset <file>       real rows instead of the shop: a .sql or .sql.gz file; the schema of Chinook is known
  --break=stamps-late    takes one defence away (stamps are taken after the query) to show that stale reads are found
  --skip-setup           uses packages and generated clients as they are
  --help                 this text

It ends with code 0 when no read was stale, 1 when one was or the demo failed, 2 for options it cannot use;
with --break it ends with 0 when stale reads were found, and with 1 when none was.`

/** An option that cannot be used; the message says what to change. */
export class DemoOptionError extends Error {
  name = 'DemoOptionError'
}

const known = /** @type {const} */ ({
  requests: { type: 'string', default: '2000' },
  clients: { type: 'string', default: '8' },
  writes: { type: 'string', default: '0.03' },
  seed: { type: 'string', default: '1' },
  scale: { type: 'string' },
  'database-url': { type: 'string' },
  dataset: { type: 'string' },
  break: { type: 'string' },
  'skip-setup': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
})

/**
 * @param {readonly string[]} args of the command line, without the program
 * @returns {import('./options.mjs').DemoOptions}
 * @throws {DemoOptionError}
 */
export function parseOptions(args) {
  const { values } = parsed(args)
  const dataset = values.dataset
  if (dataset !== undefined && values.scale !== undefined) {
    throw new DemoOptionError('--scale sizes the generated shop; leave it out with --dataset')
  }
  if (dataset !== undefined && !statSync(dataset, { throwIfNoEntry: false })?.isFile()) {
    throw new DemoOptionError(`--dataset: there is no file ${dataset}`)
  }
  return {
    requests: wholeNumber('--requests', values.requests, 1, 10_000_000),
    clients: wholeNumber('--clients', values.clients, 1, 1_000),
    writes: number('--writes', values.writes, (share) => share >= 0 && share <= 1, 'a share from 0 to 1, such as 0.03'),
    seed: wholeNumber('--seed', values.seed, 0, 2 ** 32 - 1),
    scale: number('--scale', values.scale ?? '1', (scale) => scale >= 0.01 && scale <= 100, 'from 0.01 to 100'),
    databaseUrl: databaseUrl(values['database-url']),
    dataset,
    break: choice('--break', values.break, ['stamps-late']),
    skipSetup: values['skip-setup'],
    help: values.help,
  }
}

function parsed(args) {
  try {
    return parseArgs({ args: [...args], options: known, strict: true, allowPositionals: false })
  } catch (error) {
    const options = Object.keys(known).map((name) => `--${name}`)
    throw new DemoOptionError(`${error.message.split('. ')[0]}. Known: ${options.join(', ')}`)
  }
}

function number(option, text, accepts, wanted) {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isFinite(value) && accepts(value)) return value
  throw new DemoOptionError(`${option} has to be ${wanted}, not '${text}'`)
}

function wholeNumber(option, text, least, most) {
  const accepts = (value) => Number.isInteger(value) && value >= least && value <= most
  return number(option, text, accepts, `a whole number from ${least} to ${most}`)
}

function databaseUrl(text) {
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && ['postgres:', 'postgresql:'].includes(url.protocol)) return text
  // Without the text itself: it may hold a password.
  throw new DemoOptionError('--database-url has to be postgres://user:password@host:port/database')
}

function choice(option, value, choices) {
  if (value === undefined || choices.includes(value)) return value
  throw new DemoOptionError(`${option} has to be one of ${choices.join(', ')}, not '${value}'`)
}
