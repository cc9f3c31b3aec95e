import { describe, expect, it } from 'vitest'
import { ManualRuntime } from '../../test/doubles/manual-runtime.ts'
import { ProcessAuthority } from './process-authority.ts'
import { EVERYTHING, type Tag, tableTag, userTag, type WriterToken } from './tag.ts'

const LEASE = 30_000
const writer = (name: string): WriterToken => name as WriterToken
const tag = (name: string | number): Tag => userTag(String(name))

describe('tags', () => {
  it('of tables, of users and of everything are never the same', () => {
    expect(tableTag('Users')).toBe('table:users')
    expect(userTag('Users')).toBe('tag:Users')
    expect(userTag('*')).not.toBe(EVERYTHING)
    expect(tableTag('*')).not.toBe(EVERYTHING)
  })
})

describe('the authority of this process', () => {
  it('says that it is not shared', () => {
    expect(new ProcessAuthority(new ManualRuntime())).toMatchObject({ kind: 'process', shared: false })
  })

  it('has another epoch in each process, so that nothing of an earlier one matches', () => {
    const runtime = new ManualRuntime()
    const epochs = [new ProcessAuthority(runtime), new ProcessAuthority(runtime)].map((one) => one.lookup([]).epoch)
    expect(new Set(epochs).size).toBe(2)
  })

  it('keeps no tag that was only looked up', () => {
    const authority = new ProcessAuthority(new ManualRuntime())
    authority.lookup([tag('a'), tag('b')])
    authority.renew([{ tags: [tag('c')], token: writer('w') }], LEASE)
    authority.cancel([tag('d')], writer('w'))
    expect(authority.size).toBe(0)
  })

  it('H56 measures leases by the monotonic clock: a wall clock that jumps ends none', () => {
    const runtime = new ManualRuntime()
    const authority = new ProcessAuthority(runtime)
    authority.unsettle([tag('a')], writer('w'), LEASE)
    runtime.wall += 10 * LEASE
    expect(authority.lookup([tag('a')]).marked).toBe(true)
    runtime.wall -= 20 * LEASE
    runtime.monotonic += LEASE
    expect(authority.lookup([tag('a')]).marked).toBe(false)
  })

  describe('H53 with more tags than it may keep', () => {
    it('lets the oldest stamps go, and a tag that comes back has another stamp', () => {
      const authority = new ProcessAuthority(new ManualRuntime(), { maxTags: 3 })
      const [first] = authority.create([tag(0)]).stamps
      for (let i = 1; i < 10; i++) authority.create([tag(i)])
      expect(authority.size).toBe(3)
      expect(authority.lookup([tag(0)]).stamps).toEqual([undefined])
      expect(authority.create([tag(0)]).stamps[0]).not.toBe(first)
    })

    it('never lets a mark go', () => {
      const authority = new ProcessAuthority(new ManualRuntime(), { maxTags: 3 })
      for (let i = 0; i < 5; i++) authority.unsettle([tag(`marked ${i}`)], writer(`w${i}`), LEASE)
      for (let i = 0; i < 20; i++) authority.create([tag(i)])
      for (let i = 0; i < 5; i++) expect(authority.lookup([tag(`marked ${i}`)]).marked).toBe(true)
      for (let i = 0; i < 5; i++) authority.settle([tag(`marked ${i}`)], writer(`w${i}`))
      expect(authority.size).toBeLessThanOrEqual(3)
    })

    it('lets marks go that are past their deadline', async () => {
      const runtime = new ManualRuntime()
      const authority = new ProcessAuthority(runtime, { maxTags: 3 })
      for (let i = 0; i < 5; i++) authority.unsettle([tag(`marked ${i}`)], writer(`w${i}`), LEASE)
      await runtime.pass(LEASE)
      authority.create([tag('new')])
      expect(authority.size).toBeLessThanOrEqual(3)
    })

    it('keeps the stamp of everything, with which every entry would go', () => {
      const authority = new ProcessAuthority(new ManualRuntime(), { maxTags: 3 })
      const [everything] = authority.create([EVERYTHING]).stamps
      for (let i = 0; i < 10; i++) authority.create([EVERYTHING, tag(i)])
      expect(authority.lookup([EVERYTHING]).stamps).toEqual([everything])
      expect(authority.size).toBe(3)
    })
  })
})
