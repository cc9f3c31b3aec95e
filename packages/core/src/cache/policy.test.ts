import { describe, expect, it } from 'vitest'
import { InvalidOptionError } from '../errors.ts'
import { readStrategy } from './policy.ts'

describe('a cacheStrategy', () => {
  it('may be empty: then the defaults hold', () => {
    expect(readStrategy({})).toEqual({ ttl: undefined, tags: [] })
    expect(readStrategy({ ttl: undefined, tags: undefined })).toEqual({ ttl: undefined, tags: [] })
  })

  it('has a ttl in seconds or with its unit, and tags', () => {
    expect(readStrategy({ ttl: 30, tags: ['home', 'nav'] })).toEqual({ ttl: 30_000, tags: ['home', 'nav'] })
    expect(readStrategy({ ttl: '500ms' })).toEqual({ ttl: 500, tags: [] })
  })

  const SHAPE = `cacheStrategy: must be false or an object such as { ttl: '30s', tags: ['home'] }.`
  const TTL = 'cacheStrategy.ttl: null is not a duration.'
  const TAGS = 'cacheStrategy.tags: must be an array of non-empty strings.'

  it.each<[unknown[], string]>([
    [[null, true, 30, '30s', [], [{ ttl: 30 }], () => ({})], SHAPE],
    [[{ swr: 30 }], 'cacheStrategy.swr: is not known. Known: ttl, tags.'],
    [[{ Ttl: 30 }], 'cacheStrategy.Ttl: is not known. Known: ttl, tags.'],
    [[{ ttl: -1 }], `cacheStrategy.ttl: -1 is not a duration. Write seconds as a number >= 0, or '5m'.`],
    [[{ ttl: null }], TTL],
    [[{ tags: 'home' }, { tags: null }, { tags: [''] }, { tags: [5] }, { tags: ['home', null] }, { tags: {} }], TAGS],
  ])('rejects %j', (bad, message) => {
    for (const strategy of bad) {
      expect(() => readStrategy(strategy)).toThrow(InvalidOptionError)
      expect(() => readStrategy(strategy)).toThrow(message)
    }
  })
})
