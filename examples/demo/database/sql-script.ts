/** Splits an SQL script for PostgreSQL into statements that can be sent one by one. */

export interface SqlScript {
  readonly statements: readonly string[]
  /** What is not for this database: psql commands, DROP / CREATE DATABASE. Each as it stands in the script. */
  readonly skipped: readonly string[]
}

// In this order: comment, E'text' with backslashes, 'text' (a doubled quote makes two of them), "name", $tag$text$tag$,
// psql command, end of statement, word, anything else.
const tokens =
  /--[^\n]*|\/\*[\s\S]*?\*\/|[eE]'(?:[^'\\]|\\[\s\S])*'|'[^']*'|"[^"]*"|\$([A-Za-z_]\w*|)\$[\s\S]*?\$\1\$|\\[^\n]*|;|\w+|[\s\S]/g
const database = /^(?:DROP|CREATE|ALTER)\s+DATABASE\b/i

/** @throws {Error} for COPY ... FROM stdin, whose rows only psql can send */
export function splitScript(text: string): SqlScript {
  const statements: string[] = []
  const skipped: string[] = []
  let statement = ''

  const end = (): void => {
    const sql = statement.trim()
    statement = ''
    if (sql === '') return
    if (/^COPY\b[\s\S]*\bFROM\s+stdin\b/i.test(sql)) {
      throw new Error('the script has COPY ... FROM stdin, which only psql can run: dump it with pg_dump --inserts')
    }
    if (database.test(sql)) skipped.push(sql)
    else statements.push(sql)
  }

  for (const [token] of text.replace(/^\uFEFF/, '').matchAll(tokens)) {
    if (token === ';') end()
    else if (token.startsWith('--') || token.startsWith('/*')) statement += ' '
    else if (token.startsWith('\\')) skipped.push(token.trim().replace(/;$/, ''))
    else statement += token
  }
  end()
  return { statements, skipped }
}

/** The tables that the statements create, without schema and quotes. */
export function tablesCreated(statements: readonly string[]): string[] {
  const table = /^CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:["\w]+\.)?"?(\w+)"?/i
  return statements.flatMap((sql) => table.exec(sql)?.[1]?.toLowerCase() ?? [])
}
