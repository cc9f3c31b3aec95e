/** Options of a cache: validated once, at construction. */

import { InvalidOptionError } from '../errors.ts'
import { cachingMilliseconds, type Duration, type DurationText, technicalMilliseconds } from '../runtime/duration.ts'
import type { Store } from '../store/store.ts'
import type { Codec } from '../value/codec.ts'
import type { ValueType } from '../value/value-type.ts'
import { ValueTypes } from '../value/value-types.ts'

/** A size in bytes, or a text such as `'64mb'` (1 kb = 1024 bytes). */
export type Size = number | `${number}${'b' | 'kb' | 'mb' | 'gb'}`

export type Eviction = 'lru' | 'fifo' | 'lfu'

/** Who asks: part of every query's identity. null is the shared scope, on purpose; undefined or a throw does not use the cache. */
export type Scope = () => string | null | undefined

export interface MemoryOptions {
  /** Default 10,000. */
  readonly maxEntries?: number
  /** Estimated heap size of all entries, default '64mb'. */
  readonly maxBytes?: Size
  /** Default 'lru'. */
  readonly eviction?: Eviction
}

export interface CacheOptions {
  /** Entries, and usually stamps, outside this process; default: this process's memory only. */
  readonly store?: Store
  /** The memory tier; false needs a store. */
  readonly memory?: MemoryOptions | false
  /** How long a result may be served at most, however fresh its tables; default '5m'. */
  readonly ttl?: Duration
  /** Share of the ttl, 0 to 1, by which it is shortened at random; default 0.1. */
  readonly jitter?: number
  /** False sends every read to the database; writes still invalidate. Default true. */
  readonly enabled?: boolean
  readonly scope?: Scope
  /** How long a read waits for the cache at most, default '50ms'. */
  readonly timeout?: DurationText
  /** How long a write waits for its mark, and again for its settle, default '1s'. */
  readonly writeTimeout?: DurationText
  /** How long a mark stands when its writer dies, default '30s'; at least three times `writeTimeout`. */
  readonly lease?: DurationText
  /** How long tags stay marked when the outcome of a write is unknown, default '5m'. */
  readonly unknownFor?: DurationText
  /** What a write does when its mark is not confirmed, default 'proceed'. */
  readonly onAuthorityDown?: 'proceed' | 'reject-writes'
  /** A larger result is not stored; default '1mb'. */
  readonly maxEntryBytes?: Size
  /** Separates applications on one store: `[A-Za-z0-9_.-]{1,64}`, required with a store. */
  readonly namespace?: string
  /** Part of every entry's identity: entries of another version are never read. Default ''. */
  readonly version?: string
  /** How values are written to the store, default `msgpackCodec()`. */
  readonly codec?: Codec
  /** Classes that results may contain besides the built-in ones. */
  readonly types?: readonly ValueType[]
}

/** Validated options, in milliseconds and bytes. */
export interface ResolvedOptions {
  readonly store: Store | undefined
  readonly memory: { readonly maxEntries: number; readonly maxBytes: number; readonly eviction: Eviction } | undefined
  readonly ttl: number
  readonly jitter: number
  readonly enabled: boolean
  readonly scope: Scope | undefined
  readonly timeout: number
  readonly writeTimeout: number
  readonly lease: number
  readonly unknownFor: number
  readonly onAuthorityDown: 'proceed' | 'reject-writes'
  readonly maxEntryBytes: number
  readonly namespace: string | undefined
  readonly version: string
  readonly codec: Codec | undefined
  readonly types: readonly ValueType[]
}

const KNOWN: ReadonlySet<string> = new Set<keyof CacheOptions>([
  'store',
  'memory',
  'ttl',
  'jitter',
  'enabled',
  'scope',
  'timeout',
  'writeTimeout',
  'lease',
  'unknownFor',
  'onAuthorityDown',
  'maxEntryBytes',
  'namespace',
  'version',
  'codec',
  'types',
])

/** Validates the options of a cache. Throws {@link InvalidOptionError}. */
export function resolveOptions(options: CacheOptions = {}): ResolvedOptions {
  checkKnown('', options, KNOWN)
  const {
    store,
    namespace,
    ttl = '5m',
    jitter = 0.1,
    enabled = true,
    scope,
    timeout = '50ms',
    unknownFor = '5m',
  } = options
  const { onAuthorityDown = 'proceed', maxEntryBytes = '1mb', version = '', codec, types = [] } = options
  const lease = technicalMilliseconds('lease', options.lease === undefined ? '30s' : options.lease)
  const writeTimeout = technicalMilliseconds(
    'writeTimeout',
    options.writeTimeout === undefined ? '1s' : options.writeTimeout,
  )
  if (lease < 3 * writeTimeout) {
    throw new InvalidOptionError('lease', `must be at least three times writeTimeout (${writeTimeout} ms).`)
  }
  if (store !== undefined) checkStore(store)
  if (store !== undefined && namespace === undefined) {
    throw new InvalidOptionError('namespace', `is required with a store: write namespace: 'my-app'.`)
  }
  if (namespace !== undefined && (typeof namespace !== 'string' || !/^[A-Za-z0-9_.-]{1,64}$/.test(namespace))) {
    throw new InvalidOptionError('namespace', 'must be 1 to 64 characters of A-Z a-z 0-9 _ . -')
  }
  return {
    store,
    memory: memoryOptions(options),
    ttl: cachingMilliseconds('ttl', ttl),
    jitter: fraction('jitter', jitter),
    enabled: boolean('enabled', enabled),
    scope: scopeOption('scope', scope),
    timeout: technicalMilliseconds('timeout', timeout),
    writeTimeout,
    lease,
    unknownFor: technicalMilliseconds('unknownFor', unknownFor),
    onAuthorityDown: oneOf('onAuthorityDown', onAuthorityDown, ['proceed', 'reject-writes']),
    maxEntryBytes: sizeInBytes('maxEntryBytes', maxEntryBytes),
    namespace,
    version: text('version', version),
    codec: codecOption(codec),
    types: typesOption(types),
  }
}

