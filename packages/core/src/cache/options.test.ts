import { describe, expect, it } from 'vitest'
import { ManualRuntime } from '../../test/doubles/manual-runtime.ts'
import { MapStore } from '../../test/doubles/map-store.ts'
import { InvalidOptionError } from '../errors.ts'
import { msgpackCodec } from '../value/msgpack-codec.ts'
import { createCache } from './create-cache.ts'
import { type CacheOptions, resolveOptions } from './options.ts'

const store = new MapStore(new ManualRuntime().clock)
const MEGABYTE = 1024 ** 2

const KNOWN =
  'store, memory, ttl, jitter, enabled, scope, timeout, writeTimeout, lease, unknownFor, onAuthorityDown, maxEntryBytes, namespace, version, codec, types'

function errorOf(options: unknown): InvalidOptionError {
  try {
    createCache(options as CacheOptions)
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionError)
    return error as InvalidOptionError
  }
  throw new Error('no error')
}

describe('options of a cache', () => {
  it('have defaults', () => {
    expect(resolveOptions()).toEqual({
      store: undefined,
      memory: { maxEntries: 10_000, maxBytes: 64 * MEGABYTE, eviction: 'lru' },
      ttl: 300_000,
      jitter: 0.1,
      enabled: true,
      scope: undefined,
      timeout: 50,
      writeTimeout: 1_000,
      lease: 30_000,
      unknownFor: 300_000,
      onAuthorityDown: 'proceed',
      maxEntryBytes: MEGABYTE,
      namespace: undefined,
      version: '',
      codec: undefined,
      types: [],
    })
  })

  it('that are undefined count as absent', () => {
    const absent = Object.fromEntries(KNOWN.split(', ').map((name) => [name, undefined]))
    expect(resolveOptions(absent as CacheOptions)).toEqual(resolveOptions())
  })

  it('are taken as they are given', () => {
    const scope = () => 'tenant'
    const codec = msgpackCodec()
    const given = {
      store,
      memory: { maxEntries: 5, maxBytes: '2kb', eviction: 'lfu' },
      ttl: 20,
      jitter: 0,
      enabled: false,
      scope,
      timeout: '20ms',
      writeTimeout: '2s',
      lease: '6s',
      unknownFor: '1m',
      onAuthorityDown: 'reject-writes',
      maxEntryBytes: 500,
      namespace: 'shop-1.test_A',
      version: '7',
      codec,
      types: [],
    } as const
    expect(resolveOptions(given)).toEqual({
      ...given,
      memory: { maxEntries: 5, maxBytes: 2_048, eviction: 'lfu' },
      ttl: 20_000,
      timeout: 20,
      writeTimeout: 2_000,
      lease: 6_000,
      unknownFor: 60_000,
    })
  })

  it.each([null, 5, 'fast', true, [], [{ ttl: 5 }]])('must be an object, not %j', (options) => {
    expect(errorOf(options).message).toBe('options: must be an object.')
  })

  it.each(['maxAge', 'TTL', 'swr', 'tables', '__proto__x'])('reject the unknown name %s', (name) => {
    const error = errorOf({ [name]: 1 })
    expect(error.message).toBe(`${name}: is not known. Known: ${KNOWN}.`)
    expect(error).toMatchObject({ name: 'InvalidOptionError', code: 'INVALID_OPTION', option: name })
  })

  it.each([
    ['512b', 512],
    ['1.5kb', 1_536],
    ['2mb', 2 * MEGABYTE],
    ['1gb', 1024 ** 3],
    [1, 1],
    [1.9, 1],
  ])('the size %s is %d bytes', (size, bytes) => {
    expect(resolveOptions({ maxEntryBytes: size as '2mb' }).maxEntryBytes).toBe(bytes)
    expect(resolveOptions({ memory: { maxBytes: size as '2mb' } }).memory?.maxBytes).toBe(bytes)
  })

  const ONE_OF_DOWN = `onAuthorityDown: must be one of 'proceed', 'reject-writes'.`
  const NAMESPACE = 'namespace: must be 1 to 64 characters of A-Z a-z 0-9 _ . -'
  const SIZE = `must be a number of bytes, or a text such as '64mb'.`
  const STORE = 'store: must be a store with kind, get, set and delete.'
  const CODEC = 'codec: must be a codec such as msgpackCodec() or superjsonCodec().'
  const TYPES = 'types: must be an array of value types ({ name, prototype, copy, byteLength, encode, decode }).'
  const ENTRIES = 'memory.maxEntries: must be a whole number from 1 to 16777216.'
  const type = { name: 'x', prototype: {}, copy: String, byteLength: Number, encode: String, decode: String }
  const methods = { get() {}, set() {}, delete() {} }

  it.each<[option: string, bad: unknown[], message: string]>([
    [
      'ttl',
      [null],
      `ttl: null is not a duration. Write seconds as a number, or a text such as '500ms', '10s', '5m', '1h', '1d'.`,
    ],
    ['ttl', [-1], `ttl: -1 is not a duration. Write seconds as a number >= 0, or '5m'.`],
    ['jitter', [null, -0.1, 1.1, Number.NaN, '0.1', true], 'jitter: must be a number from 0 to 1.'],
    ['enabled', [null, 0, 1, 'true', {}], 'enabled: must be true or false.'],
    [
      'scope',
      [null, 'tenant', {}, true],
      'scope: must be a function that returns a string or null, e.g. () => tenant.getStore().',
    ],
    ['timeout', [50], `timeout: 50 has no unit: write '50ms' or '50s'.`],
    ['timeout', [null], `timeout: null is not a duration. Write a text such as '50ms' or '30s'.`],
    ['writeTimeout', [1], `writeTimeout: 1 has no unit: write '1ms' or '1s'.`],
    ['writeTimeout', [null], `writeTimeout: null is not a duration. Write a text such as '50ms' or '30s'.`],
    ['writeTimeout', ['0s'], 'writeTimeout: must be longer than 0.'],
    ['lease', [30], `lease: 30 has no unit: write '30ms' or '30s'.`],
    ['lease', [null], `lease: null is not a duration. Write a text such as '50ms' or '30s'.`],
    ['lease', ['2.9s', '1ms'], 'lease: must be at least three times writeTimeout (1000 ms).'],
    ['unknownFor', [300], `unknownFor: 300 has no unit: write '300ms' or '300s'.`],
    ['unknownFor', [null], `unknownFor: null is not a duration. Write a text such as '50ms' or '30s'.`],
    ['onAuthorityDown', [null, 'reject', true, ''], ONE_OF_DOWN],
    [
      'maxEntryBytes',
      [null, 0, -1, '0kb', '1tb', '5', '-1mb', 'big', Number.POSITIVE_INFINITY, true],
      `maxEntryBytes: ${SIZE}`,
    ],
    ['namespace', [null, '', 'a b', 'a/b', 'a{b}', 'x'.repeat(65), 5, 'ä'], NAMESPACE],
    ['version', [null, 1, true, {}], 'version: must be a string.'],
    ['memory', [null, true, 5, 'big', []], 'memory: must be an object.'],
    ['memory', [false], 'memory: false needs a store: there would be no place for entries.'],
    ['memory', [{ max: 5 }], 'memory.max: is not known. Known: maxEntries, maxBytes, eviction.'],
    [
      'memory',
      [0, -1, 1.5, '10', null, Number.NaN, 2 ** 24 + 1, 2 ** 53].map((maxEntries) => ({ maxEntries })),
      ENTRIES,
    ],
    [
      'memory',
      [{ maxBytes: 0 }, { maxBytes: '0b' }, { maxBytes: null }, { maxBytes: '64' }],
      `memory.maxBytes: ${SIZE}`,
    ],
    ['memory', [{ eviction: 'random' }, { eviction: null }], `memory.eviction: must be one of 'lru', 'fifo', 'lfu'.`],
    ['store', [null, {}, 'redis://', { kind: 'x' }, { kind: 5, ...methods }, { kind: 'x', ...methods, get: 5 }], STORE],
    ['codec', [null, 'json', {}, { name: 'x', encode() {}, decode() {} }, { ...msgpackCodec(), name: 5 }], CODEC],
    ['types', [null, {}, [null], [{}], ['Date']], TYPES],
    [
      'types',
      ['copy', 'byteLength', 'encode', 'decode', 'prototype'].map((key) => [{ ...type, [key]: undefined }]),
      TYPES,
    ],
    ['types', [[{ ...type, prototype: null }]], TYPES],
    ['types', [[{ ...type, name: 'Bad Name' }]], `types: Value type name 'Bad Name' does not match ^[a-z][a-z0-9-]*$`],
  ])('%s rejects %j', (option, bad, message) => {
    for (const value of bad) expect(errorOf({ [option]: value })).toMatchObject({ message })
  })

  it('lease is measured against the writeTimeout that is given', () => {
    expect(resolveOptions({ lease: '3s' }).lease).toBe(3_000)
    expect(errorOf({ writeTimeout: '11s' }).message).toBe(
      'lease: must be at least three times writeTimeout (11000 ms).',
    )
  })

  it('a store needs a namespace', () => {
    expect(errorOf({ store }).message).toBe(`namespace: is required with a store: write namespace: 'my-app'.`)
  })

  it('a store may go without memory', () => {
    expect(resolveOptions({ store, namespace: 'shop', memory: false }).memory).toBeUndefined()
  })

  it('an authority that comes with a store must be one', () => {
    const authority = { kind: 'redis', shared: true, lookup() {}, create() {}, unsettle() {}, renew() {}, settle() {} }
    const withAuthority = { kind: 'redis', ...methods, authority }
    expect(errorOf({ store: withAuthority, namespace: 'shop' }).message).toBe(
      'store.authority: must have kind, shared, lookup, create, unsettle, renew, settle and cancel.',
    )
  })
})
