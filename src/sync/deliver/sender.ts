import { SluiceError } from '../../base/errors.ts'
import { DestinationError } from '../../connector/errors.ts'
import type { Batch, Change, Receipt } from '../../connector/types.ts'
import type { SeqRange } from '../../ledger/ledger.ts'
import { idempotencyKey, type Piece } from '../plan/piece.ts'
import type { Answers } from './answers.ts'
import type { Delivery } from './delivery.ts'
import { EarlyStop, EQUAL_REJECTIONS } from './early-stop.ts'
import type { Halt } from './halt.ts'
import { halves, merged, numberAt, sizeOf } from './ranges.ts'
import { waitBeforeNext } from './retry-policy.ts'

/** A piece on its way, with what happened to its rows so far. */
interface Attempted {
  readonly piece: Piece
  readonly body: string
  /** Requests that carried these rows. */
  readonly attempts: number
  /** Of those, since the piece was last cut. */
  readonly tries: number
  /** One of them may have been applied. */
  readonly ambiguous: boolean
  readonly since: number
}

/** Brings pieces to the destination until each of their rows has an answer, or the delivery is stopped. */
export class Sender {
  readonly #delivery: Delivery
  readonly #answers: Answers
  readonly #halt: Halt
  readonly #early = new EarlyStop()
  /** Grows with every refresh of the credentials: an answer to an older request says nothing about the new ones. */
  #generation = 0

  constructor(delivery: Delivery, answers: Answers, halt: Halt) {
    this.#delivery = delivery
    this.#answers = answers
    this.#halt = halt
  }

  /** Never throws: what goes wrong stops the delivery. */
  async send(piece: Piece, body: string): Promise<void> {
    try {
      const since = this.#delivery.clock.monotonicMs()
      // An interrupted run may have sent any of them.
      await this.#deliver({ piece, body, attempts: 0, tries: 0, ambiguous: this.#delivery.resumed, since })
    } catch (error) {
      this.#halt.stopFor(error)
    }
  }

  /** The rejections that were held back count, unless they were why the delivery stopped. */
  finish(): void {
    if (this.#early.verdict() === undefined) this.#answers.rejected(this.#early.settle())
  }

  async #deliver(first: Attempted): Promise<void> {
    let now: Attempted | undefined = first
    while (now !== undefined && (await this.#mayStart())) {
      const generation = this.#generation
      const sent: Attempted = { ...now, attempts: now.attempts + 1, tries: now.tries + 1 }
      try {
        const receipts = await this.#delivery.destination.connection().write(this.#batchOf(sent))
        now = await this.#take(sent, receipts)
      } catch (error) {
        if (!(error instanceof DestinationError)) throw error
        now = await this.#judge(sent, error, generation)
      }
    }
  }

  /** One answer about the whole request. Gives what is to be sent again. */
  async #judge(sent: Attempted, error: DestinationError, generation: number): Promise<Attempted | undefined> {
    const next = { ...sent, ambiguous: sent.ambiguous || error.ambiguous }
    switch (error.action) {
      case 'retry':
        if (error.afterMs !== undefined) this.#delivery.pace.pause(error.afterMs)
        if (await this.#wait(sent, error.afterMs)) return next
        this.#halt.stop(gaveUp(sent, error))
        return undefined
      case 'split':
        return this.#split(next, error)
      case 'refresh':
        return (await this.#refresh(generation)) ? next : this.#misconfigured(error)
      case 'stop':
        return this.#misconfigured(error)
    }
  }

  #misconfigured(error: DestinationError): undefined {
    this.#halt.stop(
      new SluiceError('SLU5105', {
        message: `expected the destination to take the changes, found: ${error.message}`,
        hint: 'check its settings and credentials; nothing was rejected, and the next run goes on from here',
        cause: error,
      }),
    )
    return undefined
  }

