import type { JobAnswer, JobFault, Receipt } from './types.ts'

/** Takes in the rows of a job at the places that were applied. */
type Apply = (applied: (place: number) => boolean) => void

interface Job {
  readonly fault: JobFault
  readonly count: number
  readonly apply: Apply
  polls: number
  released: boolean
  answer: JobAnswer | undefined
}

/** The jobs of a fake API. A batch that comes again, by its idempotency key, is the same job, unless that one failed. */
export class FakeJobs {
  readonly #jobs = new Map<string, Job>()
  readonly #byKey = new Map<string, string>()
  readonly #faults: JobFault[] = []

  script(...faults: readonly JobFault[]): void {
    this.#faults.push(...faults)
  }

  /** Gives the job's id. `wrong`: what goes wrong with this one, whatever was scripted. */
  start(key: string, count: number, apply: Apply, wrong?: JobFault): string {
    const known = this.#byKey.get(key)
    if (known !== undefined && this.#isGood(known)) return known
    const id = `job-${this.#jobs.size + 1}`
    const fault = wrong ?? this.#faults.shift() ?? { kind: 'none' }
    this.#jobs.set(id, { fault, count, apply, polls: 0, released: false, answer: undefined })
    this.#byKey.set(key, id)
    if (fault.kind === 'forgotten' && fault.applied === true) apply(() => true)
    return id
  }

  /** What the API says of a job now. Its work is done when it is asked for the first time after it is no longer slow. */
  ask(id: string): JobAnswer {
    const job = this.#jobs.get(id)
    if (job === undefined) return { status: 'forgotten' }
    if (job.answer !== undefined) return job.answer
    job.polls += 1
    if (job.polls <= (job.fault.polls ?? 0) && !job.released) return running(job.fault)
    job.answer = worked(job)
    return job.answer
  }

  /** Each job was asked for, and has come to its end or is slow. */
  get onlySlow(): boolean {
    return [...this.#jobs.values()].every(({ polls }) => polls > 0)
  }

  /** All jobs come to their end, however slow they would have been. */
  release(): void {
    for (const job of this.#jobs.values()) job.released = true
  }

  #isGood(id: string): boolean {
    const job = this.#jobs.get(id)
    return job?.answer === undefined || job.answer.status === 'done'
  }
}

function running(fault: JobFault): JobAnswer {
  const { afterMs = undefined } = fault.kind === 'slow' ? fault : {}
  return afterMs === undefined ? { status: 'running' } : { status: 'running', afterMs }
}

function worked({ fault, count, apply }: Job): JobAnswer {
  if (fault.kind === 'forgotten') return { status: 'forgotten' }
  if (fault.kind === 'failed') {
    if (fault.applied === true) apply(() => true)
    return { status: 'failed', error: fault.error, retry: fault.retry }
  }
  const answers = fault.kind === 'partial' ? fault.rows : new Map<number, Receipt>()
  apply((place) => !answers.has(place))
  const receipts = Array.from({ length: count }, (_, place) => answers.get(place) ?? APPLIED)
  return { status: 'done', receipts }
}

const APPLIED: Receipt = { status: 'applied' }
