/** Numbers that look random and are the same for the same seed (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 up to, not including, `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }

  chance(percent: number): boolean {
    return this.below(100) < percent
  }

  pick<T>(of: readonly T[]): T {
    const found = of[this.below(of.length)]
    if (found === undefined) throw new Error('nothing to pick from')
    return found
  }

  shuffled<T>(of: readonly T[]): readonly T[] {
    const all = [...of]
    for (let index = all.length - 1; index > 0; index -= 1) {
      const other = this.below(index + 1)
      const [a, b] = [all[index], all[other]]
      if (a !== undefined && b !== undefined) {
        all[index] = b
        all[other] = a
      }
    }
    return all
  }
}
