/** Percentiles of measured values. */

/** The smallest value that at least `share` of the values do not exceed; NaN when there is none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
