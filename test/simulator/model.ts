import type { Random } from '../support/random.ts'
import type { ModelRow } from './memory-plans.ts'

/** What a destination does not take, as a value of a row. */
export const POISON_ROW = 'poison'
export const POISON_BATCH = 'bomb'

/** The model of a world: rows that come, go, come back and take old values again. */
export class Model {
  rows: readonly ModelRow[] = []
  readonly #random: Random
  readonly #keys: readonly string[]
  readonly #odd: boolean

  /** `odd`: some rows are refused, shared, without a key or without consent. */
  constructor(random: Random, keys: number, odd: boolean) {
    this.#random = random
    this.#keys = Array.from({ length: keys }, (_, index) => `k${index.toString().padStart(2, '0')}`)
    this.#odd = odd
    this.rows = this.#keys.filter(() => random.chance(70)).map((key) => this.#row(key))
  }

  change(times: number): void {
    for (let time = 0; time < times; time += 1) this.#changeOne()
  }

  #changeOne(): void {
    const key = this.#random.pick(this.#keys)
    const others = this.rows.filter((row) => row.key !== key)
    const isThere = others.length < this.rows.length
    // Every second time it goes, so that keys vanish and return; values are few, so that they go back.
    this.rows = isThere && this.#random.chance(40) ? others : [...others, this.#row(key)]
    if (!this.#odd) return
    if (this.#random.chance(5)) this.rows = [...this.rows, this.#row(key)]
    if (this.#random.chance(5)) this.rows = [...this.rows, { ...this.#row(key), key: null }]
  }

  #row(key: string): ModelRow {
    const odd =
      this.#odd && this.#random.chance(8) ? this.#random.pick([POISON_ROW, POISON_BATCH]) : undefined
    const value = odd ?? this.#random.pick(['a', 'b', 'c'])
    return { key, entity: null, value, consents: !(this.#odd && this.#random.chance(6)) }
  }
}
