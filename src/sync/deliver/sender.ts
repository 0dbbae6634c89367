import { SluiceError } from '../../base/errors.ts'
import { DestinationError } from '../../connector/errors.ts'
import type { Batch, Receipt } from '../../connector/types.ts'
import type { StartedJob } from '../../ledger/ledger.ts'
import { type JobDesk, type JobOutcome, openDesk } from '../jobs/job-desk.ts'
import { type Body, NO_BODY, textOf } from '../plan/body.ts'
import { parsedChanges } from '../plan/parsed-changes.ts'
import { idempotencyKey, type Piece } from '../plan/piece.ts'
import type { Answers } from './answers.ts'
import type { Counters } from './counters.ts'
import type { Delivery } from './delivery.ts'
import { EarlyStop, EQUAL_REJECTIONS } from './early-stop.ts'
import type { Halt } from './halt.ts'
import { misconfigured } from './misconfigured.ts'
import { outcomeOfReceipts } from './pace-outcome.ts'
import { halves, sizeOf } from './ranges.ts'
import { numbersOf, sortedReceipts } from './receipts.ts'
import type { Requests } from './requests.ts'
import { waitBeforeNext } from './retry-policy.ts'
import { refusalForSize } from './size-cap.ts'
import { Window } from './window.ts'

/** A piece on its way, with what happened to its rows so far. */
interface Attempted {
  readonly piece: Piece
  readonly body: Body
  /** Requests that carried these rows. */
  readonly attempts: number
  /** Of those, since the piece was last cut. */
  readonly tries: number
  /** One of them may have been applied. */
  readonly ambiguous: boolean
  readonly since: number
}

/** What a sender works with beside the delivery. */
export interface SenderParts {
  readonly answers: Answers
  readonly halt: Halt
  readonly requests: Requests
  readonly counters: Counters
}

/** Brings pieces to the destination until each of their rows has an answer, or the delivery is stopped. */
export class Sender {
  readonly #delivery: Delivery
  readonly #answers: Answers
  readonly #halt: Halt
  readonly #requests: Requests
  readonly #counters: Counters
  readonly #window: Window
  /** Undefined: the destination answers at once. */
  readonly #jobs: JobDesk | undefined
  readonly #early = new EarlyStop()
  /** The smallest body that was refused for its size: none as large is tried. */
  #tooLarge = Number.POSITIVE_INFINITY

  constructor(delivery: Delivery, parts: SenderParts) {
    this.#delivery = delivery
    this.#answers = parts.answers
    this.#halt = parts.halt
    this.#requests = parts.requests
    this.#counters = parts.counters
    this.#window = new Window(delivery.pace.mostInFlight)
    this.#jobs = openDesk(delivery, { ...parts, window: this.#window })
  }

  /** Nothing more is to be sent: it was stopped, or jobs are left to the next run. */
  get isOver(): boolean {
    return this.#halt.signal.aborted || this.leftJobs
  }

  get leftJobs(): boolean {
    return this.#jobs?.hasLeft === true
  }

  /** Waits until all that was sent is answered for, or left. */
  idle(): Promise<void> {
    return this.#jobs?.idle() ?? this.#window.idle()
  }

  /** Waits for room, then sends without waiting for the answer. What goes wrong stops the delivery. */
  start(piece: Piece, body: Body): Promise<void> {
    return this.#window.start(() => (this.isOver ? Promise.resolve() : this.#send(piece, body)))
  }

  /** The same for a job that an earlier run started: only its answer is waited for. */
  takeUp(job: StartedJob): Promise<void> {
    return this.#window.start(() => this.#takeUp(job))
  }

