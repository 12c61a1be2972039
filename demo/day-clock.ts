import type { Clock } from '../modules/kernel/time.ts'

/** The hour of the day that is being played. Only goes forward, like the ones on the wall. */
export class DayClock implements Clock {
  readonly #start: Date
  #now: Date

  constructor(start: Date) {
    this.#start = start
    this.#now = start
  }

  /** Back to the beginning, for a transaction that is tried again. */
  restart(): void {
    this.#now = this.#start
  }

  readonly now = (): Date => this.#now

  moveTo(instant: Date): void {
    if (instant > this.#now) this.#now = instant
  }
}
