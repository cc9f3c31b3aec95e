import { describe, expect, it } from 'vitest'
import { analyzeSql } from './analyze-sql.ts'
import type { Dialect, StatementTables } from './statement-tables.ts'

/** One line for a result: `reads a b; update t(x y); row-lock; begin; unknown!`. `!` when it may write, `?` when it cannot. */
function inWords(tables: StatementTables): string {
  const writes = tables.writes.map(
    ({ table, event, columns }) => `${event} ${table}${columns ? `(${columns.join(' ')})` : ''}`,
  )
  const parts = [
    tables.reads.length > 0 ? `reads ${[...tables.reads].sort().join(' ')}` : '',
    ...writes,
    tables.traits.join(' '),
    tables.controls.join(' '),
    tables.unknown === undefined ? '' : `unknown${tables.mayWrite ? '!' : '?'}`,
  ]
  return parts.filter((part) => part !== '').join('; ')
}

const dialects: Readonly<Record<string, readonly Dialect[]>> = {
  all: ['postgres', 'mysql', 'sqlite'],
  pg: ['postgres'],
  my: ['mysql'],
  lite: ['sqlite'],
  'pg my': ['postgres', 'mysql'],
  'pg lite': ['postgres', 'sqlite'],
  'my lite': ['mysql', 'sqlite'],
}
type Case = readonly [on: keyof typeof dialects, sql: string, expected: string]

function check(cases: readonly Case[]): void {
  for (const [on, sql, expected] of cases) {
    for (const dialect of dialects[on] ?? []) {
      it(`${dialect}: ${sql.replace(/\s+/g, ' ').slice(0, 140)}`, () => {
        expect(inWords(analyzeSql(sql, dialect))).toBe(expected)
      })
    }
  }
}

describe('H20 finds the tables of joins', () => {
  check([
    ['all', 'SELECT * FROM a', 'reads a'],
    ['all', 'SELECT * FROM a, b, c WHERE a.x = b.x', 'reads a b c'],
    ['all', 'SELECT * FROM a JOIN b ON a.x = b.x LEFT JOIN c ON c.y = b.y, d', 'reads a b c d'],
    ['all', 'SELECT * FROM a NATURAL JOIN b CROSS JOIN c INNER JOIN d USING (x), e', 'reads a b c d e'],
    ['all', 'SELECT * FROM a JOIN (b JOIN c ON b.x = c.x) ON a.x = b.x', 'reads a b c'],
    ['all', 'SELECT * FROM ((a JOIN b ON true)) JOIN c ON true', 'reads a b c'],
    ['all', 'SELECT * FROM (a, b) JOIN c ON a.x = c.x', 'reads a b c'],
    ['all', 'SELECT * FROM a JOIN b JOIN c ON b.x = c.x ON a.x = b.x, d', 'reads a b c d'],
    ['all', 'SELECT * FROM a AS t1 LEFT JOIN b t2 ON t1.x = t2.x OR t2.y IN (1, 2), c AS "t3"', 'reads a b c'],
    ['pg', 'SELECT * FROM a JOIN b ON a.tags && ARRAY[b.x, b.y], c', 'reads a b c'],
    ['pg', 'SELECT * FROM a JOIN b ON a.x IS NOT DISTINCT FROM b.x, c', 'reads a b c'],
    ['all', 'SELECT * FROM a JOIN b ON CASE WHEN a.x > 1 THEN 1 ELSE 2 END = b.x, c', 'reads a b c'],
    ['pg my', 'SELECT * FROM a JOIN b ON left(a.x, 2) = right(b.x, 2), c', 'reads a b c'],
    ['pg', 'SELECT * FROM ONLY a, ONLY (b), c *', 'reads a b c'],
    ['pg', 'SELECT * FROM a TABLESAMPLE SYSTEM (10) REPEATABLE (1), b', 'reads a b; non-deterministic'],
    ['my', 'SELECT STRAIGHT_JOIN a.x FROM a STRAIGHT_JOIN b ON a.x = b.x, c', 'reads a b c'],
    ['my', 'SELECT * FROM a USE INDEX (i), b FORCE INDEX FOR ORDER BY (j) IGNORE KEY (k), c', 'reads a b c'],
    ['my', 'SELECT * FROM a PARTITION (p0, p1) AS t, b', 'reads a b'],
    ['lite', 'SELECT * FROM a INDEXED BY i, b NOT INDEXED, c', 'reads a b c'],
    // Words that are a clause in one place and an alias or a column in another.
    ['my lite', 'SELECT * FROM a offset, b', 'reads a b'],
    ['my', 'SELECT * FROM a JOIN b ON offset = b.x, c', 'reads a b c'],
    ['lite', 'SELECT * FROM a window, b', 'reads a b'],
    ['my', 'SELECT * FROM a full JOIN b ON true, c', 'reads a b c'],
    ['my', 'SELECT 1 FROM DUAL', ''],
    ['my', 'SELECT * FROM a JOIN { OJ b LEFT OUTER JOIN c ON true } ON true', 'reads a c; unknown!'],
    ['all', 'SELECT * FROM a b c', 'reads a; unknown!'],
  ])
})

