import { describe, expect, it } from 'vitest'
import { createSqlAnalyzer } from './sql-analyzer.ts'

describe('createSqlAnalyzer', () => {
  it('answers a text that it knows with the same object', () => {
    const analyzer = createSqlAnalyzer()
    const first = analyzer.analyze('SELECT * FROM a', 'postgres')
    expect(first.reads).toEqual(['a'])
    expect(analyzer.analyze('SELECT * FROM a', 'postgres')).toBe(first)
  })

  it('keeps dialects apart', () => {
    const analyzer = createSqlAnalyzer()
    expect(analyzer.analyze('SELECT * FROM "A"', 'postgres').reads).toEqual(['A'])
    expect(analyzer.analyze('SELECT * FROM "A"', 'sqlite').reads).toEqual(['a'])
  })

  it('H53 forgets the text used least recently beyond maxTexts', () => {
    const analyzer = createSqlAnalyzer({ maxTexts: 2 })
    const a = analyzer.analyze('SELECT * FROM a', 'postgres')
    const b = analyzer.analyze('SELECT * FROM b', 'postgres')
    expect(analyzer.analyze('SELECT * FROM a', 'postgres')).toBe(a)
    analyzer.analyze('SELECT * FROM c', 'postgres')
    expect(analyzer.analyze('SELECT * FROM a', 'postgres')).toBe(a)
    expect(analyzer.analyze('SELECT * FROM b', 'postgres')).not.toBe(b)
  })

  it('H53 forgets texts beyond maxBytes', () => {
    const analyzer = createSqlAnalyzer({ maxBytes: 2_000 })
    const texts = ['a', 'b', 'c', 'd'].map((table) => `SELECT * FROM ${table} WHERE x = '${'y'.repeat(100)}'`)
    const results = texts.map((sql) => analyzer.analyze(sql, 'mysql'))
    expect(analyzer.analyze(texts[3] ?? '', 'mysql')).toBe(results[3])
    expect(analyzer.analyze(texts[0] ?? '', 'mysql')).not.toBe(results[0])
  })

  it('analyses texts over maxTextBytes and does not keep them', () => {
    const analyzer = createSqlAnalyzer({ maxTextBytes: 100 })
    const sql = `SELECT * FROM a WHERE x = '${'y'.repeat(100)}'`
    const first = analyzer.analyze(sql, 'sqlite')
    expect(first.reads).toEqual(['a'])
    expect(analyzer.analyze(sql, 'sqlite')).not.toBe(first)
  })

  it('rejects bounds that are no positive integers', () => {
    expect(() => createSqlAnalyzer({ maxTexts: 0 })).toThrow('maxTexts must be a positive integer, not 0')
    expect(() => createSqlAnalyzer({ maxBytes: -1 })).toThrow('maxBytes')
    expect(() => createSqlAnalyzer({ maxTextBytes: 1.5 })).toThrow('maxTextBytes')
  })
})
