import { AsyncLocalStorage } from 'node:async_hooks'
import { SluiceError } from '../base/errors.ts'

/** Work that must not overlap, one after the other, in the order it came. A failed turn does not stop the next. */
export class Turns {
  readonly #inside = new AsyncLocalStorage<true>()
  readonly #what: string
  #last: Promise<unknown> = Promise.resolve()

  constructor(what: string) {
    this.#what = what
  }

  /** Throws SLU9001 inside a turn: it would wait for itself for ever. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside.getStore())
      throw new SluiceError('SLU9001', {
        message: `expected one ${this.#what} at a time, found one inside another`,
      })
    const turn = this.#last.then(() => this.#inside.run(true, work))
    this.#last = turn.catch(() => {})
    return turn
  }

  /** Part of the turn that it is called in, else a turn of its own. */
  join<T>(work: () => Promise<T>): Promise<T> {
    return this.#inside.getStore() ? work() : this.take(work)
  }
}
