/** What `health()` tells. */

import type { OwedReport } from '../write/owed-writes.ts'

export interface CacheHealth {
  readonly authority: {
    readonly kind: string
    /** False: other processes neither see nor cause invalidations here. */
    readonly shared: boolean
    /** True when the authority answered just now. */
    readonly reachable: boolean
  }
  readonly owed: OwedReport
  /** Marks that this process holds: writes under way, and writes of unknown outcome. */
  readonly marks: number
  /** The clients that use this cache. */
  readonly origins: readonly OriginHealth[]
  readonly warnings: readonly { readonly code: string; readonly message: string }[]
}

export interface OriginHealth {
  readonly adapter: string
  readonly database: string
  readonly state: 'on' | 'starting' | 'off'
  /** Why it is off. */
  readonly reason?: string | undefined
}
