// A fresh PGlite database, from an image of one that has the tables already.

import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { PrismaPGlite } from 'pglite-prisma-adapter'
import { shopDefinition, shopReset } from '../../prisma/shop-sql.ts'
import { repositoryRoot } from '../../scripts/lib/repository-root.mjs'
import type { DatabaseConnection } from './test-database.ts'

/** Starting from the image takes a third of the time that an empty PGlite needs to boot. */
export async function openPgliteDatabase(): Promise<DatabaseConnection> {
  const pglite = await PGlite.create({ loadDataDir: await shopImage() })
  return {
    kind: 'pglite',
    dialect: 'postgres',
    url: undefined,
    connect: () => new PrismaPGlite(pglite),
    exec: async (script) => void (await pglite.exec(script)),
    query: async (sql) => (await pglite.query<Record<string, unknown>>(sql)).rows,
    reset: async () => void (await pglite.exec(shopReset('postgres'))),
    async remove() {
      // An open PGlite keeps the process alive.
      if (!pglite.closed) await pglite.close()
    },
  }
}

/** The image, made once per version of PGlite and of the tables and kept beside the packages. */
async function shopImage(): Promise<Blob> {
  const definition = shopDefinition('postgres')
  const version = await readFile(join(repositoryRoot, 'node_modules/@electric-sql/pglite/package.json'))
  const digest = createHash('sha256').update(version).update(definition).digest('hex').slice(0, 16)
  const file = join(repositoryRoot, 'node_modules', '.cache', 'larder', `pglite-${digest}.tar`)
  try {
    return new Blob([await readFile(file)])
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  await using pglite = await PGlite.create()
  await pglite.exec(definition)
  const image = await pglite.dumpDataDir('none')
  await mkdir(dirname(file), { recursive: true })
  // Several workers may do this at once: each writes a file of its own, and one name wins.
  const draft = `${file}.${process.pid}`
  await writeFile(draft, Buffer.from(await image.arrayBuffer()))
  await rename(draft, file)
  return image
}