/** Throws for keys that are not in `known`: an option that is silently ignored is worse than none. */
export function checkKnown(path: string, options: unknown, known: ReadonlySet<string>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidOptionError(path === '' ? 'options' : path, 'must be an object.')
  }
  for (const key of Object.keys(options)) {
    if (known.has(key)) continue
    throw new InvalidOptionError(path === '' ? key : `${path}.${key}`, `is not known. Known: ${[...known].join(', ')}.`)
  }
}

/** Validates a `scope` option. Throws {@link InvalidOptionError}. */
export function scopeOption(option: string, value: unknown): Scope | undefined {
  if (value === undefined || typeof value === 'function') return value as Scope | undefined
  throw new InvalidOptionError(
    option,
    `must be a function that returns a string or null, e.g. () => tenant.getStore().`,
  )
}

/** Validates a boolean option. Throws {@link InvalidOptionError}. */
export function boolean(option: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new InvalidOptionError(option, 'must be true or false.')
}

/** Validates a text option. Throws {@link InvalidOptionError}. */
export function text(option: string, value: unknown): string {
  if (typeof value === 'string') return value
  throw new InvalidOptionError(option, 'must be a string.')
}

function memoryOptions({ memory, store }: CacheOptions): ResolvedOptions['memory'] {
  if (memory === false) {
    if (store === undefined)
      throw new InvalidOptionError('memory', 'false needs a store: there would be no place for entries.')
    return undefined
  }
  if (memory !== undefined) checkKnown('memory', memory, new Set(['maxEntries', 'maxBytes', 'eviction']))
  const { maxEntries = 10_000, maxBytes = '64mb', eviction = 'lru' } = memory ?? {}
  if (!Number.isInteger(maxEntries) || maxEntries < 1 || maxEntries > MOST_ENTRIES) {
    throw new InvalidOptionError('memory.maxEntries', `must be a whole number from 1 to ${MOST_ENTRIES}.`)
  }
  return {
    maxEntries,
    maxBytes: sizeInBytes('memory.maxBytes', maxBytes),
    eviction: oneOf('memory.eviction', eviction, ['lru', 'fifo', 'lfu']),
  }
}

/** A Map of V8 holds no more. */
const MOST_ENTRIES = 2 ** 24

const SIZES: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }

function sizeInBytes(option: string, value: unknown): number {
  const match = typeof value === 'string' ? /^(\d+(?:\.\d+)?)(b|kb|mb|gb)$/.exec(value) : null
  const bytes = match === null ? value : Number(match[1]) * (SIZES[match[2] as string] as number)
  if (typeof bytes === 'number' && Number.isFinite(bytes) && bytes >= 1) return Math.floor(bytes)
  throw new InvalidOptionError(option, `must be a number of bytes, or a text such as '64mb'.`)
}

function fraction(option: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value
  throw new InvalidOptionError(option, 'must be a number from 0 to 1.')
}

function oneOf<T extends string>(option: string, value: unknown, choices: readonly T[]): T {
  if (choices.includes(value as T)) return value as T
  throw new InvalidOptionError(option, `must be one of ${choices.map((choice) => `'${choice}'`).join(', ')}.`)
}

function checkStore(store: unknown): void {
  const { kind, get, set, delete: remove, authority } = (store ?? {}) as Record<string, unknown>
  if (typeof kind !== 'string' || ![get, set, remove].every((method) => typeof method === 'function')) {
    throw new InvalidOptionError('store', 'must be a store with kind, get, set and delete.')
  }
  if (authority !== undefined) checkAuthority(authority)
}

function checkAuthority(authority: unknown): void {
  const { kind, shared, lookup, create, unsettle, renew, settle, cancel } = (authority ?? {}) as Record<string, unknown>
  const methods = [lookup, create, unsettle, renew, settle, cancel]
  const isSound = typeof kind === 'string' && typeof shared === 'boolean'
  if (isSound && methods.every((method) => typeof method === 'function')) return
  throw new InvalidOptionError(
    'store.authority',
    'must have kind, shared, lookup, create, unsettle, renew, settle and cancel.',
  )
}

function codecOption(codec: unknown): Codec | undefined {
  if (codec === undefined) return undefined
  const { name, withTypes, encode, decode } = (codec ?? {}) as Record<string, unknown>
  const methods = [withTypes, encode, decode]
  if (typeof name === 'string' && methods.every((method) => typeof method === 'function')) return codec as Codec
  throw new InvalidOptionError('codec', 'must be a codec such as msgpackCodec() or superjsonCodec().')
}

function typesOption(types: unknown): readonly ValueType[] {
  if (!Array.isArray(types) || !types.every(isValueType)) {
    throw new InvalidOptionError(
      'types',
      'must be an array of value types ({ name, prototype, copy, byteLength, encode, decode }).',
    )
  }
  try {
    ValueTypes.builtIn.with(types)
  } catch (error) {
    throw new InvalidOptionError('types', (error as Error).message, { cause: error })
  }
  return types
}

function isValueType(type: unknown): boolean {
  const { name, prototype, copy, byteLength, encode, decode } = (type ?? {}) as Record<string, unknown>
  const methods = [copy, byteLength, encode, decode]
  const isObject = typeof prototype === 'object' && prototype !== null
  return typeof name === 'string' && isObject && methods.every((method) => typeof method === 'function')
}
