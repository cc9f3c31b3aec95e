/** Properties of the analysis over generated texts: it finds what a generator put in, never throws, and stays linear. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { analyzeCounted } from './analyze-sql.ts'
import type { Dialect } from './statement-tables.ts'
import { tokenize } from './tokenize.ts'

const dialects: readonly Dialect[] = ['postgres', 'mysql', 'sqlite']
const runs = { numRuns: 500 }

/** A query with the tables that it reads, and nothing else. */
interface Query {
  readonly sql: string
  readonly tables: ReadonlySet<string>
}

/** Few names, so that WITH names, aliases and tables collide often. */
const names = ['a', 'b', 'users', 'orders', 'lines'] as const

/** Builds queries out of a stream of choices, knowing which WITH names are in scope. */
class QueryBuilder {
  readonly #choose: (count: number) => number
  readonly tables = new Set<string>()
  #aliases = 0

  constructor(choose: (count: number) => number) {
    this.#choose = choose
  }

  query(depth: number, scope: ReadonlySet<string>): string {
    if (depth > 0 && this.#choose(5) === 0) return this.#withQuery(depth, scope)
    const arms = [this.#select(depth, scope)]
    while (depth > 0 && arms.length < 3 && this.#choose(5) === 0) arms.push(this.#select(depth - 1, scope))
    return arms.join(this.#pick([' UNION ', ' union all ', ' EXCEPT ', ' INTERSECT ']))
  }

  #withQuery(depth: number, scope: ReadonlySet<string>): string {
    const inner = new Set(scope)
    const parts: string[] = []
    do {
      const name = this.#pick(names.filter((candidate) => !parts.some((part) => part.startsWith(`${candidate} `))))
      parts.push(`${name} AS (${this.#withBody(depth - 1, inner, name)})`)
      inner.add(name)
    } while (parts.length < 3 && this.#choose(3) === 0)
    return `WITH ${parts.join(', ')} ${this.query(depth - 1, inner)}`
  }

  /** A body never names its own WITH item, because dialects differ in what that means. */
  #withBody(depth: number, scope: ReadonlySet<string>, own: string): string {
    return this.query(depth, new Set([...scope, `not ${own}`]))
  }

  #select(depth: number, scope: ReadonlySet<string>): string {
    const columns =
      this.#maybe(3, () => `(${this.#scalar(depth, scope)})`) ??
      this.#pick(['*', 'x, y AS z', "count(*), ' FROM nowhere '", 'coalesce(x, 0)'])
    const list = [this.#from(depth, scope)]
    while (list.length < 3 && this.#choose(3) === 0) list.push(this.#from(depth, scope))
    return `SELECT ${columns} FROM ${list.join(this.#pick([', ', ' , ', '\n,']))}${this.#tail(depth, scope)}`
  }

  #from(depth: number, scope: ReadonlySet<string>): string {
    let item = this.#table(depth, scope)
    while (this.#choose(3) === 0) {
      const join = this.#pick([' JOIN ', ' LEFT JOIN ', ' inner join ', ' LEFT OUTER JOIN '])
      item += join + this.#table(depth, scope)
      item +=
        this.#maybe(4, () => ` ON x IN (${this.#scalar(depth, scope)})`) ?? this.#pick([' ON x = y', ' USING (x)'])
    }
    return depth > 0 && this.#choose(6) === 0 ? `(${item})` : item
  }

  #table(depth: number, scope: ReadonlySet<string>): string {
    if (depth > 0 && this.#choose(4) === 0) return `(${this.query(depth - 1, scope)}) AS t${this.#aliases++}`
    const name = this.#pick(names.filter((candidate) => !scope.has(`not ${candidate}`)))
    const isQualified = this.#choose(5) === 0
    if (isQualified || !scope.has(name)) this.tables.add(name)
    const alias = this.#pick(['', '', ` AS t${this.#aliases++}`, ` t${this.#aliases++}`])
    return (isQualified ? `s.${name}` : name) + alias
  }

  #tail(depth: number, scope: ReadonlySet<string>): string {
    const plain = ['', ' WHERE x = 1', ' GROUP BY x, y HAVING count(*) > 1', ' /* , nothing */ WHERE NOT (x = 1)']
    return (
      this.#maybe(4, () => ` WHERE x IN (${this.#scalar(depth, scope)})`) ??
      this.#maybe(4, () => ` WHERE EXISTS (${this.#scalar(depth, scope)}) AND y LIKE 'a, b'`) ??
      this.#pick(plain)
    )
  }

  #scalar(depth: number, scope: ReadonlySet<string>): string {
    return depth > 0 ? this.query(depth - 1, scope) : '1'
  }

  /** Once in `odds` times. Lazy, since building a part records its tables. */
  #maybe(odds: number, build: () => string): string | undefined {
    return this.#choose(odds) === 0 ? build() : undefined
  }

