import type {
  EndedJob,
  Lease,
  PlanRecord,
  RejectedRow,
  SeqRange,
  StartedJob,
  SyncLedger,
} from '../../ledger/ledger.ts'
import { merged, sizeOf } from './ranges.ts'

/** What the destination answered, kept until it is written down: a few ranges every few seconds, never a row a write. */
export class Answers {
  readonly #syncs: SyncLedger
  readonly #lease: Lease
  readonly #plan: PlanRecord
  readonly #turn: <T>(work: () => Promise<T>) => Promise<T>
  #ranges: SeqRange[] = []
  #rejected: RejectedRow[] = []
  #started: StartedJob[] = []
  #ended: EndedJob[] = []
  /** A flush that was asked for and has not begun. */
  #soon: Promise<void> | undefined
  #withheld = 0
  #answered = 0
  #rejections = 0
  #flushes = 0
  #flushing = 0

  constructor(
    syncs: SyncLedger,
    lease: Lease,
    plan: PlanRecord,
    turn: <T>(work: () => Promise<T>) => Promise<T>,
  ) {
    this.#syncs = syncs
    this.#lease = lease
    this.#plan = plan
    this.#turn = turn
  }

  /** Rows that were answered for in this run, rejected ones among them. */
  get answered(): number {
    return this.#answered
  }

  get rejections(): number {
    return this.#rejections
  }

  /** Rows of an earlier run's jobs that are not sent again, and so have no answer. */
  get withheld(): number {
    return this.#withheld
  }

  withhold(rows: number): void {
    this.#withheld += rows
  }

  /** Comes back when it is written down, with all others that were started meanwhile. */
  jobStarted(job: StartedJob): Promise<void> {
    this.#started.push(job)
    this.#soon ??= this.flush()
    return this.#soon
  }

  jobEnded(job: EndedJob): void {
    this.#ended.push(job)
  }

  /** Some are not written down yet. */
  get waiting(): boolean {
    const lists = [this.#ranges, this.#rejected, this.#started, this.#ended]
    return lists.some((list) => list.length > 0)
  }

  /** A flush is asked for and has not ended. */
  get isFlushing(): boolean {
    return this.#flushing > 0
  }

  /** That succeeded. */
  get flushes(): number {
    return this.#flushes
  }

  applied(ranges: readonly SeqRange[]): void {
    this.#ranges.push(...ranges)
    this.#answered += sizeOf(ranges)
  }

  rejected(rows: readonly RejectedRow[]): void {
    this.#rejected.push(...rows)
    this.#rejections += rows.length
    this.applied(rows.map(({ seq }) => ({ lo: seq, hi: seq })))
  }

  /** Writes down what there is; with nothing it only keeps the lease. What cannot be written is kept. */
  async flush(): Promise<void> {
    this.#flushing += 1
    try {
      await this.#turn(() => this.#write())
    } finally {
      this.#flushing -= 1
    }
  }

  async #write(): Promise<void> {
    this.#soon = undefined
    const [ranges, rejected] = [this.#ranges, this.#rejected]
    const jobs = { started: this.#started, ended: this.#ended }
    this.#ranges = []
    this.#rejected = []
    this.#started = []
    this.#ended = []
    try {
      await this.#syncs.acknowledge(this.#lease, this.#plan, merged(ranges), rejected, jobs)
      this.#flushes += 1
    } catch (error) {
      this.#ranges = [...ranges, ...this.#ranges]
      this.#rejected = [...rejected, ...this.#rejected]
      this.#started = [...jobs.started, ...this.#started]
      this.#ended = [...jobs.ended, ...this.#ended]
      throw error
    }
  }
}
