import type { Lease, PlanRecord, RejectedRow, SeqRange, SyncLedger } from '../../ledger/ledger.ts'
import { merged, sizeOf } from './ranges.ts'

/** What the destination answered, kept until it is written down: a few ranges every few seconds, never a row a write. */
export class Answers {
  readonly #syncs: SyncLedger
  readonly #lease: Lease
  readonly #plan: PlanRecord
  readonly #turn: <T>(work: () => Promise<T>) => Promise<T>
  #ranges: SeqRange[] = []
  #rejected: RejectedRow[] = []
  #answered = 0
  #rejections = 0
  #flushes = 0

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

  /** Some are not written down yet. */
  get waiting(): boolean {
    return this.#ranges.length > 0 || this.#rejected.length > 0
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
  flush(): Promise<void> {
    return this.#turn(async () => {
      const [ranges, rejected] = [this.#ranges, this.#rejected]
      this.#ranges = []
      this.#rejected = []
      try {
        await this.#syncs.acknowledge(this.#lease, this.#plan, merged(ranges), rejected)
        this.#flushes += 1
      } catch (error) {
        this.#ranges = [...ranges, ...this.#ranges]
        this.#rejected = [...rejected, ...this.#rejected]
        throw error
      }
    })
  }
}
