import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyString } from '../../test/arbitrary-value.ts'
import { type EntryIdentity, entryDigest } from './entry-digest.ts'

const identity: EntryIdentity = { database: 'main', version: '1', scope: null, adapter: 'prisma', text: '{}' }

const anyIdentity = fc.record({
  database: anyString,
  version: anyString,
  scope: fc.option(anyString),
  adapter: anyString,
  text: anyString,
})

describe('entryDigest', () => {
  it('H31 is a whole SHA-256 over the format and all parts with their lengths', () => {
    const input = '1;"4:main"1:1n"6:prisma"2:{}'
    expect(entryDigest(identity)).toBe(createHash('sha256').update(input, 'utf16le').digest('base64url'))
    expect(entryDigest(identity)).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  it('H31 differs whenever any part does', () => {
    fc.assert(
      fc.property(anyIdentity, anyIdentity, (left, right) => {
        const same = (Object.keys(left) as (keyof EntryIdentity)[]).every((part) => left[part] === right[part])
        expect(entryDigest(left) === entryDigest(right)).toBe(same)
      }),
      { numRuns: 1000 },
    )
  })

  it.each<keyof EntryIdentity>(['database', 'version', 'scope', 'adapter', 'text'])('H31 depends on the %s', (part) => {
    expect(entryDigest({ ...identity, [part]: 'other' })).not.toBe(entryDigest(identity))
  })

  it('H47 keeps two versions of an application apart', () => {
    expect(entryDigest({ ...identity, version: '2' })).not.toBe(entryDigest(identity))
  })

  it('H31 does not confuse where one part ends and the next begins', () => {
    const texts = [
      { database: 'a', version: 'bc' },
      { database: 'ab', version: 'c' },
      { database: 'abc', version: '' },
      { database: 'a"2:bc', version: '' },
      { database: '', version: 'a"2:bc' },
    ].map((parts) => entryDigest({ ...identity, ...parts }))
    expect(new Set(texts).size).toBe(texts.length)
  })

  it('H33 tells the shared scope from every string', () => {
    const scopes = [null, '', 'n', 'null', '"0:', '\0'].map((scope) => entryDigest({ ...identity, scope }))
    expect(new Set(scopes).size).toBe(scopes.length)
  })

  it('H31 tells lone surrogates apart', () => {
    const texts = ['\ud800', '\ud801', '\udc00', '\ufffd'].map((text) => entryDigest({ ...identity, text }))
    expect(new Set(texts).size).toBe(texts.length)
  })

  it('H47 takes nothing but the five parts, tags least of all', () => {
    const withMore = { ...identity, tags: ['table:users'], stamps: ['s1'] }
    expect(entryDigest(withMore)).toBe(entryDigest(identity))
  })
})
