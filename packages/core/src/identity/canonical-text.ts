/**
 * The text that stands for a query's arguments: the same for the same query, different for different ones (H30).
 *
 * Each value is written so that its end can be known without looking past it (a prefix code): strings and keys carry
 * their length, numbers end with `;`, lists and objects with their bracket. No text needs escaping, and no user
 * string can look like structure.
 */

export interface CanonicalTextOptions {
  /**
   * The text of an instance of a class that this module does not know (decimals, markers such as `Prisma.DbNull`);
   * it must begin with the class's name or be otherwise distinct from that of other classes. Undefined: unknown.
   */
  readonly special?: (value: object) => string | undefined
  /** Names of properties below which the order of keys is part of the value, such as JSON columns. */
  readonly ordered?: ReadonlySet<string>
}

const MAX_DEPTH = 100

/** Of objects in one value: shared references can make a small one a huge tree. */
const MAX_OBJECTS = 100_000

/**
 * Two values have the same text only if they are the same value for a database: types, -0, undefined and absent
 * properties, holes and unicode forms are told apart, `Uint8Array` and `Buffer` with the same bytes are not, nor are
 * objects with and without prototype. The order of keys does not matter.
 *
 * Throws a `TypeError` on functions, symbols, instances of unknown classes, cycles, nesting deeper than 100.
 */
export function canonicalText(value: unknown, options?: CanonicalTextOptions): string {
  return new CanonicalWriter(options?.special, options?.ordered, false).text(value, 0)
}

/**
 * The text of a statement and its parameters. The order of keys in parameters matters: a driver sends them as JSON
 * text, whose order some columns keep. Throws as `canonicalText` does.
 */
export function sqlText(
  sql: string,
  parameters: readonly unknown[],
  options?: Pick<CanonicalTextOptions, 'special'>,
): string {
  return stringText(sql) + new CanonicalWriter(options?.special, undefined, true).text(parameters, 0)
}

class CanonicalWriter {
  readonly #special: ((value: object) => string | undefined) | undefined
  readonly #ordered: ReadonlySet<string> | undefined
  #keepOrder: boolean
  #objects = 0

  constructor(
    special: ((value: object) => string | undefined) | undefined,
    ordered: ReadonlySet<string> | undefined,
    keepOrder: boolean,
  ) {
    this.#special = special
    this.#ordered = ordered
    this.#keepOrder = keepOrder
  }

  text(value: unknown, depth: number): string {
    switch (typeof value) {
      case 'string':
        return stringText(value)
      case 'number':
        return Object.is(value, -0) ? '#-0;' : `#${value};`
      case 'boolean':
        return value ? 't' : 'f'
      case 'undefined':
        return 'u'
      case 'bigint':
        return `i${value};`
      case 'object':
        return value === null ? 'n' : this.#object(value, depth)
      default:
        throw new TypeError(`A ${typeof value} cannot be part of a cache key`)
    }
  }

  #object(value: object, depth: number): string {
    if (depth > MAX_DEPTH) throw new TypeError(`Nesting deeper than ${MAX_DEPTH} (or a cycle) cannot be a cache key`)
    if (++this.#objects > MAX_OBJECTS) throw new TypeError(`More than ${MAX_OBJECTS} objects cannot be a cache key`)
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Object.prototype || prototype === null) return this.#record(value, depth)
    if (prototype === Array.prototype) return this.#list(value as unknown[], depth)
    if (prototype === Date.prototype) return `d${(value as Date).getTime()};`
    if (prototype === Uint8Array.prototype || prototype === Buffer.prototype) return bytesText(value as Uint8Array)
    const special = this.#special?.(value)
    if (special === undefined) throw new TypeError('An instance of an unknown class cannot be part of a cache key')
    return `s${special.length}:${special}`
  }

  #list(list: readonly unknown[], depth: number): string {
    let text = '['
    for (let i = 0; i < list.length; i++) {
      const element = list[i]
      text += element === undefined && !(i in list) ? this.#hole() : this.text(element, depth + 1)
    }
    return `${text}]`
  }

  /** Counted like an object: a hole costs the caller nothing. */
  #hole(): string {
    if (++this.#objects > MAX_OBJECTS) throw new TypeError(`More than ${MAX_OBJECTS} holes cannot be a cache key`)
    return '_'
  }

  #record(record: object, depth: number): string {
    const keys = Object.keys(record)
    const keepOrder = this.#keepOrder
    if (!keepOrder) sortKeys(keys)
    let text = keepOrder ? '<' : '{'
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string
      this.#keepOrder = keepOrder || (this.#ordered?.has(key) ?? false)
      text += `${key.length}:${key}${this.text((record as Record<string, unknown>)[key], depth + 1)}`
    }
    this.#keepOrder = keepOrder
    return keepOrder ? `${text}>` : `${text}}`
  }
}

function stringText(text: string): string {
  return `"${text.length}:${text}`
}

/** One character per byte. */
function bytesText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  return `b${text.length}:${text}`
}

/** In place, by code units. Keys mostly come sorted or few, where insertion is several times faster than `sort`. */
function sortKeys(keys: string[]): void {
  if (keys.length > 20) {
    keys.sort()
    return
  }
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i] as string
    let at = i
    for (; at > 0 && (keys[at - 1] as string) > key; at--) keys[at] = keys[at - 1] as string
    keys[at] = key
  }
}