describe('H20 finds the tables of subqueries wherever they stand', () => {
  check([
    ['all', 'SELECT * FROM a WHERE x IN (SELECT y FROM b WHERE EXISTS (SELECT 1 FROM c))', 'reads a b c'],
    ['all', 'SELECT (SELECT count(*) FROM b), a.x FROM a', 'reads a b'],
    ['all', 'SELECT * FROM (SELECT * FROM a, b) t, c', 'reads a b c'],
    ['all', 'SELECT * FROM ((SELECT * FROM a) UNION (SELECT * FROM b)) t JOIN c ON true', 'reads a b c'],
    ['all', 'SELECT x FROM a ORDER BY (SELECT max(y) FROM b) LIMIT (SELECT 1 FROM c)', 'reads a b c'],
    ['all', 'SELECT x, count(*) FROM a GROUP BY x HAVING count(*) > (SELECT avg(y) FROM b)', 'reads a b'],
    ['all', 'SELECT CASE WHEN EXISTS (SELECT 1 FROM b) THEN 1 ELSE (SELECT 2 FROM c) END FROM a', 'reads a b c'],
    ['all', 'SELECT coalesce((SELECT x FROM b), 0) FROM a', 'reads a b'],
    ['all', 'SELECT * FROM a UNION SELECT * FROM b UNION ALL SELECT * FROM c', 'reads a b c'],
    ['all', 'SELECT * FROM a INTERSECT SELECT * FROM b EXCEPT SELECT * FROM c', 'reads a b c'],
    ['pg my', '(SELECT * FROM a) UNION (SELECT * FROM b) ORDER BY 1', 'reads a b'],
    ['pg', 'SELECT ARRAY(SELECT x FROM b), x = ANY (SELECT y FROM c) FROM a', 'reads a b c'],
    ['pg my', 'SELECT * FROM a, LATERAL (SELECT * FROM b WHERE b.x = a.x) t', 'reads a b'],
    [
      'pg',
      'SELECT * FROM a LEFT JOIN LATERAL (SELECT jsonb_agg(t) FROM (SELECT * FROM b) t) u ON true, c',
      'reads a b c',
    ],
    ['pg my', 'TABLE a', 'reads a'],
    ['pg my', 'SELECT 1 UNION TABLE a', 'reads a'],
    ['pg', '(TABLE ONLY a) UNION TABLE b', 'reads a b'],
    ['all', 'VALUES (1, (SELECT x FROM a)), (2, 3)', 'reads a'],
    ['pg lite', 'SELECT * FROM (VALUES (1), (2)) AS t (x), a', 'reads a'],
    ['my', 'SELECT * FROM (VALUES ROW(1), ROW(2)) AS t (x), a', 'reads a'],
    ['lite', 'SELECT * FROM a WHERE x IN b AND y NOT IN main.c', 'reads a b c'],
    ['lite', 'SELECT * FROM \'a\', "b", [c d], `e`', 'reads a b c d e'],
  ])
})

describe('H20 tells WITH names from tables by scope', () => {
  check([
    ['all', 'WITH t AS (SELECT * FROM a) SELECT * FROM t, b', 'reads a b'],
    ['all', 'WITH t (x, y) AS (SELECT * FROM a), u AS (SELECT * FROM t) SELECT * FROM u JOIN t ON true', 'reads a'],
    [
      'all',
      'WITH RECURSIVE t AS (SELECT * FROM a UNION ALL SELECT * FROM t JOIN b ON true) SELECT * FROM t',
      'reads a b',
    ],
    ['lite', 'WITH t AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT * FROM t', ''],
    // The WITH name is not visible in its own body, outside its brackets, or under a schema.
    ['pg my', 'WITH a AS (SELECT * FROM a) SELECT * FROM a', 'reads a'],
    ['all', 'SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) t, a', 'reads a'],
    ['all', 'WITH a AS (SELECT 1) SELECT * FROM s.a', 'reads a'],
    ['all', 'SELECT * FROM (WITH t AS (SELECT 1) SELECT * FROM b) x; SELECT * FROM t', 'reads b t'],
    ['all', 'WITH t AS (SELECT 1) SELECT (SELECT count(*) FROM t) FROM a', 'reads a'],
    ['all', 'WITH t AS (SELECT * FROM u), u AS (SELECT 1) SELECT * FROM t', 'reads u'],
    [
      'pg',
      'WITH t AS MATERIALIZED (SELECT * FROM a), u AS NOT MATERIALIZED (SELECT * FROM b) SELECT * FROM t, u',
      'reads a b',
    ],
    [
      'pg',
      'WITH RECURSIVE t AS (SELECT * FROM a) SEARCH DEPTH FIRST BY x, y SET o, u AS (SELECT * FROM b) SELECT * FROM t, u, o',
      'reads a b o',
    ],
    ['pg', 'WITH RECURSIVE t AS (SELECT * FROM a) CYCLE x, y SET c USING p SELECT * FROM t', 'reads a'],
    ['pg', 'WITH recursive AS (SELECT * FROM a) SELECT * FROM recursive', 'reads a'],
    ['pg', 'WITH "T" AS (SELECT * FROM a) SELECT * FROM T', 'reads a t'],
    ['pg', 'WITH T AS (SELECT * FROM a) SELECT * FROM t, "t"', 'reads a'],
    ['my', 'WITH T AS (SELECT * FROM a) SELECT * FROM t', 'reads a t'],
    ['lite', 'WITH T AS (SELECT * FROM a) SELECT * FROM t', 'reads a'],
    ['all', 'WITH t SELECT * FROM a', 'reads a; unknown!'],
  ])
})

