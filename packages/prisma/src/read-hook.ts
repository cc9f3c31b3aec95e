/** The query hook: hands model reads to the cache and lets everything else pass. */

import {
  type ClientDefaults,
  canonicalText,
  type Origin,
  type QueryTables,
  type ReadRequest,
  tableKey,
} from '@larder/core'
import type { ClientWatch } from './client-watch.ts'
import type { DataModel } from './data-model/data-model.ts'
import { readTables } from './data-model/query-tables.ts'
import { prismaArgument } from './prisma-values.ts'

/** What Prisma calls the hook with, `__internalParams` included, which its types do not show. */
export interface HookCall {
  readonly model?: string | undefined
  readonly operation: string
  readonly args: unknown
  readonly query: (args: unknown) => Promise<unknown>
  readonly __internalParams?: {
    /** Where in the result a fluent call (`user.findUnique(...).posts()`) looks: not in the arguments. */
    readonly dataPath?: readonly string[]
    readonly transaction?: { readonly kind: string } | undefined
  }
}

export interface ReadHookOptions {
  readonly origin: Origin
  readonly watch: ClientWatch
  readonly dataModel: DataModel
  /** Part of every text: the schema and the global options of the client. */
  readonly identity: string
  readonly defaults: ClientDefaults
}

const READS: ReadonlySet<string> = new Set([
  'findUnique',
  'findUniqueOrThrow',
  'findFirst',
  'findFirstOrThrow',
  'findMany',
  'count',
  'aggregate',
  'groupBy',
])

/** The order of keys below these is the order of keys in the result. */
const SHAPING = ['select', 'include', '_count', '_sum', '_avg', '_min', '_max']

const INTERNALS_GONE =
  'Prisma did not say whether a query runs in a transaction (__internalParams): queries run uncached.'

/** The hook of one client. */
export function createReadHook(options: ReadHookOptions): (call: HookCall) => Promise<unknown> {
  const { origin, watch, dataModel, identity, defaults } = options
  /** Tables as the database stores them, by their names in the schema. */
  const names = new Map<string, string>()
  const canonical = {
    special: prismaArgument,
    ordered: new Set([...SHAPING, ...[...dataModel.models.values()].flatMap((model) => model.jsonFields)]),
  }
  return (call) => {
    const { model, operation, query, __internalParams: params } = call
    if (model === undefined || !READS.has(operation)) return query(call.args)
    const { args, strategy } = withoutStrategy(call.args)
    if (params === undefined || !Array.isArray(params.dataPath)) {
      origin.turnOff('prisma-internals', INTERNALS_GONE)
      return query(args)
    }
    const { transaction, dataPath } = params
    let text: string
    let bypass: ReadRequest<unknown>['bypass'] = watch.reason
    try {
      text = `${identity}${model}.${operation} ${dataPath.length === 0 ? '' : `${dataPath.join('.')} `}${canonicalText(args, canonical)}`
    } catch {
      text = `${model}.${operation}`
      bypass = 'uncanonical-arguments'
    }
    // Answering one operation of an array transaction from the cache would leave the others waiting for it for ever.
    if (transaction?.kind === 'batch') bypass = 'array-transaction'
    const answer = origin.read({
      text,
      tables: () => tablesOf(options, names, model, operation, args),
      run: () => query(args),
      strategy: strategy as ReadRequest<unknown>['strategy'],
      inTransaction: transaction !== undefined && bypass !== 'array-transaction',
      bypass,
      defaults,
    })
    // Prisma calls `then` on what a hook returns.
    return answer instanceof Promise ? answer : Promise.resolve(answer)
  }
}

/** The arguments as Prisma knows them, and the strategy that only the types of `withCache` allow. */
export function withoutStrategy(args: unknown): { readonly args: unknown; readonly strategy: unknown } {
  if (typeof args !== 'object' || args === null || !('cacheStrategy' in args)) return { args, strategy: undefined }
  const { cacheStrategy, ...rest } = args
  return { args: rest, strategy: cacheStrategy }
}

function tablesOf(
  { dataModel, origin }: ReadHookOptions,
  names: Map<string, string>,
  model: string,
  operation: string,
  args: unknown,
): QueryTables {
  const answer = readTables(dataModel, model, operation, args)
  if (answer.unknown !== undefined) return { reason: 'unknown-tables', detail: answer.unknown }
  const tables: string[] = []
  for (const table of answer.tables) {
    let name = names.get(table)
    if (name === undefined) {
      name = tableKey(table, origin.dialect)
      names.set(table, name)
    }
    tables.push(name)
  }
  return { tables }
}
