/** Reads a Prisma schema text, as a generated client carries it, into a {@link DataModel}. */

import type { DataModel, Field, Model } from './data-model.ts'
import { parseModel } from './parse-model.ts'
import { resolveRelations } from './resolve-relations.ts'
import { type Block, schemaBlocks } from './schema-blocks.ts'
import { SchemaProblem } from './schema-problem.ts'
import { schemaTokens } from './schema-tokens.ts'

export type SchemaReading =
  | { readonly dataModel: DataModel; readonly problem?: undefined }
  /** `problem` is for people; a client whose schema has one is not cached. */
  | { readonly dataModel?: undefined; readonly problem: string }

const SCALARS = new Set([
  'String',
  'Boolean',
  'Int',
  'BigInt',
  'Float',
  'Decimal',
  'DateTime',
  'Json',
  'Bytes',
  'Unsupported',
])
const KEYWORDS = new Set(['model', 'view', 'enum', 'type', 'datasource', 'generator'])

/**
 * Understands what `client._engineConfig.inlineSchema` holds: one formatted text, in which the files of a multi-file
 * schema follow each other. Never throws: whatever it does not understand is a `problem`, since a relation
 * that is missed would be a stale read.
 */
export function readSchema(text: string): SchemaReading {
  try {
    return { dataModel: dataModelOf(schemaBlocks(schemaTokens(text))) }
  } catch (error) {
    return { problem: `the Prisma schema cannot be read: ${error instanceof Error ? error.message : String(error)}` }
  }
}

function dataModelOf(blocks: readonly Block[]): DataModel {
  const unknown = blocks.find((block) => !KEYWORDS.has(block.keyword))
  if (unknown !== undefined) throw new SchemaProblem(`'${unknown.keyword}' is not a kind of block that is known`)
  const provider = providerOf(blocks)
  if (provider === 'mongodb') throw new SchemaProblem('MongoDB has no tables')

  const modelBlocks = blocks.filter((block) => block.keyword === 'model' || block.keyword === 'view')
  const modelNames = new Set(modelBlocks.map((block) => block.name))
  if (modelNames.size < modelBlocks.length) throw new SchemaProblem('two models have the same name')
  const columnTypes = new Set(SCALARS)
  for (const block of blocks) if (block.keyword === 'enum' || block.keyword === 'type') columnTypes.add(block.name)

  const parsed = modelBlocks.map((block) => parseModel(block, modelNames, columnTypes))
  const { foreignKeys, relationFields } = resolveRelations(parsed)
  const models = new Map<string, Model>()
  for (const { relations, ids, ...model } of parsed) {
    const fields = new Map<string, Field>(model.fields)
    for (const field of relationFields.get(model.name) ?? []) fields.set(field.name, field)
    models.set(model.name, { ...model, fields })
  }
  return { models, foreignKeys, provider }
}

function providerOf(blocks: readonly Block[]): string | undefined {
  const lines = blocks.find((block) => block.keyword === 'datasource')?.lines
  const line = lines?.find((tokens) => tokens[0]?.text === 'provider')
  return line?.find((token) => token.kind === 'string')?.text
}