describe('H20 reads names as the database does', () => {
  check([
    [
      'pg',
      'SELECT * FROM Users, "Users", Public.Orders, "public" . "Order Items"',
      'reads Order Items Users orders users',
    ],
    ['pg', 'SELECT * FROM U&"d\\0061t\\+000061", "a""b"', 'reads a"b data'],
    ['pg', 'SELECT * FROM ÄÖ', 'reads ÄÖ'],
    ['my', 'SELECT * FROM Users, `Users`, Shop . Orders, `shop`.`a``b`', 'reads a`b orders users'],
    ['my', 'SELECT * FROM 2020_sales, db.2020, .t, 1e5x', 'reads 1e5x 2020 2020_sales t'],
    ['my', 'SELECT * FROM "Users" AS "u", "shop"."orders"', 'reads orders users'],
    ['lite', 'SELECT * FROM Users, "USERS", main.[Orders]', 'reads orders users'],
    ['all', 'SELECT a.b, b.a FROM a AS b, b AS a', 'reads a b'],
    ['all', 'SELECT users.id FROM users users JOIN orders AS users2 ON users2.x = users.x', 'reads orders users'],
    ['all', 'SELECT t.from, t.join FROM t', 'reads t'],
    ['pg', 'SELECT 1 AS from, 2 AS select, (x).from FROM t', 'reads t'],
    ['lite', 'SELECT * FROM t WHERE a > :from AND b < @from AND c = $select', 'reads t'],
    ['my', 'SELECT * FROM t WHERE a > :from', 'reads t'],
    ['pg', `SELECT * FROM ${'x'.repeat(70)}`, `reads ${'x'.repeat(63)}`],
  ])
})

describe('H20 does not take functions and FROM as syntax for tables', () => {
  check([
    ['pg', 'SELECT * FROM generate_series(1, 10) g, unnest($1::int[]) WITH ORDINALITY AS u (a, b), a', 'reads a'],
    [
      'pg',
      'SELECT * FROM ROWS FROM (generate_series(1, 2), json_to_record($1) AS (a int, b numeric(10, 2))) x, a',
      'reads a',
    ],
    ['pg', 'SELECT * FROM json_to_recordset($1) AS t (a int, b text), a', 'reads a'],
    [
      'my',
      "SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (a INT PATH '$.a', b VARCHAR(10) PATH '$.b')) AS t, a",
      'reads a',
    ],
    ['lite', 'SELECT * FROM a, json_each(a.tags) j', 'reads a json_each'],
    ['lite', "SELECT * FROM documents('query')", 'reads documents; unknown-function; unknown!'],
    [
      'pg',
      "SELECT extract(year FROM x), substring(y FROM 1 FOR 2), trim(both ' ' FROM z), overlay(a placing b from 1) FROM t",
      'reads t',
    ],
    [
      'my',
      "SELECT EXTRACT(YEAR FROM x), SUBSTRING(y FROM 2), TRIM(LEADING 'x' FROM z), MID(a FROM 1) FROM t",
      'reads t',
    ],
    ['pg', 'SELECT x IS DISTINCT FROM y, a IS NOT DISTINCT FROM b FROM t, u', 'reads t u'],
    [
      'pg',
      'SELECT x::numeric(10, 2), CAST(y AS varchar(10)), z::"public"."Role"[], w::timestamp(3) with time zone FROM t',
      'reads t',
    ],
    [
      'pg',
      'SELECT count(*) FILTER (WHERE x > 1), rank() OVER (PARTITION BY a ORDER BY (b)), percentile_cont(0.5) WITHIN GROUP (ORDER BY c) FROM t',
      'reads t',
    ],
    ['pg', 'SELECT pg_catalog.lower(x), "lower"(x) FROM t', 'reads t'],
    [
      'my',
      "SELECT GROUP_CONCAT(DISTINCT x ORDER BY y SEPARATOR ', '), CONVERT(z USING utf8mb4), x + INTERVAL 1 DAY FROM t WHERE MATCH (a, b) AGAINST ('x' IN BOOLEAN MODE)",
      'reads t',
    ],
    ['pg', 'SELECT a FROM t FROM u', 'reads t u; unknown!'],
  ])
})

