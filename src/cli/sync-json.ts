import type { PlanFigures } from '../ledger/ledger.ts'
import type { Json } from './answer.ts'
import type { AudienceFacts } from './render/syncs.ts'

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
    invalid: one.invalid ?? 0,
    audience: audienceJson(one.audience),
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
  readonly invalid?: number | undefined
  readonly audience?: AudienceFacts | undefined
}

function audienceJson(audience: AudienceFacts | undefined): Json {
  if (audience === undefined) return null
  const { members, size, matchRate, state } = audience
  return { members, size: size ?? null, match_rate: matchRate ?? null, state: state ?? null }
}
