import { describe, expect, it } from 'vitest'
import { LarderError } from '../errors.ts'
import { EVERYTHING } from '../protocol/tag.ts'
import { type InvalidationTarget, tagsOfTarget } from './invalidation-target.ts'

describe('a target of invalidate()', () => {
  it.each<[InvalidationTarget, string[]]>([
    [{ tables: ['users'] }, ['table:users']],
    [{ tables: ['Users', 'ORDERS'] }, ['table:users', 'table:orders']],
    [{ tables: ['public.Users'] }, ['table:public.users', 'table:users']],
    [{ tables: ['shop.odd.name'] }, ['table:shop.odd.name', 'table:odd.name', 'table:name']],
    [{ tables: ['users', 'users', 'public.users'] }, ['table:users', 'table:public.users']],
    [{ tags: ['home', 'Home'] }, ['tag:home', 'tag:Home']],
    [{ tables: ['users'], tags: ['users'] }, ['table:users', 'tag:users']],
    [{ tables: [] }, []],
    [{ all: true }, [EVERYTHING]],
    [{ all: true, tables: ['users'] }, [EVERYTHING]],
  ])('%j stands for %j', (target, tags) => {
    expect(tagsOfTarget(target)).toEqual(tags)
  })

  const ADVICE = `Write { tables: ['users'] }, { tags: ['home'] } or { all: true }.`
  const TABLES = `invalidate(): tables must be an array of non-empty strings. ${ADVICE}`
  const TAGS = `invalidate(): tags must be an array of non-empty strings. ${ADVICE}`
  const NOTHING = `invalidate(): nothing to invalidate. ${ADVICE}`

  it.each<[unknown, string]>([
    [undefined, NOTHING],
    [null, NOTHING],
    [{}, NOTHING],
    [{ all: false }, NOTHING],
    [5, NOTHING],
    [{ tables: 'users' }, TABLES],
    [{ tables: [''] }, TABLES],
    [{ tables: [5] }, TABLES],
    [{ tables: null }, TABLES],
    [{ tags: 'home' }, TAGS],
    [{ tables: ['users'], tags: [''] }, TAGS],
    [{ key: 'x' }, `invalidate(): unknown key key. ${ADVICE}`],
    [{ table: ['users'], tag: [] }, `invalidate(): unknown key table, tag. ${ADVICE}`],
  ])('%j is refused', (target, message) => {
    let thrown: unknown
    try {
      tagsOfTarget(target as InvalidationTarget)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(LarderError)
    expect(thrown).toMatchObject({ name: 'LarderError', code: 'INVALID_TARGET', message })
  })
})