  #pick<T>(options: readonly T[]): T {
    return options[this.#choose(options.length)] as T
  }
}

const queries: fc.Arbitrary<Query> = fc.array(fc.nat(10_000), { minLength: 5, maxLength: 300 }).map((choices) => {
  let at = 0
  // Past the end the last option is chosen, which ends every loop.
  const builder = new QueryBuilder((count) => (choices[at++] ?? count - 1) % count)
  const sql = builder.query(3, new Set())
  return { sql, tables: builder.tables }
})

const fragments =
  `SELECT FROM JOIN LEFT ON USING WITH RECURSIVE AS ( ) , ; . * a b "c" \`d\` [ ] 'e' $1 ? :f @g UNION VALUES TABLE
  INSERT INTO UPDATE SET DELETE MERGE WHEN THEN CONFLICT DO DUPLICATE KEY RETURNING WHERE ORDER BY LIMIT FOR CASE END DISTINCT IS
  NOT IN EXISTS LATERAL ONLY ROWS now ( :: = - -- /* */ /*! $$ $x$ E' U&" # \\ CREATE TRIGGER BEGIN COMMIT EXPLAIN ANALYZE
  TRUNCATE COPY LOCK { } 1 1.5 REPLACE SEARCH CYCLE`.split(/\s+/)
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: fc.constantFrom(...'(),;\'"`[]$/*-#\\ \nab.'), maxLength: 200 }),
  fc.array(fc.constantFrom(...fragments), { maxLength: 80 }).map((words) => words.join(' ')),
  fc
    .tuple(queries, fc.array(fc.tuple(fc.nat(2_000), fc.constantFrom('', ...fragments)), { maxLength: 5 }))
    .map(([{ sql }, edits]) =>
      edits.reduce((text, [at, word]) => `${text.slice(0, at)} ${word} ${text.slice(at + 4)}`, sql),
    ),
)

const stepsOf = (sql: string, dialect: Dialect) => analyzeCounted(sql, dialect).steps
const found = (sql: string, dialect: Dialect) => analyzeCounted(sql, dialect).tables

