import { SluiceError } from '../../base/errors.ts'
import { DestinationError } from '../../connector/errors.ts'
import type { JobAnswer, JobBatch } from '../../connector/types.ts'
import type { StartedJob } from '../../ledger/ledger.ts'
import type { Delivery } from '../deliver/delivery.ts'
import type { Halt } from '../deliver/halt.ts'
import { misconfigured } from '../deliver/misconfigured.ts'
import type { Requests } from '../deliver/requests.ts'
import type { PaceOutcome } from '../pace/pace-control.ts'
import { type JobRules, waitBeforePoll } from './job-rules.ts'

export type EndedAnswer = Exclude<JobAnswer, { readonly status: 'running' }>

/** What becomes of a job says nothing of the pace: the destination is there. */
const ANSWERED = (): PaceOutcome => ({ kind: 'answered' })

/** Asks for jobs, more and more seldom, by the pace of the account and under the lease as any request. */
export class JobPoller {
  readonly #delivery: Delivery & { readonly jobs: JobRules }
  readonly #halt: Halt
  readonly #requests: Requests
  readonly #leave: AbortSignal

  /** `leave`: nobody waits any more. */
  constructor(
    delivery: Delivery & { readonly jobs: JobRules },
    halt: Halt,
    requests: Requests,
    leave: AbortSignal,
  ) {
    this.#delivery = delivery
    this.#halt = halt
    this.#requests = requests
    this.#leave = leave
  }

  /**
   * Waits `firstMs`, then asks until the job has ended. Undefined when the delivery was stopped, or when nobody waits
   * any more and it still runs: it is asked for once more before that is said.
   */
  async ended(job: StartedJob, batch: JobBatch, firstMs: number): Promise<EndedAnswer | undefined> {
    const { clock, jobs } = this.#delivery
    let failures = 0
    let waitMs = firstMs
    for (let asked = 1; ; asked += 1) {
      await clock.sleep(waitMs, this.#leave)
      if (this.#halt.signal.aborted) return undefined
      const isLast = this.#leave.aborted
      const said = await this.#ask(job, batch, failures)
      if (said.kind === 'over' || isLast) return said.answer
      failures = said.failures
      waitMs = waitBeforePoll(jobs.polling, asked, said.afterMs)
    }
  }

  async #ask(job: StartedJob, batch: JobBatch, failures: number): Promise<Said> {
    const { generation } = this.#requests
    try {
      const answer = await this.#requests.run(0, () => this.#poll(job, batch), ANSWERED)
      if (answer?.status !== 'running') return { kind: 'over', answer }
      return { kind: 'again', answer: undefined, failures: 0, afterMs: answer.afterMs }
    } catch (error) {
      if (!(error instanceof DestinationError)) throw error
      const mayAsk = await this.#mayAskAgain(error, failures + 1, generation)
      if (!mayAsk) return { kind: 'over', answer: undefined }
      return { kind: 'again', answer: undefined, failures: failures + 1, afterMs: error.afterMs }
    }
  }

  #poll({ jobId }: StartedJob, batch: JobBatch): Promise<JobAnswer> {
    const connection = this.#delivery.destination.connection()
    if (connection.poll !== undefined) return connection.poll(jobId, batch)
    throw new SluiceError('SLU9001', {
      message: `expected the connector to poll jobs of "${batch.object}", found that it cannot`,
    })
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
      misconfigured(
        `the destination "${this.#delivery.name}" to say what became of a job`,
        error,
        'the job is kept, and the next run asks for it again',
      ),
    )
    return false
  }
}

/** What came of one question. `over`: there is nothing more to ask; without an answer the delivery was stopped. */
type Said =
  | { readonly kind: 'over'; readonly answer: EndedAnswer | undefined }
  | {
      readonly kind: 'again'
      readonly answer: undefined
      /** Questions that failed, one after the other. */
      readonly failures: number
      readonly afterMs: number | undefined
    }
