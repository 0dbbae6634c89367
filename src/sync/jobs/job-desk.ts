import { SluiceError } from '../../base/errors.ts'
import { instantOf } from '../../base/instant.ts'
import { DestinationError } from '../../connector/errors.ts'
import type { Batch, Connection, JobBatch, Receipt } from '../../connector/types.ts'
import type { EndedJob, SeqRange, StartedJob } from '../../ledger/ledger.ts'
import type { Answers } from '../deliver/answers.ts'
import type { Delivery } from '../deliver/delivery.ts'
import type { Halt } from '../deliver/halt.ts'
import { outcomeOfReceipts } from '../deliver/pace-outcome.ts'
import { merged, sizeOf, withoutAll } from '../deliver/ranges.ts'
import type { Requests } from '../deliver/requests.ts'
import { refusalForSize } from '../deliver/size-cap.ts'
import type { Window } from '../deliver/window.ts'
import type { PaceOutcome } from '../pace/pace-control.ts'
import { type Body, bodyOf, NO_BODY, textOf } from '../plan/body.ts'
import { parsedChanges } from '../plan/parsed-changes.ts'
import type { Piece } from '../plan/piece.ts'
import { type EndedAnswer, JobPoller } from './job-poller.ts'
import type { JobRules } from './job-rules.ts'

/** Undefined for a destination that answers at once. */
export function openDesk(delivery: Delivery, room: Room): JobDesk | undefined {
  return delivery.jobs === undefined ? undefined : new JobDesk({ ...delivery, jobs: delivery.jobs }, room)
}

/** What a job came to: one receipt a row. */
export interface JobOutcome {
  readonly receipts: readonly Receipt[]
  /** What became of the rows cannot be told. */
  readonly ambiguous: boolean
  /** Call it in the same breath as the receipts are taken, so that both are written down at once. */
  readonly settled: () => void
}

/** A job's id, or receipts of a destination that answered at once. */
type Started = Awaited<ReturnType<NonNullable<Connection['start']>>>

/** A job that was taken says nothing of the pace; receipts say what those of a batch do. */
function outcomeOfStart(started: Started): PaceOutcome {
  return 'receipts' in started ? outcomeOfReceipts(started.receipts) : { kind: 'answered' }
}

interface Room {
  readonly answers: Answers
  readonly halt: Halt
  readonly window: Window
  readonly requests: Requests
}

/**
 * Hands batches over as jobs and waits for their answers, without keeping others from being sent meanwhile. A job's id
 * is in the ledger before it is asked for the first time. What has no answer when the delivery is stopped, or when
 * `async_wait` is over, is left to the next run.
 */
export class JobDesk {
  readonly #delivery: Delivery
  readonly #rules: JobRules
  readonly #answers: Answers
  readonly #window: Window
  readonly #requests: Requests
  /** Aborted when nobody waits for jobs any more. */
  readonly #leave = new AbortController()
  readonly #poller: JobPoller
  readonly #refused: readonly SeqRange[]
  readonly #refusals = new Map<number, number>()
  #waiting = 0
  #idling = false
  #left = 0

  constructor(delivery: Delivery & { readonly jobs: JobRules }, room: Room) {
    this.#delivery = delivery
    this.#rules = delivery.jobs
    this.#answers = room.answers
    this.#window = room.window
    this.#requests = room.requests
    this.#refused = merged(delivery.jobs.refused)
    this.#poller = new JobPoller(delivery, room.halt, room.requests, this.#leave.signal)
    const leave = () => this.#leave.abort()
    if (room.halt.signal.aborted) leave()
    else room.halt.signal.addEventListener('abort', leave, { once: true })
  }

  /** Aborted when the delivery is stopped, or `async_wait` is over. */
  get leaving(): AbortSignal {
    return this.#leave.signal
  }

  /** Rows that would have been sent again are left to the next run too. */
  leave(): void {
    this.#left += 1
  }

  /** Some jobs have no answer, and nobody waits for them any more in this run. */
  get hasLeft(): boolean {
    return this.#left > 0
  }

