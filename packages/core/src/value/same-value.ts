/** The strictest comparison of two results: types, prototypes, holes and the signs of zeros included. For tests. */

export interface SameValueOptions {
  /** Whether plain objects must have their keys in the same order. Default false. */
  readonly keyOrder?: boolean
}

/**
 * Where two values first differ, as a path with both sides (`$[3].price: 1.5 and "1.5"`), or undefined when they are
 * the same. Identity of shared objects is not compared; cycles are followed once.
 */
export function sameValue(left: unknown, right: unknown, options: SameValueOptions = {}): string | undefined {
  return difference(left, right, '$', options.keyOrder ?? false, new Map())
}

function difference(
  left: unknown,
  right: unknown,
  path: string,
  keyOrder: boolean,
  seen: Map<object, Set<object>>,
): string | undefined {
  if (Object.is(left, right)) return undefined
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return `${path}: ${show(left)} and ${show(right)}`
  }
  const pairs = seen.get(left) ?? new Set<object>()
  if (pairs.has(right)) return undefined
  seen.set(left, pairs.add(right))

  if (Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) {
    return `${path}: the prototypes of ${show(left)} and ${show(right)} differ`
  }
  if (ArrayBuffer.isView(left) && ArrayBuffer.isView(right)) return bytesDifference(left, right, path)
  const inner = contentDifference(left, right, path)
  if (inner !== undefined) return inner

  const leftKeys = Reflect.ownKeys(left)
  const rightKeys = Reflect.ownKeys(right)
  const known = new Set(rightKeys)
  const missing = leftKeys.find((key) => !known.has(key))
  if (missing !== undefined) return `${pathTo(path, left, missing)}: present and absent`
  if (leftKeys.length !== rightKeys.length) {
    const own = new Set(leftKeys)
    return `${pathTo(path, left, rightKeys.find((key) => !own.has(key)) as PropertyKey)}: absent and present`
  }
  if (keyOrder && leftKeys.some((key, i) => key !== rightKeys[i])) {
    return `${path}: the order of keys ${leftKeys.map(String)} and ${rightKeys.map(String)}`
  }
  for (const key of leftKeys) {
    const one = Object.getOwnPropertyDescriptor(left, key) as PropertyDescriptor
    const other = Object.getOwnPropertyDescriptor(right, key) as PropertyDescriptor
    const at = pathTo(path, left, key)
    if (one.enumerable !== other.enumerable) return `${at}: enumerable and not`
    if (one.get !== other.get || one.set !== other.set) return `${at}: different accessors`
    const found = difference(one.value, other.value, at, keyOrder, seen)
    if (found !== undefined) return found
  }
  return undefined
}

/** What is not in the properties of a built-in object. */
function contentDifference(left: object, right: object, path: string): string | undefined {
  if (left instanceof Date && right instanceof Date) {
    return Object.is(left.getTime(), right.getTime()) ? undefined : `${path}: ${show(left)} and ${show(right)}`
  }
  if (left instanceof Map || left instanceof Set || left instanceof RegExp) {
    return `${path}: ${left.constructor.name} is not compared`
  }
  return undefined
}

function bytesDifference(left: ArrayBufferView, right: ArrayBufferView, path: string): string | undefined {
  const a = Buffer.from(left.buffer, left.byteOffset, left.byteLength)
  const b = Buffer.from(right.buffer, right.byteOffset, right.byteLength)
  return a.equals(b) ? undefined : `${path}: bytes ${a.toString('hex')} and ${b.toString('hex')}`
}

function pathTo(path: string, parent: object, key: PropertyKey): string {
  return Array.isArray(parent) && typeof key === 'string' ? `${path}[${key}]` : `${path}.${String(key)}`
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (Object.is(value, -0)) return '-0'
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString()
  if (typeof value === 'object' && value !== null) {
    if (Array.isArray(value)) return `an array of ${value.length}`
    if (Object.getPrototypeOf(value) === null) return 'an object without prototype'
    return `a ${value.constructor?.name ?? 'nameless object'}`
  }
  return String(value)
}
