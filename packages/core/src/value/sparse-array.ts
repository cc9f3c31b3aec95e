/** Arrays with holes, made without the memory that their length would take. */

/** V8 turns an array into a hash table when an index is this far beyond its end. */
const GAP = 1024

/** Whether an array without extra properties has a hole. */
export function isSparse(list: readonly unknown[]): boolean {
  // Walking a length of four billion would take minutes; its keys are as many as its elements.
  if (list.length > GAP) return Object.keys(list).length !== list.length
  for (let i = 0; i < list.length; i++) if (list[i] === undefined && !(i in list)) return true
  return false
}

/** Whether `sparseArray` makes a hash table of it. */
export function isHashed(length: number, elements: number): boolean {
  return length > 2 * elements + GAP
}

/**
 * An empty array of this length, to be given `elements` elements. Setting `length` would allocate all of it, up to
 * 256 MB for a number that may come from a forged entry.
 */
export function sparseArray(length: number, elements: number): unknown[] {
  const list: unknown[] = []
  if (isHashed(length, elements)) {
    list[length - 1] = null
    delete list[length - 1]
  } else {
    list.length = length
  }
  return list
}