  async #split(sent: Attempted, error: DestinationError): Promise<undefined> {
    const { piece, attempts, ambiguous } = sent
    if (sizeOf(piece.ranges) === 1) {
      this.#reject({ seq: numberAt(piece.ranges, 0), reason: error.message, attempts, ambiguous })
      return undefined
    }
    for (const ranges of halves(piece.ranges)) {
      const since = this.#delivery.clock.monotonicMs()
      await this.#again({ ...sent, tries: 0, since, piece: { ...piece, ranges } })
    }
    return undefined
  }

  /** The body of a part is printed by the warehouse too: a number must not change on its way through ours. */
  async #again(part: Attempted): Promise<void> {
    if (this.#halt.signal.aborted) return
    const [body] = await this.#delivery.reader.bodies([part.piece])
    if (body !== undefined) await this.#deliver({ ...part, body })
  }

  #reject(row: { seq: number; reason: string; attempts: number; ambiguous: boolean }): void {
    this.#answers.rejected(this.#early.reject(row))
    const verdict = this.#early.verdict()
    if (verdict === undefined) return
    this.#halt.stop(
      new SluiceError('SLU5105', {
        message: `expected the destination to take some row, found ${EQUAL_REJECTIONS} rejected one after the other from the start: ${verdict}`,
        hint: 'it is not the rows: check settings, match and map; nothing was rejected',
      }),
    )
  }

  /** One receipt a row. Gives the rows that are to be sent again. */
  async #take(sent: Attempted, receipts: readonly Receipt[]): Promise<Attempted | undefined> {
    const { piece } = sent
    if (receipts.length !== sizeOf(piece.ranges))
      throw new SluiceError('SLU9001', {
        message: `expected ${sizeOf(piece.ranges)} receipts from the connector, found ${receipts.length}`,
      })
    const { applied, rejected, retry, afterMs, reason } = sorted(sent, receipts)
    if (applied.length > 0) this.#answers.rejected(this.#early.settle())
    this.#answers.applied(applied)
    this.#answers.rejected(rejected)
    if (retry.length === 0) return undefined
    const part = { ...sent, piece: { ...piece, ranges: retry } }
    if (await this.#wait(sent, afterMs)) {
      if (sizeOf(retry) === sizeOf(piece.ranges)) return part
      await this.#again(part)
      return undefined
    }
    if (this.#halt.signal.aborted) return undefined
    const { attempts, ambiguous } = sent
    const given = numbersOf(retry).map((seq) => ({ seq, reason, attempts, ambiguous }))
    this.#answers.rejected(given)
    return undefined
  }

  /** False when it was the last attempt, or nothing may start any more. */
  async #wait(sent: Attempted, afterMs: number | undefined): Promise<boolean> {
    const { clock, policy, random } = this.#delivery
    const elapsedMs = clock.monotonicMs() - sent.since
    const wait = waitBeforeNext(policy.retry, { attempt: sent.tries, elapsedMs, afterMs }, random)
    if (wait === undefined) return false
    await clock.sleep(wait, this.#halt.signal)
    return !this.#halt.signal.aborted
  }

  /** Once a delivery. True when the request may be tried with newer credentials than it had. */
  async #refresh(generation: number): Promise<boolean> {
    if (generation < this.#generation) return true
    if (this.#generation > 0) return false
    this.#generation += 1
    await this.#delivery.destination.refresh()
    return true
  }

  /** No request starts unless it must time out before the lease does. */
  async #mayStart(): Promise<boolean> {
    const { destination, lease, pace } = this.#delivery
    await pace.ready(this.#halt.signal)
    if (this.#halt.signal.aborted) return false
    const needed = destination.timeoutMs() + LEASE_MARGIN_MS
    if (lease.validForMs() < needed) await this.#answers.flush()
    if (this.#halt.signal.aborted) return false
    if (lease.validForMs() >= needed) return true
    this.#halt.stop(
      new SluiceError('SLU5108', {
        message: `expected the lease to hold for the ${needed} ms that a request may take, found ${Math.floor(lease.validForMs())} ms`,
        hint: 'the warehouse answers too slowly to keep it; nothing was lost, run again',
      }),
    )
    return false
  }

  #batchOf({ piece, body, attempts }: Attempted): Batch {
    const { plan, object, mode } = this.#delivery
    return {
      sync: plan.sync,
      runId: plan.runId,
      object,
      mode,
      batch: piece.batch,
      count: sizeOf(piece.ranges),
      changesJson: body,
      changes: () => JSON.parse(body) as readonly Change[],
      idempotencyKey: idempotencyKey(plan, piece.ranges),
      attempt: attempts,
    }
  }
}

/** Between our check and the socket's first byte. */
const LEASE_MARGIN_MS = 1000

function gaveUp({ piece, attempts }: Attempted, error: DestinationError): SluiceError {
  return new SluiceError('SLU5106', {
    message: `expected the destination to take batch ${piece.batch} after ${attempts} attempts, found: ${error.message}`,
    hint: 'what it took is saved; run again when it answers: the rest is sent from there',
    cause: error,
  })
}

function sorted({ piece, attempts, ambiguous }: Attempted, receipts: readonly Receipt[]) {
  const numbers = numbersOf(piece.ranges)
  const of = (status: Receipt['status']) => receipts.flatMap((one, at) => (one.status === status ? [at] : []))
  const ranges = (places: readonly number[]) =>
    merged(places.map((at): SeqRange => ({ lo: numbers[at] ?? 0, hi: numbers[at] ?? 0 })))
  const rejected = of('rejected').map((at) => {
    const receipt = receipts[at]
    const reason = receipt?.status === 'rejected' ? receipt.error : ''
    return { seq: numbers[at] ?? 0, reason, attempts, ambiguous }
  })
  const retries = receipts.flatMap((one) => (one.status === 'retry' ? [one] : []))
  const waits = retries.flatMap(({ afterMs }) => (afterMs === undefined ? [] : [afterMs]))
  return {
    applied: ranges(of('applied')),
    rejected,
    retry: ranges(of('retry')),
    reason: retries[0]?.error ?? '',
    afterMs: waits.length === 0 ? undefined : Math.max(...waits),
  }
}

function numbersOf(ranges: readonly SeqRange[]): readonly number[] {
  return ranges.flatMap(({ lo, hi }) => Array.from({ length: hi - lo + 1 }, (_, index) => lo + index))
}
