/** The registry that knows, by prototype, how values of a class are copied, measured and encoded. */

import { builtInTypes } from './built-in-types.ts'
import type { ValueType } from './value-type.ts'

const NAME = /^[a-z][a-z0-9-]*$/

/** Immutable: `with` makes a new registry. A class that is not in it cannot be cached. */
export class ValueTypes {
  /** `Date`, `Uint8Array` and `Buffer`. */
  static readonly builtIn: ValueTypes = new ValueTypes(builtInTypes)

  readonly #byPrototype: ReadonlyMap<object, ValueType>
  readonly #byName: ReadonlyMap<string, ValueType>

  private constructor(types: Iterable<ValueType>) {
    const byPrototype = new Map<object, ValueType>()
    const byName = new Map<string, ValueType>()
    for (const type of types) {
      if (!NAME.test(type.name)) throw new TypeError(`Value type name '${type.name}' does not match ${NAME.source}`)
      if (type.prototype === Object.prototype || type.prototype === Array.prototype) {
        throw new TypeError(`Value type '${type.name}' must not take over plain objects or arrays`)
      }
      const sameName = byName.get(type.name)
      if (sameName !== undefined && sameName.prototype !== type.prototype) {
        throw new TypeError(`Two value types are named '${type.name}': rename one of them`)
      }
      // The earlier name stays decodable, so that entries of either adapter can be read.
      byPrototype.set(type.prototype, type)
      byName.set(type.name, type)
    }
    this.#byPrototype = byPrototype
    this.#byName = byName
  }

  /**
   * A registry with these types added. A later type replaces an earlier one of the same prototype.
   * Throws a `TypeError` when one name would stand for two prototypes.
   */
  with(types: Iterable<ValueType>): ValueTypes {
    return new ValueTypes([...this.#byName.values(), ...types])
  }

  /** The type of a direct instance; instances of subclasses have none. */
  of(value: object): ValueType | undefined {
    return this.#byPrototype.get(Object.getPrototypeOf(value))
  }

  [Symbol.iterator](): Iterator<ValueType> {
    return this.#byName.values()
  }

  /** The type that wrote an encoded entry. */
  named(name: string): ValueType | undefined {
    return this.#byName.get(name)
  }
}
