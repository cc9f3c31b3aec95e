/** The contract suites, run on everything in this package that they fit. */

import { describe, it } from 'vitest'
import { authorityContract } from '../src/contract/authority-contract.ts'
import { storeContract } from '../src/contract/store-contract.ts'
import { ProcessAuthority } from '../src/protocol/process-authority.ts'
import { ManualRuntime } from './doubles/manual-runtime.ts'
import { MapStore } from './doubles/map-store.ts'
import { AuthorityServer, RemoteAuthority } from './simulation/authority-model.ts'
import { Scheduler } from './simulation/scheduler.ts'

describe('authority contract: this process', () => {
  it.each(authorityContract)('$name', async ({ run }) => {
    const runtime = new ManualRuntime()
    await run({ authority: new ProcessAuthority(runtime), pass: (ms) => runtime.pass(ms) })
  })
})

describe('authority contract: the model of the simulation', () => {
  it.each(authorityContract)('$name', async ({ run }) => {
    const scheduler = new Scheduler(1, false)
    const client = { name: 'client', alive: true, pausedUntil: 0 }
    const authority = new RemoteAuthority(scheduler, new AuthorityServer(scheduler), client, 0)
    const pass = (ms: number): Promise<void> => scheduler.sleep(ms, client, '')
    let ended = false
    const running = run({ authority, pass }).finally(() => {
      ended = true
    })
    await scheduler.run(() => ended)
    await running
  })
})

describe('store contract: the store of the tests', () => {
  it.each(storeContract)('$name', async ({ run }) => {
    const runtime = new ManualRuntime()
    await run({ store: new MapStore(runtime.clock), pass: (ms) => runtime.pass(ms) })
  })
})
