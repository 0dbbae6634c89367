import { hash } from 'node:crypto'
import type { PlanRecord, SeqRange } from '../../ledger/ledger.ts'

/** Rows of one batch of a plan that are sent together: all of it, what is left of it, or a part. */
export interface Piece {
  readonly batch: number
  /** Sorted, with gaps between them. */
  readonly ranges: readonly SeqRange[]
  /** Rows that leave; they are sent before the others. */
  readonly removes: boolean
}

/** The same on every repeat of these rows, and for no others. */
export function idempotencyKey(plan: PlanRecord, ranges: readonly SeqRange[]): string {
  const rows = ranges.map(({ lo, hi }) => `${lo}-${hi}`).join(',')
  return hash('sha256', `${plan.sync}\n${plan.runId}\n${rows}`)
}
