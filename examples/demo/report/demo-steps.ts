/** The demo's steps on the screen: a moving line on a terminal, plain lines elsewhere. */

export interface Screen {
  write(text: string): unknown
  /** True for a terminal, whose last line can be written again. */
  readonly isTTY?: boolean | undefined
}

/** Reports how far a step has come: a share from 0 to 1, and what to say about it. */
export type Progress = (share: number, detail?: string) => void

export interface DemoStepsOptions {
  readonly screen: Screen
  /** Steps that were done before, such as the installation. */
  readonly done: number
  readonly total: number
}

const barWidth = 24
/** Milliseconds between two drawings of a line. */
const drawEvery = 80
const clearLine = '\r\u001b[K'

export class DemoSteps {
  readonly #screen: Screen
  readonly #total: number
  #number: number

  constructor({ screen, done, total }: DemoStepsOptions) {
    this.#screen = screen
    this.#number = done
    this.#total = total
  }

  /** Runs one step; its line ends with what `work` returns. */
  async step<T>(name: string, work: (progress: Progress) => Promise<T>, result: (value: T) => string): Promise<T> {
    this.#number += 1
    const title = `[${this.#number}/${this.#total}] ${name}: `
    const moving = this.#screen.isTTY === true
    this.#screen.write(title)
    const started = performance.now()
    try {
      const value = await work(moving ? this.#bar(title) : this.#percents())
      const seconds = Math.round((performance.now() - started) / 1_000)
      this.#screen.write(
        `${moving ? `${clearLine}${title}` : ''}${result(value)}${seconds > 0 ? ` (${seconds} s)` : ''}\n`,
      )
      return value
    } catch (error) {
      this.#screen.write('failed\n')
      throw error
    }
  }

  /** A line below the last step. */
  note(text: string): void {
    this.#screen.write(`      ${text}\n`)
  }

  #bar(title: string): Progress {
    let drawnAt = Number.NEGATIVE_INFINITY
    return (share, detail = '') => {
      const now = performance.now()
      if (now - drawnAt < drawEvery) return
      drawnAt = now
      const full = Math.round(barWidth * Math.min(1, share))
      const bar = `${'#'.repeat(full)}${'.'.repeat(barWidth - full)}`
      const percent = String(Math.floor(100 * share)).padStart(3)
      this.#screen.write(`${clearLine}${title}[${bar}] ${percent} % ${detail}`)
    }
  }

  #percents(): Progress {
    let said = 0
    return (share) => {
      const quarter = Math.floor(share * 4) * 25
      if (quarter <= said || quarter >= 100) return
      said = quarter
      this.#screen.write(`${quarter} % ... `)
    }
  }
}
