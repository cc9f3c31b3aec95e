/** Compares contenders in one run: short turns, interleaved in changing order, medians and ratios. */

export interface Contender {
  readonly name: string
  /** Runs the measured thing `times` times. */
  readonly run: (times: number) => Promise<void> | void
}

export interface Measured {
  readonly name: string
  /** Median of the turns, in microseconds per operation. */
  readonly microseconds: number
}

export interface MeasureOptions {
  /** Operations per turn. */
  readonly times: number
  /** Turns of each contender, default 41. */
  readonly turns?: number
}

/** Medians in the order of the contenders. The first tenth of the turns warms up and is left out. */
export async function measure(
  contenders: readonly Contender[],
  { times, turns = 41 }: MeasureOptions,
): Promise<Measured[]> {
  const samples = contenders.map((): number[] => [])
  const warmUp = Math.ceil(turns / 10)
  for (let turn = 0; turn < turns + warmUp; turn++) {
    for (let i = 0; i < contenders.length; i++) {
      const index = (i + turn) % contenders.length
      const started = process.hrtime.bigint()
      await (contenders[index] as Contender).run(times)
      const nanoseconds = Number(process.hrtime.bigint() - started)
      if (turn >= warmUp) samples[index]?.push(nanoseconds / 1_000 / times)
    }
  }
  return contenders.map(({ name }, i) => ({ name, microseconds: median(samples[i] as number[]) }))
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}
