// Starts a server program in a temporary folder on a free port of 127.0.0.1, owned by a guard process.

import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]]

/** What the guard process gets to do. */
export interface GuardOrder {
  readonly folder: string
  /** Files of the folder by name, readable only by the server. */
  readonly files: Readonly<Record<string, string>>
  readonly setUp: readonly Command[]
  readonly serve: Command
  readonly stopSignal: NodeJS.Signals
  readonly user: { readonly uid: number; readonly gid: number } | undefined
}

/** What a recipe can use: everything but the folder is new for each attempt. */
export interface PrivatePlace {
  readonly folder: string
  readonly port: number
  readonly password: string
}

export interface PrivateServerPlan extends Pick<GuardOrder, 'files' | 'setUp' | 'serve' | 'stopSignal'> {
  readonly url: string
  /** Rejects while the server does not answer yet. */
  probe(): Promise<void>
}

export interface PrivateServer {
  readonly url: string
  readonly folder: string
  /** The process that owns the server. */
  readonly guardPid: number
  /** Ends the server and removes its folder. */
  stop(): Promise<void>
}

/** How long a server may take from its start to its first answer, in milliseconds. */
const startLimit = 30_000
/** The port can be taken between being found free and being used. */
const attempts = 3

/**
 * @param serviceUsers system users that may run the program when this process is root, in order of preference
 * @throws {Error} with the last lines that the server printed when it does not start
 */
export async function startPrivateServer(
  plan: (place: PrivatePlace) => PrivateServerPlan,
  serviceUsers: readonly string[],
): Promise<PrivateServer> {
  const user = unprivilegedUser(serviceUsers)
  for (let attempt = 1; ; attempt++) {
    const place: PrivatePlace = {
      folder: join(tmpdir(), `larder-test-${randomBytes(6).toString('hex')}`),
      port: await freePort(),
      password: randomBytes(12).toString('hex'),
    }
    try {
      return await start(plan(place), place.folder, user)
    } catch (error) {
      const portTaken = error instanceof ServerStartError && /address already in use/i.test(error.output)
      if (attempt === attempts || !portTaken) throw error
    }
  }
}

async function start(plan: PrivateServerPlan, folder: string, user: GuardOrder['user']): Promise<PrivateServer> {
  const { files, setUp, serve, stopSignal, url } = plan
  const order: GuardOrder = { folder, files, setUp, serve, stopSignal, user }
  const guard = spawn(process.execPath, [fileURLToPath(new URL('./server-guard.mjs', import.meta.url))], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // Not as an argument: every user of the machine could read the password there.
  guard.stdin.write(`${JSON.stringify(order)}\n`)
  let output = ''
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-4_000)
  }
  guard.stdout.on('data', keep)
  guard.stderr.on('data', keep)
  const ended = new Promise<void>((resolve) => guard.once('close', () => resolve()))
  const handles = [guard, guard.stdin, guard.stdout, guard.stderr] as readonly { ref(): void; unref(): void }[]
  const stop = async (): Promise<void> => {
    for (const handle of handles) handle.ref()
    guard.stdin.end()
    await ended
  }

  let over = false
  void ended.then(() => {
    over = true
  })
  const deadline = Date.now() + startLimit
  for (;;) {
    try {
      await plan.probe()
      if (guard.pid === undefined) throw new Error('the guard has no process id')
      // A process that ends without stopping its servers must not be kept alive by them: their guard will see its end.
      for (const handle of handles) handle.unref()
      return { url, folder, guardPid: guard.pid, stop }
    } catch (cause) {
      if (over) throw new ServerStartError(serve[0], output, cause)
      if (Date.now() > deadline) {
        await stop()
        throw new Error(`${serve[0]} did not answer within ${startLimit} ms: ${String(cause)}`, { cause })
      }
      await delay(20)
    }
  }
}

class ServerStartError extends Error {
  override readonly name = 'ServerStartError'
  readonly output: string

  constructor(program: string, output: string, cause: unknown) {
    super(`${program} did not start: ${output.trim().split('\n').slice(-3).join(' | ')}`, { cause })
    this.output = output
  }
}

/** @throws {Error} when this process is root and none of the users exists */
function unprivilegedUser(names: readonly string[]): GuardOrder['user'] {
  if (process.getuid?.() !== 0) return undefined
  for (const name of [...names, 'nobody']) {
    try {
      const id = (flag: string): number =>
        Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
      return { uid: id('-u'), gid: id('-g') }
    } catch {
      // No such user: the next name.
    }
  }
  throw new Error(`running as root, and none of the users ${names.join(', ')}, nobody exists to run the server`)
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port)
        else reject(new Error('no free port'))
      })
    })
  })
}
