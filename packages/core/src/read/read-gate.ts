/** Decides, before anything is looked up, whether a read may use the cache at all. */

import type { Reason } from '../events/reasons.ts'
import type { ReadRequest } from './read-request.ts'

/** What the cache and the client say about reads in general. */
export interface GateState {
  readonly closed: boolean
  readonly enabled: boolean
  /** Caching is off for this client. */
  readonly off: boolean
  /** The client's database has not yet been asked what it is. */
  readonly starting: boolean
  /** A pooled connection has had its settings changed, and no scope says what they stand for. */
  readonly sessionChanged: boolean
}

export class ReadGate {
  /** The reason to bypass, or undefined to go on. */
  reasonAgainst(request: ReadRequest<unknown>, state: GateState): Reason | undefined {
    if (request.inTransaction === true) return 'in-transaction'
    if (request.bypass !== undefined) return request.bypass
    if (request.strategy === false) return 'off-for-call'
    if (state.closed) return 'closed'
    if (!state.enabled) return 'disabled'
    if (state.off) return 'origin-off'
    if (state.starting) return 'starting'
    if (state.sessionChanged) return 'session-changed'
    return undefined
  }
}
