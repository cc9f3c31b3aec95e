import { describe, expect, it } from 'vitest'
import { isMovingDateText } from './moving-date.ts'
import { columnKey, foldUnquoted, tableKey } from './table-key.ts'

describe('tableKey', () => {
  it('H20 keeps case in PostgreSQL and drops it where the database may', () => {
    expect(tableKey('User', 'postgres')).toBe('User')
    expect(tableKey('User', 'mysql')).toBe('user')
    expect(tableKey('User', 'sqlite')).toBe('user')
    expect(columnKey('Id', 'sqlite')).toBe('id')
  })

  it('cuts PostgreSQL names to 63 bytes at a character, as the server does', () => {
    expect(tableKey('x'.repeat(64), 'postgres')).toBe('x'.repeat(63))
    expect(tableKey('x'.repeat(63), 'postgres')).toBe('x'.repeat(63))
    expect(tableKey('ä'.repeat(40), 'postgres')).toBe('ä'.repeat(31))
    expect(tableKey('😀'.repeat(20), 'postgres')).toBe('😀'.repeat(15))
    expect(tableKey('x'.repeat(64), 'mysql')).toBe('x'.repeat(64))
  })

  it('folds only ASCII letters of unquoted names', () => {
    expect(foldUnquoted('AbÄC')).toBe('abÄc')
    expect(foldUnquoted('ABC')).toBe('abc')
  })
})

describe('isMovingDateText', () => {
  it('H34 knows the texts that PostgreSQL reads as a moving date', () => {
    for (const text of ['now', ' NOW ', 'today', 'Tomorrow 04:00', 'yesterday allballs', 'today 10:00 Europe/Paris']) {
      expect(isMovingDateText(text, 'postgres'), text).toBe(true)
    }
    for (const text of ['2026-01-01', 'pay now', 'nowhere', 'today is the day', '']) {
      expect(isMovingDateText(text, 'postgres'), text).toBe(false)
    }
  })

  it('H34 knows the one of SQLite, and MySQL has none', () => {
    expect(isMovingDateText('Now', 'sqlite')).toBe(true)
    expect(isMovingDateText('today', 'sqlite')).toBe(false)
    expect(isMovingDateText('now', 'mysql')).toBe(false)
  })
})