describe('H20 reads the SQL of ORMs', () => {
  check([
    [
      'pg',
      `SELECT "public"."User"."id", COALESCE("t1"."data", '[]'::jsonb) FROM "public"."User" LEFT JOIN LATERAL (SELECT JSONB_AGG(JSONB_BUILD_OBJECT('id', "t2"."id")) AS "data" FROM (SELECT "t3".* FROM "public"."Post" AS "t3" WHERE "t3"."authorId" = "public"."User"."id" LIMIT $1) AS "t2") AS "t1" ON TRUE WHERE ("public"."User"."email" = $2 AND 1=1) LIMIT $3 OFFSET $4`,
      'reads Post User',
    ],
    [
      'pg',
      'SELECT COUNT(*) AS "_count$_all" FROM (SELECT "public"."User"."id" FROM "public"."User" WHERE 1=1 OFFSET $1) AS "sub"',
      'reads User',
    ],
    [
      'pg',
      'INSERT INTO "public"."User" ("email","role") VALUES ($1,CAST($2::text AS "public"."Role")) RETURNING "public"."User"."id"',
      'reads User; insert User',
    ],
    [
      'pg',
      'INSERT INTO "public"."User" ("id") VALUES ($1) ON CONFLICT ("id") DO UPDATE SET "name" = $2, "at" = excluded."at" WHERE ("public"."User"."id" = $3) RETURNING "id"',
      'reads User; insert User; update User(name at)',
    ],
    [
      'pg',
      'UPDATE "public"."User" SET "name" = $1, "n" = "public"."User"."n" + $2 WHERE ("public"."User"."id" IN ($3,$4) AND 1=1)',
      'update User(name n)',
    ],
    [
      'my',
      'SELECT `db`.`User`.`id`, `db`.`User`.`email` FROM `db`.`User` WHERE (`db`.`User`.`id` = ? AND 1=1) LIMIT ? OFFSET ?',
      'reads user',
    ],
    [
      'my',
      'INSERT INTO `db`.`User` (`id`,`email`) VALUES (?,?) ON DUPLICATE KEY UPDATE `email` = VALUES(`email`), `n` = `n` + 1',
      'insert user; update user(email n)',
    ],
    [
      'lite',
      'SELECT `main`.`User`.`id` FROM `main`.`User` LEFT JOIN `main`.`Post` AS `j0` ON (`j0`.`authorId`) = (`main`.`User`.`id`) WHERE 1=1 LIMIT ? OFFSET ?',
      'reads post user',
    ],
    ['lite', 'INSERT INTO `main`.`User` (`email`) VALUES (?), (?) RETURNING `id` AS `id`', 'reads user; insert user'],
    [
      'pg',
      'select "d0"."id", "d0_posts"."data" as "posts" from "users" "d0" left join lateral (select coalesce(json_agg(json_build_array("d1"."id")), \'[]\'::json) as "data" from (select * from "posts" "d1" where "d1"."user_id" = "d0"."id" order by "d1"."id" desc limit $1) "d1") "d0_posts" on true',
      'reads posts users',
    ],
  ])
})

describe('H22 sees writes inside WITH', () => {
  check([
    ['pg', 'WITH t AS (INSERT INTO a (x) VALUES (1) RETURNING *) SELECT * FROM t', 'reads a; insert a'],
    [
      'pg',
      'WITH t AS (DELETE FROM a USING b WHERE a.x = b.x RETURNING a.*), u AS (UPDATE c SET y = 1) SELECT * FROM t, d',
      'reads a b d; delete a; update c(y)',
    ],
    ['pg', 'WITH t AS (SELECT * FROM a) INSERT INTO b SELECT * FROM t', 'reads a; insert b'],
    ['all', 'WITH t AS (SELECT * FROM a) UPDATE b SET x = (SELECT y FROM t) WHERE z = 1', 'reads a; update b(x)'],
    ['all', 'WITH t AS (SELECT * FROM a) DELETE FROM b WHERE x IN (SELECT x FROM t)', 'reads a; delete b'],
    // A write's target is never a WITH name.
    ['pg lite', 'WITH b AS (SELECT * FROM a) INSERT INTO b SELECT * FROM b', 'reads a; insert b'],
  ])
})

