/** So many pieces of work at once; the next ones wait for their turn, in the order in which they came. */
export class Turns {
  readonly #most: number
  readonly #mostWaiting: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(most: number, mostWaiting: number) {
    this.#most = most
    this.#mostWaiting = mostWaiting
  }

  /** Whether too many wait already for one more to make sense. */
  get isFull(): boolean {
    return this.#running >= this.#most && this.#waiting.length >= this.#mostWaiting
  }

  /** Does the work when it is its turn. Passes what it throws. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    // Whoever ends hands the turn on, so that nobody who comes then goes first.
    if (this.#running < this.#most) this.#running += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}
