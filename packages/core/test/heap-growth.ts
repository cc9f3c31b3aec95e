/** Run with --expose-gc: prints, as JSON, estimated and real heap bytes of stored results of several kinds. */

import { inspectValue } from '../src/value/inspect-value.ts'
import { Money, testTypes } from './arbitrary-value.ts'

declare const gc: () => void

/** Texts as a driver makes them: flat strings, none shared. */
const text = (value: string) => Buffer.from(value, 'utf8').toString('utf8')

const product = (n: number) => ({
  id: n,
  email: text(`customer${n}@example.com`),
  name: text(`Zoë Müller the ${n}th`),
  title: text(`→ Angebot Nummer ${n}`),
  price: new Money([n % 1e7, 9_900_000], 2),
  rating: n + 0.5,
  stock: n % 100,
  active: n % 2 === 0,
  createdAt: new Date(1.7e12 + n),
  deletedAt: null,
})

const kinds: Record<string, (n: number) => unknown> = {
  'one row': (n) => product(n),
  'one row in an array': (n) => [product(n)],
  'a row of five columns': (n) => ({ id: n, name: text(`name ${n}`), active: true, teamId: n % 10, score: n / 3 }),
  'a row with bytes': (n) => ({ id: n, name: text(`file ${n}`), content: new Uint8Array(20 + (n % 40)) }),
  'a row with a large blob': (n) => ({ id: n, content: Buffer.alloc(1000 + n) }),
  'a row with JSON': (n) => ({
    id: n,
    settings: JSON.parse(
      `{"theme":"theme number ${n}","sizes":[1,2.5,${n}],"flags":{"a":true,"b":null},"nested":[{"x":${n}.5}]}`,
    ),
  }),
  'a wide row': (n) =>
    Object.fromEntries(Array.from({ length: 60 }, (_, c) => [`column${c}`, c % 3 ? n + c : text(`${n}/${c} text`)])),
  'a bigint row': (n) => ({ id: 2n ** 40n + BigInt(n), views: BigInt(n), at: Date.now() + n }),
  '100 rows': (n) => Array.from({ length: 100 }, (_, i) => product(n * 100 + i)),
  '20 rows with includes': (n) =>
    Array.from({ length: 20 }, (_, i) => ({
      ...product(n * 20 + i),
      posts: [product(n), product(n + 1)],
      author: { id: n, name: text(`author ${n}`), born: new Date(n) },
    })),
  'a list of ids': (n) => Array.from({ length: 200 }, (_, i) => n + i),
  'an embedding': (n) => ({ id: n, vector: Array.from({ length: 300 }, (_, i) => 1 / (n + i + 1)) }),
  'an object without prototype': (n) =>
    Object.assign(Object.create(null), { id: n, name: text(`name ${n}`), at: new Date(1.7e12) }),
  'a sparse array': (n) => {
    const list: unknown[] = []
    for (let i = 0; i < 20; i++) list[i * 10_000] = text(`value ${n} ${i}`)
    return list
  },
}

const used = () => {
  gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** As a store does: keeps a copy, not what the caller has. */
function fill(make: (n: number) => unknown, count: number, kept: unknown[]): number {
  let bytes = 0
  for (let n = 0; n < count; n++) {
    const value = make(n)
    const inspection = inspectValue(value, testTypes)
    if (inspection.unsupported !== undefined) throw new Error(inspection.unsupported)
    bytes += inspection.bytes
    kept[n] = inspection.copy(value)
  }
  return bytes
}

/** Enough that what the engine itself keeps and drops between two measurements does not count. */
const GROWTH = 4_000_000

/** The middle of three. */
function measure(make: (n: number) => unknown): { estimated: number; real: number } {
  const first: unknown[] = []
  const count = Math.ceil(GROWTH / fill(make, 1, first))
  const kept: unknown[] = new Array(count).fill(null)
  let estimated = fill(make, count, kept)
  const grown: number[] = []
  for (let i = 0; i < 3; i++) {
    kept.fill(null)
    const before = used()
    estimated = fill(make, count, kept)
    grown.push(used() - before)
  }
  grown.sort((a, b) => a - b)
  return { estimated: Math.round(estimated / count), real: Math.round((grown[1] as number) / count) }
}

const results: Record<string, { estimated: number; real: number }> = {}
for (const [name, make] of Object.entries(kinds)) results[name] = measure(make)
console.log(JSON.stringify(results))
