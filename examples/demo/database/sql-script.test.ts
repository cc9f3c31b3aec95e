// Scripts as psql and pg_dump write them.

import { expect, it } from 'vitest'
import { splitScript, tablesCreated } from './sql-script.ts'

it('splits at semicolons outside of texts, names, comments and dollar quotes', () => {
  const script = `
    -- one; comment
    INSERT INTO a VALUES ('x;y', E'it\\'s; ', N'it''s;'); /* two; */ SELECT ";" FROM "a;b";
    CREATE FUNCTION f() RETURNS int AS $body$ BEGIN; RETURN $1; END; $body$ LANGUAGE plpgsql;
    SELECT 3`
  expect(splitScript(script).statements).toEqual([
    `INSERT INTO a VALUES ('x;y', E'it\\'s; ', N'it''s;')`,
    `SELECT ";" FROM "a;b"`,
    `CREATE FUNCTION f() RETURNS int AS $body$ BEGIN; RETURN $1; END; $body$ LANGUAGE plpgsql`,
    'SELECT 3',
  ])
})

it('names what is meant for psql or for another database', () => {
  const script = 'DROP DATABASE IF EXISTS shop;\nCREATE DATABASE shop;\n\\c shop;\n\\set x 1\nSELECT 1;'
  expect(splitScript(script)).toEqual({
    statements: ['SELECT 1'],
    skipped: ['DROP DATABASE IF EXISTS shop', 'CREATE DATABASE shop', '\\c shop', '\\set x 1'],
  })
})

it('refuses COPY from stdin, and says what to do', () => {
  expect(() => splitScript('COPY public.a (id) FROM stdin;\n1\n\\.\n')).toThrow('pg_dump --inserts')
})

it('knows which tables a script creates', () => {
  const { statements } = splitScript('create table if not exists public.A (x int); CREATE TABLE "b" (y int); SELECT 1')
  expect(tablesCreated(statements)).toEqual(['a', 'b'])
})
