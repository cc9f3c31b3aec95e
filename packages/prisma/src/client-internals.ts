/** The internals of a Prisma 7 client that caching leans on, looked for before anything is changed. */

import type { Dialect } from '@larder/core'
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'

/** The client, as far as its own types do not show it. */
export interface ClientInternals {
  readonly factory: SqlDriverAdapterFactory
  readonly dialect: Dialect
  /** The text of the schema that the client was generated from. */
  readonly schemaText: string
  /** Fields left out of every result, which the arguments of a query do not show. */
  readonly globalOmit: unknown
  /** The client has connected, or has begun to. */
  readonly connected: boolean
}

/** Why caching has to stay off. */
export interface MissingInternals {
  readonly code: string
  readonly message: string
}

const DIALECTS: Readonly<Record<string, Dialect>> = {
  postgresql: 'postgres',
  postgres: 'postgres',
  mysql: 'mysql',
  sqlite: 'sqlite',
}

/** What the client is made of, or what is missing. */
export function clientInternals(client: unknown): ClientInternals | MissingInternals {
  const { _engineConfig, _activeProvider, _connectionPromise, _globalOmit, $extends } = (client ?? {}) as Record<
    string,
    unknown
  >
  const { adapter, inlineSchema } = (_engineConfig ?? {}) as Record<string, unknown>
  if (typeof $extends !== 'function' || typeof _engineConfig !== 'object' || typeof _activeProvider !== 'string') {
    return {
      code: 'prisma-internals',
      message:
        'This client is not a Prisma 7 client as Larder knows it: queries run uncached. Supported: @prisma/client ^7.',
    }
  }
  const dialect = DIALECTS[_activeProvider]
  if (dialect === undefined) {
    return {
      code: 'unsupported-provider',
      message: `Larder does not know the provider '${_activeProvider}': queries run uncached.`,
    }
  }
  if (typeof (adapter as { connect?: unknown } | undefined)?.connect !== 'function') {
    return {
      code: 'no-driver-adapter',
      message:
        'The client has no driver adapter, so its writes cannot be seen: queries run uncached. Pass `adapter` to PrismaClient.',
    }
  }
  if (typeof inlineSchema !== 'string') {
    return {
      code: 'prisma-internals',
      message: 'The client does not hold the text of its schema: queries run uncached.',
    }
  }
  return {
    factory: adapter as SqlDriverAdapterFactory,
    dialect,
    schemaText: inlineSchema,
    globalOmit: _globalOmit,
    connected: _connectionPromise !== undefined && _connectionPromise !== null,
  }
}