  async #send(piece: Piece, body: Body): Promise<void> {
    try {
      const since = this.#delivery.clock.monotonicMs()
      // An interrupted run may have sent any of them.
      await this.#deliver({ piece, body, attempts: 0, tries: 0, ambiguous: this.#delivery.resumed, since })
    } catch (error) {
      this.#halt.stopFor(error)
    }
  }

  async #takeUp(job: StartedJob): Promise<void> {
    const { batch, ranges, attempts, ambiguous } = job
    const since = this.#delivery.clock.monotonicMs()
    const piece = { batch, ranges, removes: false }
    const sent: Attempted = { ...{ piece, body: NO_BODY, attempts, tries: 1, ambiguous, since } }
    try {
      const waited = async () => this.#jobs?.wait(job, (body) => this.#batchOf({ ...sent, body }))
      const next = await this.#answered(sent, waited)
      if (next !== undefined) await this.#deliver(next)
    } catch (error) {
      this.#halt.stopFor(error)
    }
  }

  /** The rejections that were held back count, unless they were why the delivery stopped. */
  finish(): void {
    if (this.#early.verdict() === undefined) this.#answers.rejected(this.#early.settle())
  }

  async #deliver(first: Attempted): Promise<void> {
    let now = this.#allowed(first)
    while (now !== undefined && !this.#halt.signal.aborted)
      now = this.#allowed(this.#mustBeCut(now) ? await this.#halved(now) : await this.#attempt(now))
  }

  /** One request. Gives what is to be sent again. */
  async #attempt(now: Attempted): Promise<Attempted | undefined> {
    const refusal = refusalForSize(now.body, this.#delivery.maxBytes)
    if (refusal !== undefined) return this.#split(now, refusal)
    const sent: Attempted = { ...now, attempts: now.attempts + 1, tries: now.tries + 1 }
    this.#counters.add('writes')
    if (sent.attempts > 1) this.#counters.add('retries')
    return this.#answered(sent, () => this.#exchange(sent))
  }

  /** `exchange` gives the answer, or nothing when there is none in this run. */
  async #answered(
    sent: Attempted,
    exchange: () => Promise<JobOutcome | undefined>,
  ): Promise<Attempted | undefined> {
    const { generation } = this.#requests
    try {
      const outcome = await exchange()
      if (outcome === undefined) return undefined
      outcome.settled()
      return await this.#take(this.#told(sent, outcome.ambiguous), outcome.receipts)
    } catch (error) {
      if (!(error instanceof DestinationError)) throw error
      return this.#judge(this.#told(sent, false), error, generation)
    }
  }

  async #exchange(sent: Attempted): Promise<JobOutcome | undefined> {
    if (this.#jobs !== undefined)
      return this.#jobs.send(sent.piece, sent, (body) => this.#batchOf({ ...sent, body }))
    const { late, destination } = this.#delivery
    const batch = this.#batchOf(sent)
    const write = () => late.watch(batch, () => destination.connection().write(batch))
    const receipts = await this.#requests.run(sent.body.length, write, outcomeOfReceipts)
    return receipts && { receipts, ambiguous: false, settled: () => {} }
  }

  /** The time that a job took is no time of trying. */
  #told(sent: Attempted, ambiguous: boolean): Attempted {
    const since = this.#jobs === undefined ? sent.since : this.#delivery.clock.monotonicMs()
    return { ...sent, ambiguous: sent.ambiguous || ambiguous, since }
  }

  /** Rows of a job may turn out not to be sent again. */
  #allowed(next: Attempted | undefined): Attempted | undefined {
    if (next === undefined || this.#jobs === undefined) return next
    const ranges = this.#jobs.allowed(next.piece.ranges)
    return ranges.length === 0 ? undefined : { ...next, piece: { ...next.piece, ranges } }
  }

  /** One answer about the whole request. Gives what is to be sent again. */
  async #judge(sent: Attempted, error: DestinationError, generation: number): Promise<Attempted | undefined> {
    const next = { ...sent, ambiguous: sent.ambiguous || error.ambiguous }
    switch (error.action) {
      case 'retry':
        if (await this.#wait(sent, error.afterMs)) return next
        if (!this.isOver) this.#halt.stop(gaveUp(sent, error))
        return undefined
      case 'split':
        return this.#split(next, error)
      case 'refresh':
        return (await this.#requests.refresh(generation)) ? next : this.#misconfigured(error)
      case 'stop':
        return this.#misconfigured(error)
    }
  }

  #misconfigured(error: DestinationError): undefined {
    const { name, object } = this.#delivery
    const wanted = `the destination "${name}" to take changes of ${object}`
    this.#halt.stop(misconfigured(wanted, error, 'nothing was rejected, and the next run goes on from here'))
    return undefined
  }

  /** Gives nothing: the halves are sent before it comes back. */
  async #split(sent: Attempted, error: DestinationError): Promise<undefined> {
    const { piece, body, attempts, ambiguous } = sent
    // The bodies of jobs are read when they start and not kept.
    if (error.status === TOO_LARGE && this.#jobs === undefined)
      this.#tooLarge = Math.min(this.#tooLarge, body.length)
    if (sizeOf(piece.ranges) > 1 && this.#jobs?.mayHalve(piece.batch) !== false) return this.#halved(sent)
    for (const seq of numbersOf(piece.ranges))
      this.#reject({ seq, reason: error.message, attempts, ambiguous })
  }

  #mustBeCut({ piece, body }: Attempted): boolean {
    return body.length >= this.#tooLarge && sizeOf(piece.ranges) > 1
  }

  /** One half after the other: the second must not overtake the first, nor take more room than the whole did. */
  async #halved(sent: Attempted): Promise<undefined> {
    this.#counters.add('splits')
    for (const ranges of halves(sent.piece.ranges)) {
      const since = this.#delivery.clock.monotonicMs()
      await this.#again({ ...sent, tries: 0, since, piece: { ...sent.piece, ranges } })
    }
  }

  /** The body of a part is printed by the warehouse too: a number must not change on its way through ours. */
  async #again(part: Attempted): Promise<void> {
    if (this.isOver) return
    if (this.#jobs !== undefined) return this.#deliver({ ...part, body: NO_BODY })
    const [body] = await this.#delivery.reader.bodies([part.piece])
    if (body !== undefined) await this.#deliver({ ...part, body })
  }

  #reject(row: { seq: number; reason: string; attempts: number; ambiguous: boolean }): void {
    this.#answers.rejected(this.#early.reject(row))
    const verdict = this.#early.verdict()
    if (verdict === undefined) return
    this.#halt.stop(
      new SluiceError('SLU5105', {
        message: `expected the destination "${this.#delivery.name}" to take some row, found ${EQUAL_REJECTIONS} rejected one after the other from the start: ${verdict}`,
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
    const sorted = sortedReceipts(piece.ranges, receipts, sent)
    const { applied, rejected, retry, afterMs, reason } = sorted
    if (applied.length > 0) this.#answers.rejected(this.#early.settle())
    this.#answers.applied(applied)
    this.#answers.rejected(rejected)
    if (retry.length === 0) return undefined
    const ambiguous = sent.ambiguous || sorted.ambiguous
    const part = { ...sent, ambiguous, piece: { ...piece, ranges: retry } }
    if (await this.#wait(sent, afterMs)) {
      if (sizeOf(retry) === sizeOf(piece.ranges)) return part
      await this.#again(part)
      return undefined
    }
    if (this.isOver) return undefined
    for (const seq of numbersOf(retry)) this.#reject({ seq, reason, attempts: sent.attempts, ambiguous })
    return undefined
  }

  /** False when it was the last attempt, or nothing may start any more. */
  async #wait(sent: Attempted, afterMs: number | undefined): Promise<boolean> {
    const { clock, policy, random } = this.#delivery
    const elapsedMs = clock.monotonicMs() - sent.since
    const wait = waitBeforeNext(policy.retry, { attempt: sent.tries, elapsedMs, afterMs }, random)
    if (wait === undefined) return false
    const over = this.#jobs?.leaving ?? this.#halt.signal
    await clock.sleep(wait, over)
    this.#counters.add('backoffMs', clock.monotonicMs() - sent.since - elapsedMs)
    if (over.aborted) this.#jobs?.leave()
    return !over.aborted
  }

  #batchOf({ piece, body, attempts }: Attempted): Batch {
    const { plan, object, mode, isBulk } = this.#delivery
    return {
      sync: plan.sync,
      runId: plan.runId,
      object,
      mode,
      batch: piece.batch,
      count: sizeOf(piece.ranges),
      changesParts: body.parts,
      get changesJson() {
        return textOf(body)
      },
      changes: () => parsedChanges(textOf(body)),
      idempotencyKey: idempotencyKey(plan, piece.ranges),
      attempt: attempts,
      ...(isBulk ? { isBulk } : {}),
    }
  }
}

/** Content too large, as HTTP calls it. */
const TOO_LARGE = 413

function gaveUp({ piece, attempts }: Attempted, error: DestinationError): SluiceError {
  return new SluiceError('SLU5106', {
    message: `expected the destination to take batch ${piece.batch} ${tried(attempts)}, found: ${error.message}${waitOf(error)}`,
    hint: 'what it took is saved; run again when it answers: the rest is sent from there',
    cause: error,
  })
}

function tried(attempts: number): string {
  return attempts === 1 ? 'at the first attempt' : `after ${attempts} attempts`
}

function waitOf({ afterMs }: DestinationError): string {
  return afterMs === undefined ? '' : `, which asks to wait ${Math.ceil(afterMs / 1000)} s`
}
