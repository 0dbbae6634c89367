import type { RejectedRow } from '../../ledger/ledger.ts'

/** So many equal rejections of single rows, before anything was taken, say that it is not the rows that are wrong. */
export const EQUAL_REJECTIONS = 20

/**
 * Holds back the first rejections of single rows until it is known that they are about rows: then they count, else
 * nothing was rejected.
 */
export class EarlyStop {
  readonly #held: RejectedRow[] = []
  #settled = false

  /** Gives the rows that count now. */
  reject(row: RejectedRow): readonly RejectedRow[] {
    if (this.#settled) return [row]
    const [first] = this.#held
    this.#held.push(row)
    return first === undefined || first.reason === row.reason ? [] : this.settle()
  }

  /** Something was taken, or the end was reached. Gives the rows that count now. */
  settle(): readonly RejectedRow[] {
    this.#settled = true
    return this.#held.splice(0)
  }

  /** The reason that all have in common, when there were enough of them. */
  verdict(): string | undefined {
    return this.#held.length >= EQUAL_REJECTIONS ? this.#held[0]?.reason : undefined
  }
}
