// The tables of the sample shop as Prisma's schema engine writes them, without a database server.

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { repositoryRoot } from './repository-root.mjs'
import { clientVariants, schemaFor } from './schema-variants.mjs'

/** Parts of prisma/sql/*.sql above this line come from here, parts below are written by hand. */
export const handWritten = '-- By hand below this line: what Prisma does not write.'

/**
 * The texts by dialect. MySQL is not among them: the engine's WebAssembly build does not know it.
 * To be called once per process, because a second instance would share buffers with the first.
 *
 * @returns {Promise<Record<'postgres' | 'sqlite', string>>}
 */
export async function tablesByDialect() {
  const engine = await loadEngine()
  return { postgres: await tablesOf('postgres', engine), sqlite: await tablesOf('sqlite', engine) }
}

async function tablesOf(dialect, engine) {
  const variant = clientVariants.find(({ name }) => name === dialect)
  const source = readFileSync(join(repositoryRoot, 'prisma', 'schema.prisma'), 'utf8')
  const file = { path: 'schema.prisma', content: schemaFor(source, variant, './client') }
  const database = await emptyDatabase(dialect)
  try {
    const instance = await engine.SchemaEngine.new(
      { datamodels: [[file.path, file.content]] },
      () => {},
      database.adapter,
    )
    const { stdout } = await instance.diff({
      from: { tag: 'empty' },
      to: { tag: 'schemaDatamodel', files: [file] },
      script: true,
      exitCode: null,
      shadowDatabaseUrl: null,
      filters: { externalTables: [], externalEnums: [] },
    })
    // The engine forgets to quote the default of a JSON column in SQLite.
    return stdout.trim().replaceAll('DEFAULT {}', "DEFAULT '{}'")
  } finally {
    await database.close()
  }
}

/** The package imports its WebAssembly as a module, which Node 20 cannot; so it is instantiated here. */
async function loadEngine() {
  const folder = dirname(fileURLToPath(import.meta.resolve('@prisma/schema-engine-wasm')))
  const engine = await import(join(folder, 'schema_engine_bg.js'))
  const wasm = readFileSync(join(folder, 'schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(wasm, { './schema_engine_bg.js': engine })
  engine.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  return engine
}

/** The engine asks the database for its version and for nothing else. */
async function emptyDatabase(dialect) {
  const { bindMigrationAwareSqlAdapterFactory } = await import('@prisma/driver-adapter-utils')
  if (dialect === 'sqlite') {
    const { PrismaLibSql } = await import('@prisma/adapter-libsql')
    return {
      adapter: bindMigrationAwareSqlAdapterFactory(new PrismaLibSql({ url: ':memory:' })),
      close: async () => {},
    }
  }
  const { PGlite } = await import('@electric-sql/pglite')
  const { PrismaPGlite } = await import('pglite-prisma-adapter')
  const pglite = await PGlite.create()
  return { adapter: bindMigrationAwareSqlAdapterFactory(new PrismaPGlite(pglite)), close: () => pglite.close() }
}
