/** Prisma's own schema engine (WebAssembly) as an oracle: the DDL that it makes of a schema. */

import { readFile } from 'node:fs/promises'
import { PGlite } from '@electric-sql/pglite'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg'
import { PrismaPGlite } from 'pglite-prisma-adapter'

type Exports = Record<string, unknown>
type EngineModule = typeof engine & { __wbg_set_wasm(exports: Exports): void }

/** The types of Node leave it out. */
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: Record<string, unknown>): Promise<{ instance: { exports: Exports } }>
}

let loading: Promise<void> | undefined

/** The statements that create the schema's tables in an empty PostgreSQL database. Views are not among them. */
export async function createTablesSql(schema: string): Promise<string> {
  loading ??= loadEngine()
  await loading
  const files = [{ path: 'schema.prisma', content: schema }]
  const pglite = new PGlite()
  try {
    const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPGlite(pglite))
    const schemaEngine = await engine.SchemaEngine.new(
      { datamodels: [['schema.prisma', schema]] },
      () => undefined,
      adapter as never,
    )
    const { stdout } = await schemaEngine.diff({
      from: { tag: 'empty' },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      shadowDatabaseUrl: null,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    } as never)
    return stdout ?? ''
  } finally {
    await pglite.close()
  }
}

async function loadEngine(): Promise<void> {
  const file = import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg').replace(/\.js$/, '.wasm')
  const { instance } = await WebAssembly.instantiate(await readFile(new URL(file)), {
    './schema_engine_bg.js': engine,
  })
  ;(engine as EngineModule).__wbg_set_wasm(instance.exports)
  // Without its start function the engine takes null for undefined.
  ;(instance.exports.__wbindgen_start as () => void)()
}
