// Derives the schema of every sample client (provider, with and without relationJoins) from prisma/schema.prisma.

/**
 * @typedef {object} ClientVariant
 * @property {'postgres' | 'postgres-joins' | 'mysql' | 'mysql-joins' | 'sqlite'} name folder under prisma/generated
 * @property {'postgresql' | 'mysql' | 'sqlite'} provider
 * @property {readonly string[]} previewFeatures
 */

/** Every client that is generated. SQLite has no relationJoins. @type {readonly ClientVariant[]} */
export const clientVariants = [
  { name: 'postgres', provider: 'postgresql', previewFeatures: ['views'] },
  { name: 'postgres-joins', provider: 'postgresql', previewFeatures: ['views', 'relationJoins'] },
  { name: 'mysql', provider: 'mysql', previewFeatures: ['views'] },
  { name: 'mysql-joins', provider: 'mysql', previewFeatures: ['views', 'relationJoins'] },
  { name: 'sqlite', provider: 'sqlite', previewFeatures: ['views'] },
]

/** PostgreSQL native types by their MySQL name. A type that is missing here is an error, not a silent default. */
const mysqlTypes = new Map([
  ['Timestamptz', 'DateTime'],
  ['Decimal', 'Decimal'],
  ['SmallInt', 'SmallInt'],
  ['Text', 'Text'],
  ['Char', 'Char'],
  ['Date', 'Date'],
])

const nativeType = /[ ]+@db\.(\w+)(\([\d, ]*\))?/g
const scalarList = /^\s+\w+\s+(?:String|Int|BigInt|Float|Decimal|Boolean|DateTime|Json|Bytes)\[\]/

/**
 * The text of one variant's schema.
 *
 * @param {string} source text of prisma/schema.prisma
 * @param {ClientVariant} variant
 * @param {string} output folder of the generated client, relative to the folder of the schema
 * @returns {string}
 * @throws {Error} when the source uses a native type that has no counterpart in the variant's provider
 */
export function schemaFor(source, variant, output) {
  const generator = [
    'generator client {',
    '  provider            = "prisma-client"',
    `  output              = "${output}"`,
    // Without the extension Node's ESM loader (vitest, tsx) could not resolve the relative imports of the client.
    '  importFileExtension = "ts"',
    '  moduleFormat        = "esm"',
    '  runtime             = "nodejs"',
    `  previewFeatures     = ${JSON.stringify(variant.previewFeatures)}`,
    '}',
  ].join('\n')
  const schema = source
    .replace(/^generator client \{[^}]*\}/m, generator)
    .replace(/^(datasource db \{[^}]*provider = )"\w+"/m, `$1"${variant.provider}"`)
  if (variant.provider === 'postgresql') return schema
  return schema
    .split('\n')
    .filter((line) => !scalarList.test(line))
    .map((line) => line.replace(nativeType, (_, type, size = '') => translateType(variant.provider, type, size)))
    .join('\n')
}

function translateType(provider, type, size) {
  if (provider === 'sqlite') return ''
  const translated = mysqlTypes.get(type)
  if (translated === undefined) throw new Error(`schema-variants.mjs: add the MySQL counterpart of @db.${type}`)
  return ` @db.${translated}${size}`
}