  /** Starts the batch. Undefined: its answer is left to the next run. Throws a DestinationError as `write` would. */
  async send(
    piece: Piece,
    tried: { readonly attempts: number; readonly ambiguous: boolean },
    batchOf: (body: Body) => Batch,
  ): Promise<JobOutcome | undefined> {
    const [body = NO_BODY] = await this.#delivery.reader.bodies([piece])
    const refusal = refusalForSize(body, this.#delivery.maxBytes)
    if (refusal !== undefined) throw refusal
    const started = await this.#requests.run(body.length, () => this.#start(batchOf(body)), outcomeOfStart)
    if (started === undefined) return undefined
    if ('receipts' in started) return { receipts: started.receipts, ambiguous: false, settled: () => {} }
    const { jobId } = started
    const { attempts, ambiguous } = tried
    const startedAt = instantOf(this.#delivery.clock.nowMs())
    const { batch, ranges } = piece
    const job: StartedJob = {
      ...{ jobId, object: this.#delivery.object, batch, ranges, attempts, ambiguous, startedAt },
    }
    await this.#answers.jobStarted(job)
    return this.wait(job, batchOf, this.#rules.polling.firstMs)
  }

  /** Waits for a job whose id is stored. Throws as `send`. */
  async wait(job: StartedJob, batchOf: (body: Body) => Batch, firstMs = 0): Promise<JobOutcome | undefined> {
    this.#waiting += 1
    if (this.#idling) this.#rules.onWaiting(this.#waiting)
    try {
      const answer = await this.#window.outside(() =>
        this.#poller.ended(job, this.#jobBatch(job, batchOf), firstMs),
      )
      if (answer === undefined) this.#left += 1
      return answer && this.#outcome(job, answer)
    } finally {
      this.#waiting -= 1
    }
  }

  /** Of rows that are to be sent again, those that may be. The others are settled by the next plan. */
  allowed(ranges: readonly SeqRange[]): readonly SeqRange[] {
    const rest = this.#rules.pollOnly ? [] : withoutAll(ranges, this.#refused)
    this.#answers.withhold(sizeOf(ranges) - sizeOf(rest))
    return rest
  }

  /** Whether a batch of which one more job was refused as a whole is still halved. */
  mayHalve(batch: number): boolean {
    const refusals = (this.#refusals.get(batch) ?? 0) + 1
    this.#refusals.set(batch, refusals)
    return refusals <= MOST_REFUSALS
  }

  /** Waits for all that is in flight, for jobs at most `async_wait`. */
  async idle(): Promise<void> {
    const { clock } = this.#delivery
    const ended = new AbortController()
    this.#idling = true
    if (this.#waiting > 0) this.#rules.onWaiting(this.#waiting)
    const limit = clock.sleep(Math.min(this.#rules.waitMs, LONGEST_SLEEP_MS), ended.signal).then(() => {
      if (!ended.signal.aborted) this.#leave.abort()
    })
    await this.#window.idle()
    ended.abort()
    await limit
    this.#idling = false
  }

  #start(batch: Batch): Promise<Started> {
    const { destination, late } = this.#delivery
    const connection = destination.connection()
    const start = connection.start?.bind(connection)
    if (start === undefined)
      throw new SluiceError('SLU9001', {
        message: `expected the connector to start jobs of "${batch.object}", found that it cannot`,
      })
    return late.watch(batch, () => start(batch))
  }

  #outcome(job: StartedJob, answer: EndedAnswer): JobOutcome | undefined {
    const settled = () => this.#end(job, answer.status)
    if (answer.status === 'done') return { receipts: answer.receipts, ambiguous: false, settled }
    if (answer.status === 'forgotten' && !this.#rules.idempotent)
      return {
        receipts: Array.from({ length: sizeOf(job.ranges) }, () => UNKNOWN_FATE),
        ambiguous: true,
        settled,
      }
    settled()
    if (answer.status === 'failed' && !answer.retry)
      throw new DestinationError('split', { message: answer.error })
    const [message, afterMs] =
      answer.status === 'failed'
        ? [answer.error, answer.afterMs]
        : ['the destination has forgotten the job', undefined]
    throw new DestinationError('retry', { message, afterMs, ambiguous: true })
  }

  #end({ jobId }: StartedJob, state: EndedJob['state']): void {
    this.#answers.jobEnded({ jobId, state, at: instantOf(this.#delivery.clock.nowMs()) })
  }

  /** Without the body: jobs wait by the hundred, for minutes. */
  #jobBatch({ object, batch, ranges }: StartedJob, batchOf: (body: Body) => Batch): JobBatch {
    const { changesJson: _, changesParts: __, changes: ___, attempt: ____, ...known } = batchOf(NO_BODY)
    return {
      ...known,
      object,
      changes: async () => {
        const [body = bodyOf('[]')] = await this.#delivery.reader.bodies([{ batch, ranges, removes: false }])
        return parsedChanges(textOf(body))
      },
    }
  }
}

/** Timers cannot sleep for longer than this; nobody waits 24 days. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1

/**
 * A job takes minutes, and one bad row among 10,000 is alone after 14 of them. What still is refused after so many, of
 * one batch, is rejected as it stands.
 */
const MOST_REFUSALS = 100

/** As the reason in the receipts: it arrived or not, and must not be sent twice. */
const UNKNOWN_FATE: Receipt = { status: 'rejected', error: 'unknown_fate' }
