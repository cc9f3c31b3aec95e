/** What the runs are made of: the seed picks one of these mixes. */

import { Seeded } from './scheduler.ts'
import type { Scenario } from './world.ts'

const CALM: Scenario = {
  authority: 'shared',
  processes: 2,
  readers: 1,
  reads: 3,
  writers: 1,
  writes: 2,
  onAuthorityDown: 'reject-writes',
  sharedStore: false,
  puts: false,
  loss: 0,
  lostReply: 0,
  refusal: 0,
  crashes: 0,
  restarts: 0,
  evictions: 0,
  pauses: 0,
}

/** The mix of a seed. */
export function scenarioOf(seed: number): Scenario {
  const random = new Seeded(seed ^ 0x5ca1ab1e)
  const authority = random.chance(0.25) ? 'process' : 'shared'
  const faulty = random.chance(0.75)
  const mixed = {
    ...CALM,
    authority,
    processes: 1 + random.below(3),
    readers: 1 + random.below(2),
    reads: 2 + random.below(3),
    writers: 1 + random.below(2),
    writes: 1 + random.below(3),
    onAuthorityDown: random.chance(0.7) ? 'reject-writes' : 'proceed',
    sharedStore: random.chance(0.3),
    puts: random.chance(0.3),
    evictions: random.chance(0.2) ? 8 : random.below(3),
    refusal: random.chance(0.5) ? 0.15 : 0,
  } satisfies Scenario
  if (!faulty) return mixed
  return {
    ...mixed,
    loss: random.chance(0.4) ? 0.08 : 0,
    lostReply: random.chance(0.4) ? 0.2 : 0,
    crashes: random.chance(0.4) ? 1 : 0,
    restarts: random.chance(0.3) ? 1 : 0,
    pauses: random.chance(0.2) ? 1 : 0,
  }
}
