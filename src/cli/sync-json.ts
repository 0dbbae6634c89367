import type { PlanFigures } from '../ledger/ledger.ts'
import type { Json } from './answer.ts'

type Members = Readonly<Record<string, Json>>

/** What a plan found, as every answer that tells of one says it. */
export function planFiguresJson(one: PlanFigures): Members {
  return {
    add: one.add,
    change: one.change,
    remove: one.remove,
    left: one.left,
    unchanged: one.unchanged,
    held: one.held,
    held_by: { ...one.heldBy },
    resync: one.resync ?? 0,
    within_tolerance: one.withinTolerance ?? 0,
  }
}

/** The same, with what became of it at the destination. */
export function runFiguresJson(one: RunFigures): Members {
  return {
    ...planFiguresJson(one),
    applied: one.applied,
    rejected: one.rejected,
    pending: one.pending,
    requests: one.requests,
    sent_rows: one.sentRows ?? null,
    resent_rows: one.resentRows ?? null,
    sent_bytes: one.sentBytes ?? null,
    seconds: one.seconds,
    resumed: one.resumed,
  }
}

interface RunFigures extends PlanFigures {
  readonly applied: number
  readonly rejected: number
  readonly pending: number
  readonly requests: number
  readonly sentRows: number | undefined
  readonly resentRows: number | undefined
  readonly sentBytes: number | undefined
  readonly seconds: number
  readonly resumed: boolean
}
