// Finds a server of one kind: a given URL, then a private one, then a container; never one that merely runs.

import { hasContainerEngine, startContainerServer } from './container-server.ts'
import { startPrivateServer } from './private-server.ts'
import { type ServerKind, serverRecipes } from './server-recipes.ts'

export interface FoundServer {
  readonly kind: ServerKind
  readonly url: string
  readonly origin: 'url' | 'private' | 'container'
  stop(): Promise<void>
}

export interface MissingServer {
  readonly kind: ServerKind
  /** Why there is none, and what to do about it. */
  readonly missing: string
}

export interface FindServerOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Which ways are tried, in this order. Default: all. */
  readonly ways?: readonly FoundServer['origin'][]
}

/**
 * @throws {Error} when a URL is given and nothing answers there (a mistake in a setting is not a reason to skip), or when
 * LARDER_REQUIRE_SERVERS=1 and there is no server
 */
export async function findServer(
  kind: ServerKind,
  { env = process.env, ways = ['url', 'private', 'container'] }: FindServerOptions = {},
): Promise<FoundServer | MissingServer> {
  const recipe = serverRecipes[kind]
  const reasons: string[] = []
  for (const way of ways) {
    try {
      const found = await tryWay(way, kind, env)
      if (typeof found !== 'string') return found
      reasons.push(found)
    } catch (error) {
      if (way === 'url') throw error
      reasons.push(error instanceof Error ? error.message : String(error))
    }
  }
  const missing = `${reasons.join('; ')}. To enable: set ${recipe.urlVariable}, install ${recipe.programs}, or start Docker`
  if (env['LARDER_REQUIRE_SERVERS'] === '1') throw new Error(`LARDER_REQUIRE_SERVERS=1 and no ${kind}: ${missing}`)
  return { kind, missing }
}

/** The server, or why this way gives none. */
async function tryWay(
  way: FoundServer['origin'],
  kind: ServerKind,
  env: Readonly<Record<string, string | undefined>>,
): Promise<FoundServer | string> {
  const recipe = serverRecipes[kind]
  switch (way) {
    case 'url': {
      const url = env[recipe.urlVariable]
      if (!url) return `${recipe.urlVariable} is not set`
      try {
        await recipe.probe(url)
      } catch (cause) {
        throw new Error(`${recipe.urlVariable} is set, but no ${kind} answers there`, { cause })
      }
      return { kind, url, origin: way, stop: async () => {} }
    }
    case 'private': {
      const plan = recipe.privatePlan()
      if (plan === undefined) return `${recipe.programs} is not installed`
      const { url, stop } = await startPrivateServer(plan, recipe.serviceUsers)
      return { kind, url, origin: way, stop }
    }
    case 'container': {
      if (!(await hasContainerEngine())) return 'no container engine answers'
      const { url, stop } = await startContainerServer(recipe)
      return { kind, url, origin: way, stop }
    }
  }
}
