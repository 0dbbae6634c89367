/** Bodies on their way, all together: what a process holds must not depend on how large its batches are. */
const MOST_BYTES_IN_FLIGHT = 16 * 1024 * 1024

/** A destination that nothing is known of starts with so many. */
const FIRST_SIZE = 4

/**
 * How many requests may be in flight: one more for each window of successes, half as many when the destination shows
 * that it is too much. Pure: times come in, in monotonic milliseconds.
 */
export class InFlightWindow {
  #most: number
  #size: number
  /** Successes at a full window, towards one more. */
  #successes = 0
  #inFlight = 0
  #bytes = 0
  /** What started before this has no say any more: the window was halved for it already. */
  #halvedMs = Number.NEGATIVE_INFINITY

  constructor(most: number) {
    this.#most = most
    this.#size = Math.min(FIRST_SIZE, most)
  }

  get most(): number {
    return this.#most
  }

  get size(): number {
    return this.#size
  }

  get inFlight(): number {
    return this.#inFlight
  }

  limit(most: number): void {
    this.#most = most
    this.#size = Math.min(this.#size, most)
  }

  /** A body larger than all that may be in flight goes alone. */
  hasRoom(bytes: number): boolean {
    if (this.#inFlight === 0) return true
    return this.#inFlight < this.#size && this.#bytes + bytes <= MOST_BYTES_IN_FLIGHT
  }

  /** True when the window is full with this request: then it is the window that limits how fast they start. */
  start(bytes: number): boolean {
    this.#inFlight += 1
    this.#bytes += bytes
    return this.#inFlight >= this.#size
  }

  end(bytes: number): void {
    this.#inFlight -= 1
    this.#bytes -= bytes
  }

  succeeded(full: boolean): void {
    if (!full || this.#size >= this.#most) return
    this.#successes += 1
    if (this.#successes < this.#size) return
    this.#size += 1
    this.#successes = 0
  }

  /** At most once a round trip. Call it before `end`. */
  tooMuch(startedMs: number, nowMs: number): void {
    if (startedMs <= this.#halvedMs) return
    // A window that was never filled is no measure of what was too much.
    this.#size = Math.max(1, Math.floor(Math.min(this.#size, this.#inFlight) / 2))
    this.#successes = 0
    this.#halvedMs = nowMs
  }
}
