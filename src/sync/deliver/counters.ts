import type { DeliveryCounters } from './delivery.ts'

/** Adds up what a delivery did. */
export class Counters {
  #now: DeliveryCounters = {
    writes: 0,
    retries: 0,
    refused: 0,
    failed: 0,
    splits: 0,
    paceMs: 0,
    backoffMs: 0,
  }

  get now(): DeliveryCounters {
    return this.#now
  }

  add(name: keyof DeliveryCounters, amount = 1): void {
    this.#now = { ...this.#now, [name]: this.#now[name] + amount }
  }
}
