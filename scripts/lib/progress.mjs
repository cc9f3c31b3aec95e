// One line of progress per step: `[2/4] packages: installed (41 s)`.

/**
 * Prints the steps of a command as they are done.
 *
 * @param {number} total how many steps there will be
 * @param {(text: string) => void} [write] default: standard output
 */
export function progressOf(total, write = (text) => process.stdout.write(text)) {
  let number = 0
  return {
    /**
     * Runs one step. The line begins before the work and ends with what the work returned, when that is a text.
     *
     * @template T
     * @param {string} name
     * @param {() => T | Promise<T>} work
     * @returns {Promise<T>}
     */
    async step(name, work) {
      number += 1
      write(`[${number}/${total}] ${name}: `)
      const started = performance.now()
      try {
        const result = await work()
        const seconds = Math.round((performance.now() - started) / 1000)
        write(`${typeof result === 'string' ? result : 'done'}${seconds > 0 ? ` (${seconds} s)` : ''}\n`)
        return result
      } catch (error) {
        write('failed\n')
        throw error
      }
    },
    /** Begins the last step, whose own output follows. @param {string} name */
    hand(name) {
      number += 1
      write(`[${number}/${total}] ${name}\n`)
    },
  }
}
