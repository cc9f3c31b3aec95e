import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type Eviction, MemoryTier } from './memory-tier.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const folder = join(process.env['LARDER_DATA_DIR'] ?? join(root, '../shared/data'), 'cache-traces')
const present = existsSync(folder)
if (!present) console.log(`Skipped: no cache traces in ${folder}; set LARDER_DATA_DIR to the folder of data sets`)

const ENTRY = { cached: true }

/** Accesses as indexes into the list of distinct keys. */
interface Trace {
  readonly keys: readonly string[]
  readonly accesses: Uint32Array
}

function numbered(numbers: Iterable<number>, count: number): Trace {
  const indexes = new Map<number, number>()
  const keys: string[] = []
  const accesses = new Uint32Array(count)
  let at = 0
  for (const number of numbers) {
    let index = indexes.get(number)
    if (index === undefined) {
      index = keys.push(String(number)) - 1
      indexes.set(number, index)
    }
    accesses[at++] = index
  }
  return { keys, accesses }
}

/** cache2k: big-endian 32-bit keys. */
function cache2k(name: string): Trace {
  const bytes = brotliDecompressSync(readFileSync(join(folder, 'cache2k', `${name}.trace.br`)))
  const numbers = new Int32Array(bytes.length / 4)
  for (let i = 0; i < numbers.length; i++) numbers[i] = bytes.readInt32BE(4 * i)
  return numbered(numbers, numbers.length)
}

/** LIRS: one decimal key per line; lines with a star are markers. */
function lirs(name: string): Trace {
  const text = gunzipSync(readFileSync(join(folder, 'lirs', `${name}.trace.gz`))).toString('latin1')
  const numbers = text
    .split('\n')
    .filter((line) => /^\s*\d/.test(line))
    .map(Number)
  return numbered(numbers, numbers.length)
}

/** Hit rate in percent. */
function replay({ keys, accesses }: Trace, maxEntries: number, eviction: Eviction): string {
  const tier = new MemoryTier<typeof ENTRY>({ maxEntries, maxBytes: 1e12, eviction })
  let hits = 0
  for (let i = 0; i < accesses.length; i++) {
    const key = keys[accesses[i] as number] as string
    if (tier.get(key) !== undefined) hits++
    else tier.set(key, ENTRY, 1)
  }
  tier.checkInvariants()
  return ((100 * hits) / accesses.length).toFixed(2)
}

describe.skipIf(!present)('memory tier on cache traces', () => {
  it.each<[string, () => Trace, [number, string][]]>([
    [
      'orm-busy',
      () => cache2k('orm-busy'),
      [
        [763, '77.03'],
        [7634, '88.01'],
      ],
    ],
    ['web12', () => cache2k('web12'), [[512, '56.12']]],
    ['multi3', () => lirs('multi3'), [[512, '32.78']]],
    ['loop', () => lirs('loop'), [[512, '0.00']]],
  ])('hits as often as LRU does on %s', (name, load, expected) => {
    const trace = load()
    for (const [maxEntries, rate] of expected) {
      const others = (['fifo', 'lfu'] as const).map((eviction) => `${eviction} ${replay(trace, maxEntries, eviction)}`)
      const lru = replay(trace, maxEntries, 'lru')
      console.log(`${name} at ${maxEntries} entries: lru ${lru}, ${others.join(', ')} %`)
      expect(lru).toBe(rate)
    }
  })
})
