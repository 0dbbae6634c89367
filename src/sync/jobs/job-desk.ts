import { SluiceError } from '../../base/errors.ts'
import { instantOf } from '../../base/instant.ts'
import { DestinationError } from '../../connector/errors.ts'
import type { Batch, Change, JobAnswer, JobBatch, Receipt } from '../../connector/types.ts'
import type { EndedJob, SeqRange, StartedJob } from '../../ledger/ledger.ts'
import type { Answers } from '../deliver/answers.ts'
import type { Delivery } from '../deliver/delivery.ts'
import type { Halt } from '../deliver/halt.ts'
import { merged, sizeOf, withoutAll } from '../deliver/ranges.ts'
import type { Requests } from '../deliver/requests.ts'
import type { Window } from '../deliver/window.ts'
import type { PaceOutcome } from '../pace/pace-control.ts'
import type { Piece } from '../plan/piece.ts'
import { type JobRules, waitBeforePoll } from './job-rules.ts'

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
  readonly #halt: Halt
  readonly #window: Window
  readonly #requests: Requests
  /** Aborted when nobody waits for jobs any more. */
  readonly #leave = new AbortController()
  readonly #refused: readonly SeqRange[]
  readonly #refusals = new Map<number, number>()
  #waiting = 0
  #idling = false
  #left = 0

  constructor(delivery: Delivery & { readonly jobs: JobRules }, room: Room) {
    this.#delivery = delivery
    this.#rules = delivery.jobs
    this.#answers = room.answers
    this.#halt = room.halt
    this.#window = room.window
    this.#requests = room.requests
    this.#refused = merged(delivery.jobs.refused)
    const leave = () => this.#leave.abort()
    if (room.halt.signal.aborted) leave()
    else room.halt.signal.addEventListener('abort', leave, { once: true })
  }

  /** Some jobs have no answer, and nobody waits for them any more in this run. */
  get hasLeft(): boolean {
    return this.#left > 0
  }

  /** Starts the batch. Undefined: its answer is left to the next run. Throws a DestinationError as `write` would. */
  async send(
    piece: Piece,
    tried: { readonly attempts: number; readonly ambiguous: boolean },
    batchOf: (body: string) => Batch,
  ): Promise<JobOutcome | undefined> {
    const [body = ''] = await this.#delivery.reader.bodies([piece])
    const started = await this.#requests.run(body.length, () => this.#start(batchOf(body)), ANSWERED)
    if (started === undefined) return undefined
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
  async wait(
    job: StartedJob,
    batchOf: (body: string) => Batch,
    firstMs = 0,
  ): Promise<JobOutcome | undefined> {
    this.#waiting += 1
    if (this.#idling) this.#rules.onWaiting(this.#waiting)
    try {
      const answer = await this.#window.outside(() => this.#poll(job, this.#jobBatch(job, batchOf), firstMs))
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

  /** The first answer that is not `running`; undefined when it was not waited for. */
  async #poll(job: StartedJob, batch: JobBatch, firstMs: number): Promise<Ended | undefined> {
    const { polling } = this.#rules
    let failures = 0
    let waitMs = firstMs
    for (let asked = 1; ; asked += 1) {
      await this.#delivery.clock.sleep(waitMs, this.#leave.signal)
      if (this.#leave.signal.aborted) return undefined
      const { generation } = this.#requests
      try {
        const answer = await this.#requests.run(0, () => this.#ask(job, batch), ANSWERED)
        if (answer?.status !== 'running') return answer
        failures = 0
        waitMs = waitBeforePoll(polling, asked, answer.afterMs)
      } catch (error) {
        if (!(error instanceof DestinationError)) throw error
        failures += 1
        if (!(await this.#mayAskAgain(error, failures, generation))) return undefined
        waitMs = waitBeforePoll(polling, asked, error.afterMs)
      }
    }
  }

  #start(batch: Batch): Promise<{ readonly jobId: string }> {
    const connection = this.#delivery.destination.connection()
    if (connection.start === undefined) throw notAble('start', batch.object)
    return connection.start(batch)
  }

  #ask({ jobId }: StartedJob, batch: JobBatch): Promise<JobAnswer> {
    const connection = this.#delivery.destination.connection()
    if (connection.poll === undefined) throw notAble('poll', batch.object)
    return connection.poll(jobId, batch)
  }

  /** A question that failed says nothing of the job; when it keeps failing, the delivery stops and the job is kept. */
  async #mayAskAgain(error: DestinationError, failures: number, generation: number): Promise<boolean> {
    if (error.action === 'retry') {
      if (failures < this.#delivery.policy.retry.maxAttempts) return true
      this.#halt.stop(
        new SluiceError('SLU5106', {
          message: `expected the destination to say what became of a job after ${failures} questions, found: ${error.message}`,
          hint: 'the job is kept; run again when the destination answers',
          cause: error,
        }),
      )
      return false
    }
    if (error.action === 'refresh' && (await this.#requests.refresh(generation))) return true
    this.#halt.stop(
      new SluiceError('SLU5105', {
        message: `expected the destination to say what became of a job, found: ${error.message}`,
        hint: 'check its settings and credentials; the job is kept, and the next run asks for it again',
        cause: error,
      }),
    )
    return false
  }

  #outcome(job: StartedJob, answer: Ended): JobOutcome | undefined {
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
  #jobBatch({ object, batch, ranges }: StartedJob, batchOf: (body: string) => Batch): JobBatch {
    const { changesJson: _, changes: __, attempt: ___, ...known } = batchOf('')
    return {
      ...known,
      object,
      changes: async () => {
        const [body = '[]'] = await this.#delivery.reader.bodies([{ batch, ranges, removes: false }])
        return JSON.parse(body) as readonly Change[]
      },
    }
  }
}

/** Timers cannot sleep for longer than this; nobody waits 24 days. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1

/** What a job comes to says nothing of the pace. */
const ANSWERED = (): PaceOutcome => ({ kind: 'answered' })

type Ended = Exclude<JobAnswer, { readonly status: 'running' }>

/**
 * A job takes minutes, and one bad row among 10,000 is alone after 14 of them. What still is refused after so many, of
 * one batch, is rejected as it stands.
 */
const MOST_REFUSALS = 100

/** As the reason in the receipts: it arrived or not, and must not be sent twice. */
const UNKNOWN_FATE: Receipt = { status: 'rejected', error: 'unknown_fate' }

function notAble(what: 'start' | 'poll', object: string): SluiceError {
  return new SluiceError('SLU9001', {
    message: `expected the connector to ${what} jobs of "${object}", found that it cannot`,
  })
}
