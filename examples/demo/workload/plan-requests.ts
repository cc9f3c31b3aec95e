/** Plans a sequence of requests, so that it can be run twice. */

import type { Page, Request } from './data-set.ts'
import { Draw } from './draw.ts'

export interface PlanOptions {
  readonly requests: number
  /** Share of the requests that write. */
  readonly writes: number
  readonly seed: number
}

export interface PlannedRequest<Client> {
  readonly page: string
  readonly request: Request<Client>
}

export function planRequests<Client>(
  pages: readonly Page<Client>[],
  { requests, writes, seed }: PlanOptions,
): PlannedRequest<Client>[] {
  const draw = new Draw(seed)
  const reading = pages.filter((page) => page.writes !== true)
  const writing = pages.filter((page) => page.writes === true)
  return Array.from({ length: requests }, () => {
    const page = draw.weighted(draw.fraction() < writes ? writing : reading)
    return { page: page.name, request: page.plan(draw) }
  })
}
