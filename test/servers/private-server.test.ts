// Private servers end with whoever started them, and leave nothing behind.

import { spawn } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it, vi } from 'vitest'
import { repositoryRoot } from '../../scripts/lib/repository-root.mjs'
import { fakePlan } from './fake-server.ts'
import { startPrivateServer } from './private-server.ts'

/** The user that exists everywhere; the fake server does no harm as root. */
const anyUser = ['root']

it('prepares a private folder, runs the set-up, serves, and removes everything when stopped', async () => {
  let password = ''
  const server = await startPrivateServer((place) => {
    password = place.password
    return fakePlan(place)
  }, anyUser)
  const [pid, secret] = (await (await fetch(server.url)).text()).split(' ')
  expect(secret).toBe(password)
  expect(existsSync(join(server.folder, 'data'))).toBe(true)
  expect(statSync(server.folder).mode & 0o077).toBe(0)
  expect(isAlive(Number(pid))).toBe(true)
  await server.stop()
  expect(existsSync(server.folder)).toBe(false)
  expect(isAlive(Number(pid))).toBe(false)
})

it.each(['SIGKILL', 'SIGINT'] as const)(
  'ends the server and removes its folder when the tests end by %s',
  async (signal) => {
    const { child, lines } = await startInAnotherProcess()
    const [folder = '', pid = ''] = ((await lines.next()).value as string).split(' ')
    expect(existsSync(folder)).toBe(true)
    child.kill(signal)
    await vi.waitFor(() => expect(existsSync(folder)).toBe(false), { timeout: 20_000 })
    expect(isAlive(Number(pid))).toBe(false)
  },
)

it('does not keep a process alive that forgets to stop it, and ends with it', async () => {
  const { child, lines } = await startInAnotherProcess('leave')
  const [folder = ''] = ((await lines.next()).value as string).split(' ')
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0)
  await vi.waitFor(() => expect(existsSync(folder)).toBe(false), { timeout: 20_000 })
})

it('reports the last words of a server that does not start, and removes its folder', async () => {
  const folders: string[] = []
  const start = startPrivateServer((place) => {
    folders.push(place.folder)
    return { ...fakePlan(place), serve: [process.execPath, '-e', `console.error('no such thing'); process.exit(3)`] }
  }, anyUser)
  await expect(start).rejects.toThrow(/did not start: no such thing \| .* ended with code 3/)
  expect(folders.map((folder) => existsSync(folder))).toEqual([false])
})

it('does not serve when the set-up fails', async () => {
  const start = startPrivateServer(
    (place) => ({ ...fakePlan(place), setUp: [[process.execPath, '-e', 'process.exit(9)']] }),
    anyUser,
  )
  await expect(start).rejects.toThrow('ended with code 9')
})

it('tries another port when the first is taken', async () => {
  const ports: number[] = []
  const server = await startPrivateServer((place) => {
    ports.push(place.port)
    const plan = fakePlan(place)
    if (ports.length > 1) return plan
    return { ...plan, serve: [process.execPath, '-e', `throw new Error('listen: Address already in use')`] }
  }, anyUser)
  await server.stop()
  expect(ports).toHaveLength(2)
})

async function startInAnotherProcess(...args: string[]) {
  const program = join(repositoryRoot, 'test', 'servers', 'fake-server.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
