import { tableId } from '../../dialect/common.ts'
import { EMPTY, type Fragment, join, lit, sql, timestamp } from '../../dialect/fragment.ts'
import type { CommitCounts, CommitRules, PlanRecord } from '../ledger.ts'
import { bothIdentifiers, listed, partColumns, rememberedColumns } from '../parts.ts'
import type { LedgerSession } from '../session.ts'
import { numberOf } from '../values.ts'
import type { Jobs } from './jobs.ts'
import type { Marks } from './marks.ts'
import type { Plans } from './plans.ts'
import type { CommittedModel, Snapshots } from './snapshots.ts'

interface Room {
  readonly session: LedgerSession
  readonly snapshots: Snapshots
  readonly plans: Plans
  readonly marks: Marks
  readonly jobs: Jobs
}

/**
 * Inside a fenced transaction. Every statement may run twice, because the plan and its marks stand until all that is
 * read from them is written. Where each statement is its own transaction, the plan's record ends it: what follows only
 * tidies up, and is found by the next plan when it does not come to that.
 */
export async function commitPlan(room: Room, plan: PlanRecord, rules: CommitRules): Promise<CommitCounts> {
  if (!(await room.plans.isOpen(plan))) return NOTHING
  const { session } = room
  const values = placeholders(room, plan, rules)
  const [row = {}] = await session.readTemplate('commit_counts', values.counts)
  const counts = {
    applied: numberOf(row, 'applied'),
    rejected: numberOf(row, 'rejected'),
    unanswered: numberOf(row, 'unanswered'),
    answeredOps: {
      add: numberOf(row, 'answered_adds'),
      change: numberOf(row, 'answered_changes'),
      remove: numberOf(row, 'answered_removes'),
    },
  }
  if (plan.fieldNames !== undefined) await room.snapshots.forgetOtherFields(plan.sync, plan.fieldNames)
  await session.runTemplate('commit_snapshot', values.snapshot)
  if (numberOf(row, 'earlier_receipts') > 0) await session.runTemplate('clear_receipts', values.clear)
  if (counts.rejected > 0) await session.runTemplate('commit_rejected', values.rejected)
  if (plan.counts.held + plan.counts.left > 0) await session.runTemplate('commit_held', values.held)
  const waits =
    counts.rejected + counts.unanswered + numberOf(row, 'dirty') + numberOf(row, 'held_from_outside') > 0
  await room.snapshots.refreshFigures(plan.sync, waits ? undefined : modelOf(plan), plan)
  const committed: PlanRecord = { ...plan, state: 'sending' }
  await room.plans.forget(committed)
  await room.marks.forget(plan)
  if (numberOf(row, 'jobs') > 0) await room.jobs.forget(plan)
  await room.plans.dropTable(committed)
  return counts
}

/** All that the plan sent is there now, so the same model finds it unchanged. */
function modelOf({ modelDigest, counts }: PlanRecord): CommittedModel | undefined {
  if (modelDigest === undefined) return undefined
  const { add, change, unchanged, withinTolerance = 0, held, heldBy } = counts
  const resting = { unchanged: unchanged + add + change, withinTolerance, held, heldBy }
  return { digest: modelDigest, counts: resting }
}

const NOTHING: CommitCounts = {
  ...{ applied: 0, rejected: 0, unanswered: 0 },
  answeredOps: { add: 0, change: 0, remove: 0 },
}

/** What a rejected row is told by: of the row `f` of the plan. */
function payloadOf({ warehouse }: LedgerSession, plan: PlanRecord): Fragment {
  if (plan.numberFields === undefined) return sql`f.hash`
  return warehouse.dialect.fn.rowHash([sql`f.hash`, sql`f.numbers`])
}

/** Of an audience: what a row may have there whose fate is not known. */
function perhapsThere({ warehouse }: LedgerSession, plan: PlanRecord): Fragment {
  if (plan.rulesets === undefined) return EMPTY
  return sql`, identifiers = ${bothIdentifiers(warehouse, sql`s.identifiers`, sql`f.identifiers`)}`
}

/** Held for a reason that may pass without a change of the model (design section 6.3): the next run must look again. */
const OUTSIDE_REASONS = ['wanted_by', 'suppressed', 'unknown_fate', 'retry_later', 'limit', 'below_fewest']

/** A row is tried on three more runs after its first rejection before it waits. */
const TRIES_AT_ONCE = 3

function placeholders({ session, snapshots, plans, marks }: Room, plan: PlanRecord, rules: CommitRules) {
  const parts = partColumns(plan.keyFields)
  const remembered = rememberedColumns(plan)
  const of = (alias: Fragment, columns: readonly Fragment[]) =>
    listed(columns.map((column) => sql`${alias}.${column}`))
  const planTable = tableId(plans.table(plan))
  const receipts = session.named('receipts')
  const ids = { sync: lit(plan.sync), run_id: lit(plan.runId) }
  const plans_ = { ...ids, plan_id: lit(plan.planId) }
  const at = timestamp(rules.at)
  const fates = session.template('fates', {
    ...ids,
    plan: planTable,
    parts: of(sql`p`, [...parts, ...remembered]),
    acks: session.named('acks'),
    starts: session.named('starts'),
    answered: marks.answered(plan),
  })
  const outside = join(
    OUTSIDE_REASONS.map((reason) => lit(reason)),
    ', ',
  )
  return {
    counts: {
      fates,
      plan: planTable,
      receipts,
      jobs: session.named('jobs'),
      sync: ids.sync,
      outside_reasons: outside,
    },
    snapshot: {
      fates,
      snapshot: tableId(snapshots.table(plan.sync)),
      parts: listed([...parts, ...remembered]),
      parts_of_plan: of(sql`f`, [...parts, ...remembered]),
      remembered: listed(remembered.map((column) => sql`${column} = f.${column}`)),
      perhaps_there: perhapsThere(session, plan),
      drop_gone: lit(rules.dropGone),
      at,
    },
    clear: { fates, plan: planTable, receipts, sync: ids.sync },
    rejected: {
      ...plans_,
      fates,
      receipts,
      payload: payloadOf(session, plan),
      tries_at_once: sql`${TRIES_AT_ONCE}`,
      next_try_at: timestamp(rules.nextTryAt),
      at,
    },
    held: { ...plans_, plan: planTable, receipts, at },
  }
}