describe('H25 lists what writes change, and how', () => {
  check([
    ['all', 'INSERT INTO a (x, y) VALUES (1, 2), (3, 4)', 'insert a'],
    ['all', 'INSERT INTO a SELECT * FROM b JOIN c ON b.x = c.x', 'reads b c; insert a'],
    ['all', 'INSERT INTO a (x) SELECT x FROM b UNION SELECT x FROM c', 'reads b c; insert a'],
    ['pg my', 'INSERT INTO a (x) (SELECT x FROM b)', 'reads b; insert a'],
    [
      'pg lite',
      'INSERT INTO a AS t (x) VALUES (1) ON CONFLICT (x) WHERE y > 1 DO UPDATE SET (x, y) = (1, 2), z = DEFAULT WHERE t.x = 1',
      'insert a; update a(x y z)',
    ],
    ['pg', 'INSERT INTO a VALUES (1) ON CONFLICT ON CONSTRAINT k DO NOTHING', 'insert a'],
    [
      'pg lite',
      'INSERT INTO a SELECT x FROM b WHERE true ON CONFLICT DO UPDATE SET x = (SELECT max(x) FROM c)',
      'reads b c; insert a; update a(x)',
    ],
    ['lite', 'INSERT OR REPLACE INTO a (x) VALUES (1)', 'insert a; delete a'],
    ['lite', 'INSERT OR IGNORE INTO a DEFAULT VALUES', 'insert a'],
    ['my lite', 'REPLACE INTO a (x) VALUES (1)', 'insert a; delete a'],
    ['my', 'REPLACE a SELECT * FROM b', 'reads b; insert a; delete a'],
    [
      'my',
      'INSERT LOW_PRIORITY IGNORE a SET x = 1, y = 2 ON DUPLICATE KEY UPDATE x = VALUES(x), y = y + 1',
      'insert a; update a(x y)',
    ],
    [
      'my',
      'INSERT INTO a PARTITION (p0) (x) VALUES (1) AS new ON DUPLICATE KEY UPDATE a.x = new.x',
      'insert a; update a(x)',
    ],
    ['pg', 'INSERT OVERWRITE a SELECT * FROM b', 'reads b; insert overwrite; unknown!'],
    ['all', 'UPDATE a SET x = 1, y = (SELECT max(z) FROM b) WHERE x IN (SELECT x FROM c)', 'reads b c; update a(x y)'],
    [
      'pg lite',
      'UPDATE a AS t SET x = b.x FROM b JOIN c ON true, d WHERE t.y = b.y RETURNING t.x',
      'reads a b c d; update a(x)',
    ],
    ['pg', 'UPDATE ONLY a SET "X" = 1, (y, z) = ROW(1, 2), arr[1:2] = $1, comp.field = 3', 'update a(X y z arr comp)'],
    ['pg', 'UPDATE a SET x = CASE WHEN y IS DISTINCT FROM 1 THEN 2 ELSE 3 END, z = 4 FROM b', 'reads b; update a(x z)'],
    ['lite', 'UPDATE OR REPLACE a SET x = 1 WHERE y = 2', 'delete a; update a(x)'],
    ['my', 'UPDATE a SET x = 1, y = 2 WHERE z = 3 ORDER BY x LIMIT 5', 'update a(x y)'],
    [
      'my',
      'UPDATE a AS t JOIN b USING (id) LEFT JOIN c ON c.x = t.x SET t.x = 1, b.y = 2',
      'reads a b c; update a(x); update b(y)',
    ],
    ['my', 'UPDATE a, b SET x = 1, a.y = 2 WHERE a.id = b.id', 'reads a b; update a(x y); update b(x)'],
    ['my', 'UPDATE a JOIN b ON true SET z.x = 1', 'reads a b; update a; update b'],
    ['my', 'UPDATE a JOIN (SELECT * FROM c) t ON true SET a.x = t.x', 'reads a c; update a(x)'],
    ['pg', 'UPDATE a SET sum(x) = 1', 'update a; unknown!'],
    ['all', 'DELETE FROM a WHERE x IN (SELECT x FROM b)', 'reads b; delete a'],
    ['pg', 'DELETE FROM ONLY a AS t USING b, c WHERE t.x = b.x RETURNING *', 'reads a b c; delete a'],
    [
      'my',
      'DELETE t, c FROM a AS t JOIN b ON t.x = b.x JOIN c ON true WHERE b.y = 1',
      'reads a b c; delete a; delete c',
    ],
    ['my', 'DELETE FROM t.*, c USING a AS t JOIN c ON true', 'reads a c; delete a; delete c'],
    ['my', 'DELETE x FROM a JOIN b ON true', 'reads a b; delete x; delete a; delete b'],
    ['my', 'DELETE QUICK FROM a PARTITION (p0) WHERE x = 1 LIMIT 1', 'delete a'],
    [
      'pg',
      'MERGE INTO a AS t USING (SELECT * FROM b) s ON t.x = s.x WHEN MATCHED AND s.del THEN DELETE WHEN MATCHED THEN UPDATE SET y = CASE WHEN s.y > 1 THEN 2 END, z = 3 WHEN NOT MATCHED THEN INSERT (x, y) VALUES (s.x, s.y)',
      'reads b; delete a; update a(y z); insert a',
    ],
    [
      'pg',
      'MERGE INTO a USING b ON a.x = b.x WHEN NOT MATCHED BY SOURCE THEN DELETE WHEN NOT MATCHED THEN DO NOTHING',
      'reads b; delete a',
    ],
    ['pg lite', 'UPDATE a SET x = 1 FROM (SELECT * FROM b) t', 'reads b; update a(x)'],
  ])
})

describe('H26 reads several statements, comments and strings', () => {
  check([
    ['all', 'SELECT * FROM a; DELETE FROM b; ; SELECT * FROM c;', 'reads a c; delete b'],
    ['all', '', ''],
    ['all', ' \n/* SELECT * FROM x */ -- FROM y\n ; ', ''],
    ['all', 'SELECT \' FROM x -- \', "a".b FROM a -- , b\n, c /* , d */', 'reads a c'],
    ['all', "SELECT 'it''s; DELETE FROM x' FROM a", 'reads a'],
    ['pg', 'SELECT * FROM a /* /* nested */ , x */ , b', 'reads a b'],
    ['my lite', 'SELECT * FROM a /* /* not nested */ , b', 'reads a b'],
    ['pg', "SELECT $$ FROM x $$, $q$ ' FROM y $q$, E'\\' FROM z ', 'c:\\' FROM a", 'reads a'],
    ['pg', "SELECT E'a'\n '\\' FROM x, ' FROM a", 'reads a'],
    ['pg', 'SELECT $1$2 FROM a$b$c', 'reads a$b$c'],
    ['my', 'SELECT * FROM a # , x\n, b -- , y\n, c', 'reads a b c'],
    ['my', 'SELECT 1--1 FROM a', 'reads a'],
    ['my', 'SELECT /*+ NO_MERGE(x) */ * FROM a /*! , b */ /*!40000 , c */', 'reads a b c'],
    ['my', 'SELECT * FROM a /*!80013 , b */', 'reads a b; unknown!'],
    ['my', 'SELECT * FROM a /*M! , b */', 'reads a b; unknown!'],
    ['my', "SELECT 'a\\\\' FROM a", 'reads a'],
    ['my', "SELECT 'it\\'s' FROM a", 'reads a; unknown!'],
    ['my', 'SELECT "it""s FROM x" FROM a', 'reads a'],
    ['lite', 'SELECT * FROM a /* open', 'reads a'],
    ['pg my', 'SELECT * FROM a /* open', 'reads a; unknown!'],
    ['all', "SELECT * FROM a WHERE x = 'open", 'reads a; unknown!'],
    ['all', 'SELECT * FROM a WHERE (x = 1', 'reads a; unknown!'],
    ['all', 'SELECT * FROM a WHERE x = 1) UNION SELECT * FROM b', 'reads a b; unknown!'],
    ['all', 'SELECT * FROM a\0, b', 'reads a; unknown!'],
    ['pg', 'TRUNCATE TABLE ONLY a, s."B" RESTART IDENTITY CASCADE', 'truncate a; truncate B'],
    ['my', 'TRUNCATE a', 'truncate a; commit'],
    ['pg', 'COPY a (x, y) FROM STDIN WITH (FORMAT csv)', 'insert a; side-effect'],
    ['pg', "COPY s.a TO '/tmp/x'", 'reads a; side-effect'],
    ['pg', 'COPY (SELECT * FROM a, b) TO STDOUT', 'reads a b; side-effect'],
    [
      'my',
      "LOAD DATA LOCAL INFILE 'x' REPLACE INTO TABLE a FIELDS TERMINATED BY ','",
      'insert a; delete a; side-effect',
    ],
    ['pg', 'CALL p(1)', 'unknown!'],
    ['pg', 'DO $$ BEGIN DELETE FROM a; END $$', 'unknown!'],
    ['all', 'EXECUTE s', 'unknown!'],
    ['pg my', 'PREPARE s AS SELECT * FROM a', 'reads a; unknown!'],
    ['my', 'HANDLER a OPEN', 'unknown!'],
    ['all', 'FROBNICATE a', 'unknown!'],
    ['all', '(((((', 'unknown!'],
    ['pg', 'EXPLAIN SELECT * FROM a', 'reads a; unknown?'],
    ['pg', 'EXPLAIN DELETE FROM a', 'reads a; unknown?'],
    ['pg', 'EXPLAIN (ANALYZE, BUFFERS) DELETE FROM a', 'delete a; unknown!'],
    ['pg', 'EXPLAIN ANALYZE VERBOSE UPDATE a SET x = 1', 'update a(x); unknown!'],
    ['pg', 'EXPLAIN (ANALYZE off) DELETE FROM a', 'reads a; unknown?'],
    ['my', 'EXPLAIN FORMAT=JSON SELECT * FROM a', 'reads a; unknown?'],
    ['lite', 'EXPLAIN QUERY PLAN SELECT * FROM a', 'reads a; unknown?'],
    ['my', 'DESCRIBE a', 'reads a; unknown?'],
  ])
})

