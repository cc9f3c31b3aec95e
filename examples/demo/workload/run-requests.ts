/** Runs planned requests with several clients and measures them. */

import type { PlannedRequest } from './plan-requests.ts'
import type { Visit } from './session.ts'

export interface RunOptions<Client> {
  readonly requests: readonly PlannedRequest<Client>[]
  readonly visit: Visit<Client>
  /** Requests in flight at once; each client sends its next request when its last one is answered. */
  readonly clients: number
  readonly signal: AbortSignal
  readonly onProgress?: (done: number) => void
}

/** Milliseconds of each request, by page. */
export type Latencies = ReadonlyMap<string, readonly number[]>

export interface Timing {
  readonly seconds: number
  readonly latencies: Latencies
}

/** Rejects with the first error of a request, or with the signal's reason. */
export async function runRequests<Client>(options: RunOptions<Client>): Promise<Timing> {
  const { requests, visit, clients, signal, onProgress } = options
  const latencies = new Map<string, number[]>()
  let next = 0
  let done = 0
  const started = performance.now()

  async function client(): Promise<void> {
    while (next < requests.length) {
      signal.throwIfAborted()
      const { page, request } = requests[next++] as PlannedRequest<Client>
      const sent = performance.now()
      try {
        await request(visit)
      } catch (error) {
        next = requests.length
        throw error
      }
      const milliseconds = performance.now() - sent
      const ofPage = latencies.get(page)
      if (ofPage === undefined) latencies.set(page, [milliseconds])
      else ofPage.push(milliseconds)
      done += 1
      onProgress?.(done)
      // Answers from memory take no turn of the event loop: signals and the progress line would have to wait.
      if (done % 16 === 0) await new Promise(setImmediate)
    }
  }

  await Promise.all(Array.from({ length: clients }, client))
  return { seconds: (performance.now() - started) / 1_000, latencies }
}
