/** At most `size` things in flight. */
export class Window {
  readonly #size: number
  readonly #waiting: (() => void)[] = []
  readonly #idle: (() => void)[] = []
  #used = 0
  #running = 0

  constructor(size: number) {
    this.#size = size
  }

  /** Waits for room, then starts `work` and comes back without waiting for its end. `work` must not throw. */
  async start(work: () => Promise<void>): Promise<void> {
    await this.#enter()
    this.#running += 1
    void work().finally(() => {
      this.#leave()
      this.#running -= 1
      if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve()
    })
  }

  /** For work that was started: waits without taking room, and goes on when there is room again. */
  async outside<T>(wait: () => Promise<T>): Promise<T> {
    this.#leave()
    try {
      return await wait()
    } finally {
      await this.#enter()
    }
  }

  /** Waits until nothing is in flight, nor outside. */
  async idle(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  async #enter(): Promise<void> {
    while (this.#used >= this.#size) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#used += 1
  }

  #leave(): void {
    this.#used -= 1
    this.#waiting.shift()?.()
  }
}