describe('H26 DDL counts as a write to everything', () => {
  check([
    ['pg lite', 'CREATE TABLE IF NOT EXISTS a (id int PRIMARY KEY, x numeric(10, 2) DEFAULT 0)', 'ddl a; unknown!'],
    ['my', 'CREATE TABLE a (id int)', 'ddl a; commit; unknown!'],
    ['pg', 'CREATE TABLE a AS WITH t AS (SELECT * FROM b) SELECT * FROM t, c', 'reads b c; ddl a; unknown!'],
    ['pg', 'CREATE MATERIALIZED VIEW v AS SELECT * FROM a', 'reads a; ddl v; unknown!'],
    ['pg lite', 'CREATE UNIQUE INDEX i ON a (x)', 'ddl a; unknown!'],
    ['pg', 'ALTER TABLE ONLY s.a ADD COLUMN x int', 'ddl a; unknown!'],
    ['pg', 'DROP TABLE IF EXISTS a, b CASCADE', 'ddl a; ddl b; unknown!'],
    ['my', 'RENAME TABLE a TO b', 'ddl a; ddl b; commit; unknown!'],
    ['pg', 'SELECT * INTO s.a FROM b', 'reads b; ddl a; unknown!'],
    ['pg', 'SELECT * INTO TEMP TABLE a FROM b', 'reads b; ddl a; temporary-table; unknown!'],
    ['pg', 'GRANT SELECT ON a TO bob', 'unknown!'],
    // What is inside a body does not run now, and its END is no COMMIT.
    [
      'lite',
      'CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET x = CASE WHEN 1 THEN 2 END; DELETE FROM c; END; DELETE FROM d',
      'ddl a; delete d; unknown!',
    ],
    [
      'pg',
      'CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END; DELETE FROM d',
      'delete d; unknown!',
    ],
    ['pg', 'CREATE FUNCTION f() RETURNS int AS $$ SELECT 1; END $$ LANGUAGE sql; DELETE FROM d', 'delete d; unknown!'],
    ['my', 'CREATE PROCEDURE p() IF 1 THEN DELETE FROM a; END IF', 'commit; unknown!'],
    ['lite', 'CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM c; END; COMMIT', 'ddl a; commit; unknown!'],
    ['my', 'CREATE PROCEDURE p() BEGIN DELETE FROM a; COMMIT; END', 'commit; unknown!'],
  ])
})