describe('analyzeSql on generated texts', () => {
  for (const dialect of dialects) {
    it(`H20 ${dialect}: finds exactly the tables that a generated query names`, () => {
      fc.assert(
        fc.property(queries, ({ sql, tables }) => {
          const { reads, unknown, mayWrite } = found(sql, dialect)
          expect(unknown).toBeUndefined()
          expect(mayWrite).toBe(false)
          expect([...reads].sort()).toEqual([...tables].sort())
        }),
        runs,
      )
    })

    it(`${dialect}: never throws, and looks at each token a bounded number of times`, () => {
      fc.assert(
        fc.property(texts, (sql) => {
          const { tables, steps } = analyzeCounted(sql, dialect)
          expect(steps).toBeLessThanOrEqual(40 * (tokenize(sql, dialect).tokens.length + 1))
          expect(tables.unknown ?? '').not.toContain('the analysis failed')
        }),
        { numRuns: 2_000 },
      )
    })

    it(`H26 ${dialect}: comments between tokens change nothing`, () => {
      fc.assert(
        fc.property(queries, ({ sql }) => {
          const { tokens } = tokenize(sql, dialect)
          // A qualified name is kept together: MySQL tells `from.t` from `from .t`.
          const spaced = tokens.map(({ start, end }) => sql.slice(start, end)).join(' /* FROM x; \' */ -- , y "\n')
          expect(found(spaced, dialect)).toEqual(found(sql, dialect))
        }),
        runs,
      )
    })

    it(`H26 ${dialect}: what follows in the same text hides nothing`, () => {
      fc.assert(
        fc.property(queries, texts, ({ sql, tables }, after) => {
          const both = found(`${sql}; ${after}`, dialect)
          for (const table of tables) expect(both.reads).toContain(table)
        }),
        runs,
      )
    })
  }

  const repeated: Readonly<Record<string, (n: number) => string>> = {
    'open brackets': (n) => '('.repeat(n),
    'nested subqueries': (n) => 'SELECT * FROM ('.repeat(n),
    'nested calls': (n) => `SELECT ${'lower('.repeat(n)}x${')'.repeat(n)} FROM a`,
    'brackets in FROM': (n) => `SELECT * FROM ${'('.repeat(n)}a${')'.repeat(n)}`,
    'a long FROM list': (n) => `SELECT * FROM ${'a, '.repeat(n)}b`,
    'many joins': (n) => `SELECT * FROM a ${'JOIN b ON x = y '.repeat(n)}`,
    'FROM after FROM': (n) => `SELECT * ${'FROM a JOIN b ON 1 '.repeat(n)}`,
    'many WITH items': (n) =>
      `WITH ${Array.from({ length: n }, (_, i) => `t${i} AS (SELECT * FROM t${i - 1})`).join(', ')} SELECT 1`,
    'WITH after WITH': (n) => 'WITH t AS (SELECT * FROM x) '.repeat(n),
    'writes after WITH': (n) => 'WITH t AS (SELECT 1) UPDATE a SET x = '.repeat(n),
    'many statements': (n) => 'SELECT * FROM a; '.repeat(n),
    'many assignments': (n) => `UPDATE a SET ${'x = 1, '.repeat(n)}y = 2`,
    'many values': (n) => `INSERT INTO a VALUES ${'(1, 2), '.repeat(n)}(3, 4)`,
    'search clauses': (n) => `WITH t AS (SELECT 1) ${'SEARCH a, '.repeat(n)}`,
    'explain after explain': (n) => 'EXPLAIN '.repeat(n),
    triggers: (n) => 'CREATE TRIGGER x BEGIN; '.repeat(n),
    'SET options': (n) => `SET ${'a = (1), '.repeat(n)}`,
    dots: (n) => `SELECT a${'.a'.repeat(n)} FROM b`,
    targets: (n) => `DELETE ${'a, '.repeat(n)}a FROM a`,
  }
  for (const [name, text] of Object.entries(repeated)) {
    it(`takes twice the steps for twice the text: ${name}`, () => {
      for (const dialect of dialects) {
        const once = stepsOf(text(1_000), dialect)
        const twice = stepsOf(text(2_000), dialect)
        expect(twice).toBeLessThanOrEqual(2.1 * once + 100)
      }
    })
  }

  it('survives texts far deeper than any stack', () => {
    for (const text of Object.values(repeated)) {
      for (const dialect of dialects) expect(found(text(20_000), dialect).statements).toBeGreaterThan(0)
    }
  })

  it('reads each character of unusual literals once', () => {
    // Each would be quadratic if an unclosed quote were searched for again and again.
    const texts = ['$a$ ', "E'", '/* ', '" ', '[ ', "'' ", '$x$$y$', '/*! ', '-- ']
    for (const text of texts) for (const dialect of dialects) tokenize(text.repeat(20_000), dialect)
    expect(tokenize(`${'$a$ $b$ '.repeat(3)}x`, 'postgres').tokens.length).toBeLessThan(8)
  })
})
