/** @larder/core: the freshness protocol, memory store, codecs and table analysis behind every Larder adapter. */

export { Cache, type CacheParts } from './cache/cache.ts'
export { createCache, defaultCache } from './cache/create-cache.ts'
export type { CacheHealth, OriginHealth } from './cache/health.ts'
export { type InvalidationTarget, tagsOfTarget } from './cache/invalidation-target.ts'
export {
  boolean as booleanOption,
  type CacheOptions,
  checkKnown,
  type Eviction,
  type MemoryOptions,
  type Scope,
  type Size,
  scopeOption,
  text as textOption,
} from './cache/options.ts'
export { Origin, type OriginOptions } from './cache/origin.ts'
export type { CacheStrategy } from './cache/policy.ts'
export {
  AuthorityUnavailableError,
  InvalidOptionError,
  LarderError,
  type LarderErrorCode,
} from './errors.ts'
export type { CacheStats } from './events/counters.ts'
export type { CacheEvents, EventName, FaultStep, Listener, QueryInfo } from './events/events.ts'
export { REASONS, type Reason } from './events/reasons.ts'
export { canonicalText, sqlText } from './identity/canonical-text.ts'
export type { Authority, HeldMark, Settlement, TagStates } from './protocol/authority.ts'
export { ProcessAuthority, type ProcessAuthorityOptions } from './protocol/process-authority.ts'
export { EVERYTHING, type Stamp, type Tag, tableTag, userTag, type WriterToken } from './protocol/tag.ts'
export type { TraceStep } from './read/read-log.ts'
export type { ClientDefaults, QueryTables, ReadRequest } from './read/read-request.ts'
export { cachingMilliseconds, type Duration, type DurationText, technicalMilliseconds } from './runtime/duration.ts'
export type { MaybePromise } from './runtime/maybe-promise.ts'
export { type Clock, type Random, type Runtime, systemRuntime, type Timers } from './runtime/runtime.ts'
export type { ForeignKey, ReferentialAction } from './schema/foreign-key.ts'
export { createSqlAnalyzer, type SqlAnalyzer } from './sql/sql-analyzer.ts'
export type { Control, Dialect, ReadTrait, StatementTables, TableWrite, WriteEvent } from './sql/statement-tables.ts'
export { tableKey } from './sql/table-key.ts'
export type { EntryKey, Store } from './store/store.ts'
export { type Codec, CodecError } from './value/codec.ts'
export { msgpackCodec } from './value/msgpack-codec.ts'
export { superjsonCodec } from './value/superjson-codec.ts'
export type { ValueType } from './value/value-type.ts'
export { ValueTypes } from './value/value-types.ts'
export type { ServerVerdict } from './write/outcome.ts'
export type { OwedReport } from './write/owed-writes.ts'
export type { Put, Statement } from './write/statements.ts'
export type { Transaction } from './write/transaction.ts'
