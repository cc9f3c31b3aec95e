// Runs once per test run, before the tests: sample clients, and a broker that starts servers on demand.

import type { TestProject } from 'vitest/node'
import { ensureClients } from '../../scripts/lib/ensure-clients.mjs'
import { ServerBroker } from './server-broker.ts'

/** What it returns runs after the last test, also after Ctrl-C. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  await ensureClients({ say })
  const broker = new ServerBroker()
  project.provide('larderServers', await broker.open())
  return async () => {
    const missing = await broker.close()
    if (missing.length > 0) say('\nSkipped for want of a server:')
    for (const server of missing) say(`  ${server.kind}: ${server.missing}`)
  }
}