describe('H34 names what makes a read uncacheable', () => {
  check([
    ['pg', 'SELECT now(), CURRENT_DATE, clock_timestamp() FROM a', 'reads a; non-deterministic'],
    ['pg', 'SELECT * FROM a WHERE t > LOCALTIMESTAMP(3) AND u < current_timestamp', 'reads a; non-deterministic'],
    ['pg lite', 'SELECT random() FROM a', 'reads a; non-deterministic'],
    ['pg', 'SELECT gen_random_uuid()', 'non-deterministic'],
    ['pg', "SELECT * FROM a WHERE t > 'today' AND u < 'Tomorrow 04:00'::timestamp", 'reads a; non-deterministic'],
    ['pg', "SELECT * FROM a WHERE t = 'pay now' OR u = 'nowhere'", 'reads a'],
    ['pg', 'SELECT age(x) FROM a', 'reads a; non-deterministic'],
    ['pg', 'SELECT age(x, y) FROM a', 'reads a'],
    ['my', 'SELECT NOW(), UTC_TIMESTAMP, UUID(), RAND() FROM a', 'reads a; non-deterministic'],
    ['my', 'SELECT UNIX_TIMESTAMP()', 'non-deterministic'],
    ['my', 'SELECT UNIX_TIMESTAMP(x) FROM a', 'reads a'],
    ['lite', "SELECT date('now')", 'non-deterministic'],
    ['lite', "SELECT date(x, '+1 day'), strftime('%Y', x) FROM a", 'reads a'],
    ['lite', 'SELECT date(coalesce(?, x)) FROM a', 'reads a; non-deterministic'],
    ['lite', 'SELECT datetime() FROM a', 'reads a; non-deterministic'],
    ['lite', "SELECT strftime('%s') FROM a", 'reads a; non-deterministic'],
    ['lite', 'SELECT CURRENT_TIMESTAMP, randomblob(4)', 'non-deterministic'],
    ['pg', "SELECT nextval('s')", 'side-effect'],
    ['pg', 'SELECT pg_advisory_xact_lock(1), pg_sleep(1), pg_notify($1, $2), lo_create(0)', 'side-effect'],
    ['my', "SELECT SLEEP(1), GET_LOCK('x', 1)", 'side-effect'],
    ['pg', "SELECT set_config('app.tenant', $1, true)", 'side-effect; session-local'],
    ['pg', "SELECT set_config('app.tenant', 'true', $1)", 'side-effect; session'],
    ['pg', "SELECT set_config('app.tenant', ',', not true)", 'side-effect; session'],
    ['pg', "SELECT current_user, current_setting('x'), currval('s'), user FROM a", 'reads a; session-state'],
    ['pg', "SELECT 'a'::regclass", 'session-state'],
    ['my', 'SELECT LAST_INSERT_ID(), USER(), DATABASE(), FOUND_ROWS()', 'session-state'],
    ['my', 'SELECT @x := @x + 1, @@sql_mode, @`a b` FROM a', 'reads a; session-state'],
    ['my', 'SELECT SQL_CALC_FOUND_ROWS * FROM a', 'reads a; session-state'],
    ['lite', 'SELECT changes(), last_insert_rowid()', 'session-state'],
    ['all', 'SELECT * FROM a FOR UPDATE', 'reads a; row-lock'],
    ['pg', 'SELECT * FROM a FOR NO KEY UPDATE OF a SKIP LOCKED', 'reads a; row-lock'],
    ['pg', 'SELECT * FROM a WHERE x IN (SELECT x FROM b FOR KEY SHARE)', 'reads a b; row-lock'],
    ['my', 'SELECT * FROM a LOCK IN SHARE MODE', 'reads a; row-lock'],
    ['my', "SELECT * INTO OUTFILE '/tmp/x' FROM a", 'reads a; side-effect'],
    ['my', 'SELECT x INTO @y FROM a', 'reads a; side-effect session-state'],
    ['pg', 'LOCK TABLE a, b IN SHARE MODE', 'reads a b; row-lock'],
    ['pg', 'SELECT * FROM pg_temp.a', 'reads a; temporary-table'],
    ['lite', 'SELECT * FROM temp.a', 'reads a; temporary-table'],
    ['pg lite', 'CREATE TEMP TABLE a (x int)', 'ddl a; temporary-table; session; unknown!'],
    ['my', 'CREATE TEMPORARY TABLE a (x int)', 'ddl a; temporary-table; session; unknown!'],
    ['pg', 'SELECT * FROM pg_class', 'reads pg_class; unknown?'],
    ['pg my', 'SELECT * FROM information_schema.tables', 'reads tables; unknown?'],
    ['lite', 'SELECT * FROM sqlite_master, pragma_table_list', 'reads pragma_table_list sqlite_master; unknown?'],
    ['my', 'SELECT * FROM mysql.user', 'reads user; unknown?'],
    ['pg', 'SELECT last_value FROM some_seq', 'reads some_seq; unknown?'],
    ['pg', 'SELECT pg_get_viewdef($1), pg_table_size($2)', 'session-state'],
    ['my', 'SELECT NEXT VALUE FOR s', 'side-effect'],
    ['all', 'SELECT * FROM a LIMIT 1', 'reads a'],
  ])
})

describe('H27 an unknown function may write', () => {
  check([
    ['all', 'SELECT my_func(x) FROM a', 'reads a; unknown-function; unknown!'],
    ['pg', 'SELECT * FROM my_func(1) f, a', 'reads a; unknown-function; unknown!'],
    ['pg', 'SELECT app.lower(x), "Lower"(x) FROM a', 'reads a; unknown-function; unknown!'],
    ['my', 'SELECT shop.lower(x) FROM a', 'reads a; unknown-function; unknown!'],
    ['pg', 'SELECT update(x), over(1), by(2) FROM a', 'reads a; unknown-function; unknown!'],
    ['all', 'UPDATE a SET x = my_func(1), y = 2', 'update a(x y); unknown-function; unknown!'],
  ])
  it('says which function it is', () => {
    expect(analyzeSql('SELECT my_func(1)', 'postgres').unknown).toBe('function my_func() is not known')
  })
})

