// Each option of the demo that cannot be used says what to change.

import { expect, it } from 'vitest'
import { parseOptions } from './options.mjs'

it('has defaults for everything', () => {
  expect(parseOptions([])).toEqual({
    requests: 2000,
    clients: 8,
    writes: 0.03,
    seed: 1,
    scale: 1,
    databaseUrl: undefined,
    dataset: undefined,
    break: undefined,
    skipSetup: false,
    help: false,
  })
})

it('reads every option', () => {
  const args = [
    '--requests',
    '10',
    '--clients=2',
    '--writes',
    '0',
    '--seed',
    '7',
    '--scale',
    '0.5',
    '--skip-setup',
    '--help',
  ]
  const more = ['--database-url', 'postgresql://localhost/shop', '--break=stamps-late']
  expect(parseOptions([...args, ...more])).toEqual({
    requests: 10,
    clients: 2,
    writes: 0,
    seed: 7,
    scale: 0.5,
    databaseUrl: 'postgresql://localhost/shop',
    dataset: undefined,
    break: 'stamps-late',
    skipSetup: true,
    help: true,
  })
  const file = new URL('options.test.ts', import.meta.url).pathname
  expect(parseOptions(['--dataset', file]).dataset).toBe(file)
})

it.each([
  ['--requests=0', "--requests has to be a whole number from 1 to 10000000, not '0'"],
  ['--requests=1.5', "--requests has to be a whole number from 1 to 10000000, not '1.5'"],
  ['--clients=', "--clients has to be a whole number from 1 to 1000, not ''"],
  ['--writes=2', "--writes has to be a share from 0 to 1, such as 0.03, not '2'"],
  ['--seed=-1', "--seed has to be a whole number from 0 to 4294967295, not '-1'"],
  ['--scale=big', "--scale has to be from 0.01 to 100, not 'big'"],
  ['--database-url=mysql://u:secret@h/d', '--database-url has to be postgres://user:password@host:port/database'],
  ['--dataset=no-such.sql', '--dataset: there is no file no-such.sql'],
  ['--break=everything', "--break has to be one of stamps-late, not 'everything'"],
  ['--request=3', "Unknown option '--request'. Known: --requests, --clients"],
  ['chinook.sql', "Unexpected argument 'chinook.sql'"],
])('rejects %s', (argument, message) => {
  expect(() => parseOptions([argument])).toThrow(message)
})

it('rejects a scale for rows that are not generated', () => {
  expect(() => parseOptions(['--scale=2', '--dataset=x.sql'])).toThrow('leave it out with --dataset')
})
