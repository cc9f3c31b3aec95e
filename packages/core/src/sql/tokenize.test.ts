import { describe, expect, it } from 'vitest'
import type { Dialect } from './statement-tables.ts'
import { tokenize } from './tokenize.ts'

/** Kinds and texts: `word:a symbol:,`. */
const pieces = (sql: string, dialect: Dialect) =>
  tokenize(sql, dialect).tokens.map(({ kind, text }) => `${kind}:${text}`)

describe('tokenize', () => {
  const cases: readonly (readonly [Dialect, string, readonly string[]])[] = [
    [
      'postgres',
      "'a''b' E'c\\'d' U&'e' $$f'$$ $x$g$$h$x$",
      ["string:a''b", "string:c\\'d", 'string:e', "string:f'", 'string:g$$h'],
    ],
    ['postgres', "E'a\\''\n'b\\'' c", ["string:a\\'", "string:b\\'", 'word:c']],
    ['postgres', "'a\\' b", ['string:a\\', 'word:b']],
    ['postgres', '"a""b" U&"\\0061" a$1 $1', ['quoted:a"b', 'quoted:a', 'word:a$1', 'parameter:1']],
    ['postgres', 'a::b a:b', ['word:a', 'symbol:::', 'word:b', 'word:a', 'symbol::', 'word:b']],
    ['postgres', '/* /* */ x */a--b\rc', ['word:a', 'word:c']],
    [
      'postgres',
      '1.5e3 .5 1_000 0xFF 1from',
      ['number:1.5e3', 'number:.5', 'number:1_000', 'number:0xFF', 'number:1', 'word:from'],
    ],
    ['mysql', '\'a\\\\\' "b""c" `d``e`', ['string:a\\\\', 'either:b"c', 'quoted:d`e']],
    [
      'mysql',
      '1e5 2e 1.5 0x1F 0X1F 3d.4',
      ['number:1e5', 'number:2', 'word:e', 'number:1.5', 'number:0x1F', 'word:0X1F', 'word:3d', 'symbol:.', 'word:4'],
    ],
    ['mysql', '@a @@b.c ?', ['variable:@a', 'variable:@@b.c', 'parameter:?']],
    ['mysql', '# x\na -- x\nb--1', ['word:a', 'word:b', 'symbol:-', 'symbol:-', 'number:1']],
    ['mysql', '/*! a */ /*+ b */ /*!50000 c */ d', ['word:a', 'word:c', 'word:d']],
    [
      'sqlite',
      '?1 :a @b $c [d e] `f` "g"',
      ['parameter:?', 'parameter::a', 'parameter:@b', 'parameter:$c', 'quoted:d e', 'quoted:f', 'quoted:g'],
    ],
    ['sqlite', '/* /* */ a /* b', ['word:a']],
  ]
  for (const [dialect, sql, expected] of cases) {
    it(`H26 ${dialect}: ${JSON.stringify(sql)}`, () => {
      expect(pieces(sql, dialect)).toEqual(expected)
      expect(tokenize(sql, dialect).fault).toBeUndefined()
    })
  }

  const faults: readonly (readonly [Dialect, string])[] = [
    ['postgres', "'a"],
    ['postgres', '"a'],
    ['postgres', '$x$ a $y$'],
    ['postgres', '/* /* */'],
    ['postgres', 'U&"a!0061" UESCAPE \'!\''],
    ['postgres', 'a\0b'],
    ['postgres', 'a \\ b'],
    ['mysql', "'a\\'b'"],
    ['mysql', '"a\\"b"'],
    ['mysql', '`a'],
    ['mysql', '/* a'],
    ['mysql', '/*! a'],
    ['mysql', '/*!50700 a */'],
    ['mysql', '/*M! a */'],
    ['sqlite', '[a'],
    ['sqlite', "'a"],
  ]
  for (const [dialect, sql] of faults) {
    it(`H26 ${dialect}: ${JSON.stringify(sql)} may not be what the server reads`, () => {
      expect(tokenize(sql, dialect).fault).toBeTypeOf('string')
    })
  }

  it('gives keywords and symbols a key, and quoted names none', () => {
    const keys = tokenize('FROM "from" (', 'postgres').tokens.map(({ key }) => key)
    expect(keys).toEqual(['from', '', '('])
  })

  it('tokens follow each other and lie within the text', () => {
    const sql = 'SELECT "a" FROM b WHERE c = \'d\' -- e'
    let end = 0
    for (const token of tokenize(sql, 'postgres').tokens) {
      expect(token.start).toBeGreaterThanOrEqual(end)
      expect(token.end).toBeGreaterThan(token.start)
      end = token.end
    }
    expect(end).toBeLessThanOrEqual(sql.length)
  })
})
