/** At most `size` things in flight. */
export class Window {
  readonly #size: number
  readonly #waiting: (() => void)[] = []
  readonly #idle: (() => void)[] = []
  #used = 0

  constructor(size: number) {
    this.#size = size
  }

  /** Waits for room, then starts `work` and comes back without waiting for its end. `work` must not throw. */
  async start(work: () => Promise<void>): Promise<void> {
    while (this.#used >= this.#size) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#used += 1
    void work().finally(() => {
      this.#used -= 1
      this.#waiting.shift()?.()
      if (this.#used === 0) for (const resolve of this.#idle.splice(0)) resolve()
    })
  }

  /** Waits until nothing is in flight. */
  async idle(): Promise<void> {
    if (this.#used > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }
}
