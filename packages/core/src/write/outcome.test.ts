import { describe, expect, it } from 'vitest'
import { type Outcome, outcomeOf } from './outcome.ts'

const rows = (outcome: Outcome, ...codes: string[]): [code: string, outcome: Outcome][] =>
  codes.map((code) => [code, outcome])

describe('H15 what an error says about the write', () => {
  it.each(['postgres', 'mysql', 'sqlite'] as const)('%s: a statement that was never sent has failed', (dialect) => {
    expect(outcomeOf({ notSent: true }, dialect, 1)).toBe('failed')
    expect(outcomeOf({ notSent: true }, dialect, 5)).toBe('failed')
    expect(outcomeOf({ notSent: true, serverCode: '08006' }, dialect, 1)).toBe('failed')
  })

  it.each(['postgres', 'mysql', 'sqlite'] as const)('%s: without a code of the server it is unknown', (dialect) => {
    expect(outcomeOf(undefined, dialect, 1)).toBe('unknown')
    expect(outcomeOf({}, dialect, 1)).toBe('unknown')
    expect(outcomeOf({ serverCode: undefined, notSent: false }, dialect, 1)).toBe('unknown')
  })

  // Unique violation, syntax, deadlock, serialization, cancelled by statement_timeout, lock time-out, RAISE, aborted transaction.
  it.each([
    ...rows('failed', '23505', '42601', '40P01', '40001', '57014', '55P03', 'P0001', '25P02', '22012', '0A000'),
    // Connection, shutdown, system and internal errors, statement_completion_unknown, idle-in-transaction, resources.
    ...rows(
      'unknown',
      '08006',
      '08000',
      '08P01',
      '57P01',
      '57P02',
      '57P03',
      '57P05',
      '58000',
      '58030',
      'XX000',
      'XX001',
    ),
    ...rows('unknown', 'F0000', '40003', '25P03', '53100', '53200', '53300'),
    ...rows('unknown', '', '2350', '235055', 'ECONNRESET', '23-05', '23505\n', 'abcde'),
  ])('postgres: %j is %s', (code, outcome) => {
    expect(outcomeOf({ serverCode: code }, 'postgres', 1)).toBe(outcome)
  })

  it.each([2, 3, 100])('postgres: of %d statements an earlier one may have been committed', (statements) => {
    expect(outcomeOf({ serverCode: '23505' }, 'postgres', statements)).toBe('ended')
    expect(outcomeOf({ serverCode: '08006' }, 'postgres', statements)).toBe('unknown')
  })

  it.each([
    // Duplicate key, syntax, deadlock, lock wait, killed query, statement time-out of MariaDB and MySQL, check constraint.
    ...rows('ended', '1062', '1064', '1213', '1205', '1317', '1969', '3024', '3819', '4025', '1000', '4999'),
    // Shutdown, aborted and killed connections, packets lost on the way.
    ...rows(
      'unknown',
      '1053',
      '1077',
      '1078',
      '1079',
      '1080',
      '1152',
      '1158',
      '1159',
      '1160',
      '1161',
      '1184',
      '1927',
      '4031',
    ),
    // Made up by clients and connectors.
    ...rows(
      'unknown',
      '2006',
      '2013',
      '2999',
      '5000',
      '45009',
      '45026',
      '999',
      '0',
      '-1',
      '1062.5',
      '',
      'ECONNRESET',
      'NaN',
    ),
  ])('mysql: %j is %s', (code, outcome) => {
    expect(outcomeOf({ serverCode: code }, 'mysql', 1)).toBe(outcome)
    expect(outcomeOf({ serverCode: code }, 'mysql', 2)).toBe(outcome)
  })

  it.each(rows('ended', '5', '19', '787', '1555', '2067', 'SQLITE_CONSTRAINT', 'SQLITE_BUSY'))(
    'sqlite: %j is %s',
    (code, outcome) => {
      expect(outcomeOf({ serverCode: code }, 'sqlite', 1)).toBe(outcome)
      expect(outcomeOf({ serverCode: code }, 'sqlite', 2)).toBe(outcome)
    },
  )
})
