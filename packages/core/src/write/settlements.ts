/** Tells a usable answer to `settle` from whatever else an authority may say. */

import type { Settlement } from '../protocol/authority.ts'

/** True for one settlement per tag. */
export function isSettlements(value: unknown, length: number): value is readonly Settlement[] {
  return Array.isArray(value) && value.length === length && [...value].every(isSettlement)
}

function isSettlement(value: unknown): value is Settlement {
  const { stamp } = (value ?? {}) as Partial<Settlement>
  return typeof stamp === 'string' && (stamp as string) !== ''
}
