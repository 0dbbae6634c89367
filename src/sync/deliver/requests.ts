import { DestinationError } from '../../connector/errors.ts'
import type { PaceOutcome, Permit } from '../pace/pace-control.ts'
import { admitted } from './admission.ts'
import type { Answers } from './answers.ts'
import type { Counters } from './counters.ts'
import type { Delivery } from './delivery.ts'
import type { Halt } from './halt.ts'
import { NotStarted } from './not-started.ts'
import { outcomeOfError } from './pace-outcome.ts'
import { untilAborted } from './until-aborted.ts'

/** All requests of one delivery: they keep to the account's pace and to the lease, whatever they ask. */
export class Requests {
  readonly #delivery: Delivery
  readonly #answers: Answers
  readonly #halt: Halt
  readonly #counters: Counters
  readonly #sentBefore: number
  #started = 0
  #charged = 0
  #inFlight = 0
  #generation = 0
  /** A request succeeded with the credentials of this generation. */
  #proven = false

  constructor(delivery: Delivery, answers: Answers, halt: Halt, counters: Counters) {
    this.#delivery = delivery
    this.#answers = answers
    this.#halt = halt
    this.#counters = counters
    this.#sentBefore = delivery.destination.sent().requests
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** Grows with every refresh of the credentials: an answer to an older request says nothing about the new ones. */
  get generation(): number {
    return this.#generation
  }

  /**
   * Waits until a request may start, then does it. `outcomeOf` tells the pace what an answer says; a thrown
   * `DestinationError` speaks for itself. Undefined: it did not start, since the delivery is stopped.
   */
  async run<T>(
    bytes: number,
    work: () => Promise<T>,
    outcomeOf: (answer: T) => PaceOutcome,
  ): Promise<T | undefined> {
    for (;;) {
      try {
        return await this.#once(bytes, work, outcomeOf)
      } catch (error) {
        // Admitting it again proves the lease anew, or ends the delivery.
        if (!(error instanceof NotStarted)) throw error
      }
    }
  }

  async #once<T>(
    bytes: number,
    work: () => Promise<T>,
    outcomeOf: (answer: T) => PaceOutcome,
  ): Promise<T | undefined> {
    const permit = await admitted(this.#delivery, this.#answers, this.#halt, this.#counters, bytes)
    if (permit === undefined) return undefined
    const { aborted } = this.#delivery.destination
    this.#started += 1
    this.#inFlight += 1
    let outcome: PaceOutcome = { kind: 'aborted' }
    const generation = this.#generation
    try {
      const answer = await untilAborted(work(), aborted)
      outcome = outcomeOf(answer)
      if (generation === this.#generation) this.#proven = true
      return answer
    } catch (error) {
      if (error instanceof DestinationError && !aborted.aborted) outcome = outcomeOfError(error)
      throw error
    } finally {
      this.#inFlight -= 1
      this.#end(permit, outcome)
    }
  }

  /**
   * True when the request may be tried with newer credentials than it had. A delivery of hours outlives several tokens,
   * but those that let nobody in are not replaced again: the settings are wrong then.
   */
  async refresh(generation: number): Promise<boolean> {
    if (generation < this.#generation) return true
    if (this.#generation > 0 && !this.#proven) return false
    this.#generation += 1
    this.#proven = false
    await this.#delivery.destination.refresh()
    return true
  }

  #end(permit: Permit, outcome: PaceOutcome): void {
    const { pace, destination } = this.#delivery
    if (outcome.kind === 'refused' || outcome.kind === 'failed') this.#counters.add(outcome.kind)
    pace.end(permit, outcome)
    // A write may need more requests than one; the account's quota counts them all.
    const beside = destination.sent().requests - this.#sentBefore - this.#started - this.#charged
    if (beside <= 0) return
    this.#charged += beside
    pace.charge(beside)
  }
}