describe('H08 H33 H37 H38 names transaction and session statements', () => {
  check([
    ['all', 'BEGIN', 'begin'],
    ['pg', 'START TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY', 'begin set-transaction'],
    ['lite', 'BEGIN IMMEDIATE TRANSACTION', 'begin'],
    ['my', 'BEGIN NOT ATOMIC DELETE FROM a; END', 'begin commit; unknown!'],
    ['all', 'COMMIT', 'commit'],
    ['pg lite', 'END TRANSACTION', 'commit'],
    ['pg my', 'COMMIT AND CHAIN', 'commit begin'],
    ['my', 'COMMIT AND NO CHAIN NO RELEASE', 'commit'],
    ['all', 'ROLLBACK', 'rollback'],
    ['pg', 'ABORT', 'rollback'],
    ['all', 'SAVEPOINT s1', 'savepoint'],
    ['all', 'ROLLBACK TO SAVEPOINT s1', 'rollback-to'],
    ['lite', 'ROLLBACK TRANSACTION TO s1', 'rollback-to'],
    ['all', 'RELEASE SAVEPOINT s1', 'release'],
    ['all', 'begin; insert into a values (1); commit', 'insert a; begin commit'],
    ['pg my', 'SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED', 'set-transaction'],
    ['pg', 'SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY', 'set-transaction'],
    ['pg', 'SET CONSTRAINTS ALL DEFERRED', 'set-transaction'],
    ['my', 'SET autocommit = 0', 'set-transaction'],
    ['my', 'SET @@session.autocommit = 1', 'session-state; set-transaction commit'],
    ['my', 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED', 'set-transaction'],
    ['lite', 'PRAGMA read_uncommitted = 1', 'set-transaction; unknown?'],
    ['lite', 'PRAGMA foreign_keys = ON', 'session; unknown?'],
    ['lite', 'PRAGMA table_info(a)', 'unknown?'],
    ['lite', 'PRAGMA main.writable_schema = 1', 'session; unknown!'],
    ['pg', 'SET search_path TO tenant_1, public', 'session'],
    ['pg', "SET LOCAL app.user = '1'", 'session-local'],
    ['my', "SET LOCAL sql_mode = 'ANSI'", 'session'],
    ['pg', 'SET ROLE bob', 'session'],
    ['pg', 'RESET ALL', 'session'],
    ['pg', 'DISCARD ALL', 'session'],
    ['my', 'USE shop', 'session'],
    ['my', 'SET @x = (SELECT max(y) FROM a)', 'reads a; session-state; session'],
    ['my', 'SET NAMES utf8mb4', 'session'],
    ['my', 'SET STATEMENT max_statement_time = 1 FOR DELETE FROM a', 'reads a; session; unknown!'],
    ['pg my', 'SHOW TABLES', 'unknown?'],
    ['my', 'LOCK TABLES a WRITE, b READ', 'reads a b; row-lock; commit'],
    ['my', 'UNLOCK TABLES', 'commit'],
    ['my', 'ALTER TABLE a ADD x int', 'ddl a; commit; unknown!'],
    ['pg', "PREPARE TRANSACTION 'x'", 'two-phase; unknown!'],
    ['pg', "COMMIT PREPARED 'x'", 'two-phase; unknown!'],
    ['pg', "ROLLBACK PREPARED 'x'", 'two-phase; unknown!'],
    ['my', "XA COMMIT 'x'", 'two-phase; unknown!'],
    ['pg', 'LISTEN c', 'side-effect'],
    ['pg', 'DECLARE c CURSOR FOR SELECT * FROM a', 'reads a; session-state'],
    ['pg', 'FETCH 10 FROM c', 'session-state; unknown?'],
    ['lite', "ATTACH 'x.db' AS y", 'session; unknown!'],
  ])
})

describe('H36 H39 maintenance of tables and views', () => {
  check([
    ['pg', 'TRUNCATE a CASCADE', 'truncate a'],
    ['pg', 'REFRESH MATERIALIZED VIEW CONCURRENTLY s.v WITH DATA', 'delete v; insert v'],
    ['pg', 'VACUUM a', 'unknown!'],
  ])
})

describe('analyzeSql', () => {
  it('counts statements', () => {
    expect(analyzeSql('', 'postgres').statements).toBe(0)
    expect(analyzeSql(';;', 'postgres').statements).toBe(0)
    expect(analyzeSql('SELECT 1; SELECT 2;', 'postgres').statements).toBe(2)
  })

  it('says that a read cannot write and that a write can', () => {
    expect(analyzeSql('SELECT * FROM a', 'postgres').mayWrite).toBe(false)
    expect(analyzeSql('BEGIN', 'postgres').mayWrite).toBe(false)
    expect(analyzeSql('DELETE FROM a', 'postgres').mayWrite).toBe(true)
  })

  it('forgets the columns of an update when one of two cannot be told', () => {
    const { writes } = analyzeSql('UPDATE a SET x = 1; UPDATE a JOIN b ON true SET z.y = 1', 'mysql')
    expect(writes.find(({ table }) => table === 'a')?.columns).toBeUndefined()
  })

  it('unites the columns of two updates', () => {
    const { writes } = analyzeSql('UPDATE a SET x = 1; UPDATE a SET y = 1, x = 2', 'postgres')
    expect(writes).toEqual([{ table: 'a', event: 'update', columns: ['x', 'y'] }])
  })

  it('freezes what it returns', () => {
    const tables = analyzeSql('UPDATE a SET x = 1', 'postgres')
    expect(() => (tables.reads as string[]).push('x')).toThrow(TypeError)
    expect(() => (tables.writes[0]?.columns as string[]).push('x')).toThrow(TypeError)
  })
})
