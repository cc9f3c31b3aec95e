/** Every reason why a read did not use the cache, or a result was not stored. One table: docs and types follow it. */

export const REASONS = {
  disabled: 'Caching is switched off: `enabled: false`.',
  closed: 'The cache was closed.',
  'off-for-call': '`cacheStrategy: false` (or `ttl: 0`) on this call.',
  'invalid-strategy': 'The `cacheStrategy` of this call is not valid; the warning says what to change.',
  'in-transaction': 'Inside a transaction every read goes to the database.',
  'array-transaction': 'Inside `$transaction([...])` every read goes to the database.',
  'no-scope': '`scope()` returned undefined, threw, or returned something that is neither a string nor null.',
  'uncanonical-arguments':
    'The arguments hold a value that has no canonical text (a function, a class Larder does not know, a cycle).',
  'unknown-tables': 'The tables that the query reads cannot be proven.',
  'non-deterministic': 'The query calls something like now() or random().',
  'side-effect': 'The query changes something when it runs (nextval, advisory locks, a data-modifying CTE ...).',
  'row-lock': 'SELECT ... FOR UPDATE / FOR SHARE.',
  'session-state': 'The query reads state of its connection (current_user, session variables ...).',
  'temporary-table': 'The query reads a temporary table, which only one connection sees.',
  'unknown-function': 'The query calls a function that is not known to be free of effects.',
  starting: 'The database has not yet answered what its default isolation level is.',
  'session-changed':
    'A statement changed the settings of a pooled connection, and no `scope` says what they stand for.',
  'origin-off': 'Caching is off for this client; `health().origins` says why.',
  'write-in-flight': 'A write to one of the tables is between "about to be sent" and "outcome known".',
  owed: 'An invalidation of one of the tags is still owed to the authority.',
  'authority-fault': 'The stamp authority failed or answered something unusable.',
  'authority-timeout': 'The stamp authority did not answer within `timeout`.',
  'no-stamp': 'The authority gave no stamp for one of the tags.',
  'uncopyable-value': 'The result holds a value that cannot be copied exactly.',
  'too-large': 'The result is larger than `maxEntryBytes`.',
} as const

/** A reason code. */
export type Reason = keyof typeof REASONS
