/** Parses one `model` or `view` block of a Prisma schema; its relations stay as written. */

import type { Model, ScalarField } from './data-model.ts'
import { type Attribute, type Block, closing, isMark, readAttributes } from './schema-blocks.ts'
import { SchemaProblem } from './schema-problem.ts'
import type { Token } from './schema-tokens.ts'

/** A relation field as written, before anything is filled in. */
export interface ParsedRelation {
  readonly name: string
  readonly type: string
  readonly list: boolean
  readonly optional: boolean
  readonly givenName: string | undefined
  readonly fields: readonly string[]
  readonly references: readonly string[]
  readonly onDelete: string | undefined
  readonly onUpdate: string | undefined
}

/** A model before its relations are resolved. */
export interface ParsedModel extends Omit<Model, 'fields'> {
  readonly fields: ReadonlyMap<string, ScalarField>
  readonly relations: readonly ParsedRelation[]
  /** Fields of the identifier, or else of the first unique field. */
  readonly ids: readonly string[]
}

export function parseModel(block: Block, models: ReadonlySet<string>, columnTypes: ReadonlySet<string>): ParsedModel {
  const fields = new Map<string, ScalarField>()
  const relations: ParsedRelation[] = []
  const blockAttributes: Attribute[] = []
  const uniques: string[] = []
  for (const line of block.lines) {
    if (isMark(line[0], '@')) {
      blockAttributes.push(...readAttributes(line, 0))
      continue
    }
    const { name, type, list, optional, attributes } = parseField(line)
    if (models.has(type)) {
      relations.push({ name, type, list, optional, ...parseRelation(attribute(attributes, 'relation')) })
    } else if (columnTypes.has(type)) {
      const column = firstString(attribute(attributes, 'map')) ?? name
      fields.set(name, { kind: 'scalar', name, column, type, list, optional })
      if (attribute(attributes, 'id') !== undefined) uniques.unshift(name)
      else if (attribute(attributes, 'unique') !== undefined) uniques.push(name)
    } else throw new SchemaProblem(`'${type}', the type of ${block.name}.${name}, is not known`)
  }
  const compoundId = attribute(blockAttributes, 'id')
  return {
    name: block.name,
    table: firstString(attribute(blockAttributes, 'map')) ?? block.name,
    schema: firstString(attribute(blockAttributes, 'schema')),
    isView: block.keyword === 'view',
    fields,
    jsonFields: [...fields.values()].filter((field) => field.type === 'Json').map((field) => field.name),
    relations,
    ids:
      compoundId === undefined ? uniques.slice(0, 1) : words(compoundId.args.get('fields') ?? compoundId.args.get(0)),
  }
}

interface FieldLine {
  readonly name: string
  readonly type: string
  readonly list: boolean
  readonly optional: boolean
  readonly attributes: readonly Attribute[]
}

function parseField(line: readonly Token[]): FieldLine {
  const [name, type] = line
  if (name?.kind !== 'word' || type?.kind !== 'word') {
    throw new SchemaProblem(`the line '${line.map((token) => token.text).join(' ')}' is not a field`)
  }
  let at = isMark(line[2], '(') ? closing(line, 2) + 1 : 2
  const list = isMark(line[at], '[') && isMark(line[at + 1], ']')
  if (list) at += 2
  const optional = isMark(line[at], '?')
  if (optional) at++
  return { name: name.text, type: type.text, list, optional, attributes: readAttributes(line, at) }
}

function parseRelation(relation: Attribute | undefined): Omit<ParsedRelation, 'name' | 'type' | 'list' | 'optional'> {
  const args = relation?.args
  return {
    givenName: (args?.get('name') ?? args?.get(0))?.[0]?.text,
    fields: words(args?.get('fields')),
    references: words(args?.get('references')),
    onDelete: args?.get('onDelete')?.[0]?.text,
    onUpdate: args?.get('onUpdate')?.[0]?.text,
  }
}

function attribute(attributes: readonly Attribute[], name: string): Attribute | undefined {
  return attributes.find((candidate) => candidate.name === name)
}

function firstString(attribute: Attribute | undefined): string | undefined {
  return (attribute?.args.get('name') ?? attribute?.args.get(0))?.find((token) => token.kind === 'string')?.text
}

/** The names in `[a, b(sort: Desc)]`. */
function words(value: readonly Token[] | undefined): string[] {
  const names: string[] = []
  let depth = 0
  for (const token of value ?? []) {
    if (isMark(token, '(')) depth++
    else if (isMark(token, ')')) depth--
    else if (depth === 0 && token.kind === 'word') names.push(token.text)
  }
  return names
}
