import { describe, expect, it } from 'vitest'
import type { TagStates } from '../protocol/authority.ts'
import type { Stamp, Tag } from '../protocol/tag.ts'
import { type Entry, Freshness, isAlive } from './entry.ts'

const TTL = 1_000
const stamps = (...names: (string | undefined)[]): Stamp[] => names as Stamp[]

const entry: Entry = {
  value: 1,
  copy: (value) => value,
  tags: ['*', 'table:users'] as Tag[],
  stamps: stamps('s1', 's2'),
  epoch: 'e1',
  ttl: TTL,
  monotonicAt: 50_000,
  wallAt: 1_700_000_000_000,
}

const HOUR = 3_600_000

describe('H56 the age of an entry', () => {
  it.each<[what: string, monotonic: number, wall: number, alive: boolean]>([
    ['both clocks stand still', 0, 0, true],
    ['both advance by less than the ttl', TTL - 1, TTL - 1, true],
    ['both advance by the ttl', TTL, TTL, false],
    ['the monotonic clock stands still in suspend, the wall clock advances', 0, TTL, false],
    ['the wall clock stands still, the monotonic one advances', TTL, 0, false],
    ['the wall clock is set back for a moment', 10, -HOUR, true],
    ['the wall clock was set back, and the ttl is over', TTL, TTL - HOUR, false],
    ['the wall clock is set ahead', 10, HOUR, false],
  ])('%s', (_what, monotonic, wall, alive) => {
    const clock = { monotonic: () => entry.monotonicAt + monotonic, wall: () => entry.wallAt + wall }
    expect(isAlive(entry, clock, TTL)).toBe(alive)
    expect(isAlive(entry, clock, HOUR)).toBe(alive)
  })

  it('is at most what the reader takes', () => {
    const clock = { monotonic: () => entry.monotonicAt + 500, wall: () => entry.wallAt }
    expect(isAlive(entry, clock, 501)).toBe(true)
    expect(isAlive(entry, clock, 500)).toBe(false)
  })
})

describe('an entry is fresh', () => {
  const states = (changes: Partial<TagStates> = {}): TagStates => ({
    epoch: 'e1',
    stamps: stamps('s1', 's2'),
    marked: false,
    ...changes,
  })

  it('when the authority says what the entry says', () => {
    expect(new Freshness().isFresh(entry, states())).toBe(true)
  })

  it.each<[what: string, changes: object]>([
    ['a tag is marked', { marked: true }],
    ['nobody says whether a tag is marked', { marked: undefined }],
    ['H11 the epoch is another', { epoch: 'e2' }],
    ['one stamp is another', { stamps: stamps('s1', 's3') }],
    ['the stamps changed places', { stamps: stamps('s2', 's1') }],
    ['H11 a stamp is gone', { stamps: stamps('s1', undefined) }],
    ['there are fewer stamps', { stamps: stamps('s1') }],
    ['there are more stamps', { stamps: stamps('s1', 's2', 's3') }],
  ])('but not when %s', (_what, changes) => {
    expect(new Freshness().isFresh(entry, states(changes))).toBe(false)
  })
})
