import type { CommitCounts, CommitRules, PlanRecord, SeqRange } from '../../src/ledger/ledger.ts'
import { merged } from '../../src/sync/deliver/ranges.ts'
import {
  type MemorySnapshot,
  type MemoryTables,
  openPlanOf,
  type PlanRow,
  type ReceiptRow,
  removeWhere,
} from './memory-tables.ts'

/** What became of a row of a plan: the same words as in `sql/ledger/fates.sql`. */
interface Fate {
  readonly row: PlanRow
  readonly key: string
  readonly answer: 'applied' | 'rejected' | 'unanswered' | 'unsent'
  readonly fate: 'applied' | 'dirty' | 'gone' | 'back' | 'kept'
  readonly reason: string
}

/** The statements of a commit, in plain TypeScript. */
export function commitInMemory(tables: MemoryTables, plan: PlanRecord, rules: CommitRules): CommitCounts {
  const open = openPlanOf(tables, plan.sync)
  if (open?.record.planId !== plan.planId || open.record.runId !== plan.runId) return NOTHING
  const fates = fatesOf(tables, plan, open.rows)
  const snapshot = tables.snapshots.get(plan.sync)
  if (snapshot === undefined) throw new Error('expected a plan to have a snapshot')
  for (const fate of fates) write(snapshot, fate, rules.dropGone)
  clearReceipts(tables, plan, open.rows, fates)
  for (const fate of fates) if (fate.answer === 'rejected') reject(tables, plan, fate, rules)
  for (const row of open.rows) if (row.op === 'held' || row.op === 'left') hold(tables, plan, row)
  rememberModel(snapshot, plan, open.rows, fates)
  for (const list of [tables.starts, tables.acks, tables.jobs])
    removeWhere(list as { sync: string }[], ({ sync }) => sync === plan.sync)
  removeWhere(tables.plans, (one) => one === open)
  return countsOf(fates)
}

/** Acknowledged so far, merged. */
export function answeredRanges(tables: MemoryTables, plan: PlanRecord): readonly SeqRange[] {
  return merged(marksOf(tables.acks, plan).flatMap(({ lo, hi, reject }) => (reject ? [] : [{ lo, hi }])))
}

export function marksOf<T extends { readonly sync: string; readonly runId: string }>(
  all: readonly T[],
  { sync, runId }: PlanRecord,
): readonly T[] {
  return all.filter((one) => one.sync === sync && one.runId === runId)
}

const NOTHING: CommitCounts = {
  ...{ applied: 0, rejected: 0, unanswered: 0 },
  answeredOps: { add: 0, change: 0, remove: 0 },
}

/** Held for a reason that may pass without a change of the model. */
const OUTSIDE = new Set<string | null>(['wanted_by', 'suppressed', 'unknown_fate', 'retry_later', 'limit'])

const TRIES_AT_ONCE = 3

function fatesOf(tables: MemoryTables, plan: PlanRecord, rows: readonly PlanRow[]): readonly Fate[] {
  const answered = answeredRanges(tables, plan)
  const started = new Set(marksOf(tables.starts, plan).map(({ batch }) => batch))
  const rejects = marksOf(tables.acks, plan).flatMap(({ reject }) => reject ?? [])
  return rows
    .filter(({ op }) => op !== 'held')
    .map((row): Fate => {
      const of = rejects.filter(({ seq }) => seq === row.seq)
      const reasons = of.map(({ reason }) => reason).sort()
      const isAnswered = answered.some(({ lo, hi }) => row.seq !== null && lo <= row.seq && row.seq <= hi)
      const answer =
        of.length > 0 ? 'rejected' : isAnswered ? 'applied' : row.seq === null ? 'unsent' : 'unanswered'
      const mayBeThere =
        answer === 'rejected'
          ? of.some(({ ambiguous }) => ambiguous)
          : answer === 'unanswered' && row.batch !== null && started.has(row.batch)
      return {
        row,
        key: row.key ?? '',
        answer,
        fate: fateOf(row, answer, mayBeThere),
        reason: reasons.at(-1) ?? '',
      }
    })
}

function fateOf(row: PlanRow, answer: Fate['answer'], mayBeThere: boolean): Fate['fate'] {
  if (row.op === 'left' && (row.reason === null || row.reason === 'wanted_by')) return 'gone'
  if (row.op === 'back') return 'back'
  if (answer === 'applied') return 'applied'
  return mayBeThere ? 'dirty' : 'kept'
}

function write({ rows }: MemorySnapshot, { row, key, fate }: Fate, dropGone: boolean): void {
  const there = rows.get(key)
  if (fate === 'kept') return
  if (fate === 'gone' || fate === 'back') {
    if (there === undefined) return
    if (fate === 'gone' && dropGone) rows.delete(key)
    else there.gone = fate === 'gone'
  } else if (row.op === 'remove') {
    if (fate === 'applied') rows.delete(key)
    else if (there !== undefined) there.hash = null
  } else if (fate === 'applied') rows.set(key, { hash: row.hash, entity: row.entity, gone: false })
  else if (there === undefined) rows.set(key, { hash: null, entity: row.entity, gone: false })
  else Object.assign(there, { hash: null, gone: false })
}

function clearReceipts(
  { receipts }: MemoryTables,
  { sync }: PlanRecord,
  rows: readonly PlanRow[],
  fates: readonly Fate[],
): void {
  const wait = new Set(rows.flatMap(({ op, key }) => (op === 'held' && key !== null ? [key] : [])))
  for (const { answer, key } of fates) if (answer === 'rejected' || answer === 'unanswered') wait.add(key)
  removeWhere(receipts, (one) => one.sync === sync && (one.status !== 'rejected' || !wait.has(one.key ?? '')))
}

function reject(
  { receipts }: MemoryTables,
  plan: PlanRecord,
  { row, key, reason }: Fate,
  rules: CommitRules,
) {
  const { sync, runId, planId } = plan
  const isBefore = (one: ReceiptRow) => one.sync === sync && one.status === 'rejected' && one.key === key
  const before = receipts.find(isBefore)
  const again = before !== undefined && before.hash === row.hash
  const attempts = !again ? 1 : before.runId === runId ? before.attempts : before.attempts + 1
  const nextTryAt = attempts > TRIES_AT_ONCE ? rules.nextTryAt : undefined
  removeWhere(receipts, isBefore)
  receipts.push({
    ...{ sync, runId, planId, reason, key, attempts, nextTryAt },
    ...{ status: 'rejected', op: row.op, hash: row.hash },
  })
}

function hold({ receipts }: MemoryTables, { sync, runId, planId }: PlanRecord, row: PlanRow): void {
  const { op, reason, key } = row
  if (reason === null || (op !== 'held' && op !== 'left')) return
  receipts.push({
    ...{ sync, runId, planId, status: op, reason, op, key },
    ...{ hash: null, attempts: 0, nextTryAt: undefined },
  })
}

/** All that the plan sent is there now, so the same model finds it unchanged. */
function rememberModel(
  snapshot: MemorySnapshot,
  { modelDigest, counts }: PlanRecord,
  rows: readonly PlanRow[],
  fates: readonly Fate[],
): void {
  const waits =
    rows.some(({ reason }) => OUTSIDE.has(reason)) ||
    fates.some(({ answer, fate }) => answer === 'rejected' || answer === 'unanswered' || fate === 'dirty') ||
    [...snapshot.rows.values()].some(({ hash, gone }) => hash === null && !gone)
  const { add, change, unchanged, held, heldBy } = counts
  const rests = modelDigest !== undefined && !waits
  snapshot.modelDigest = rests ? modelDigest : undefined
  snapshot.lastCounts = rests ? { unchanged: unchanged + add + change, held, heldBy } : undefined
}

function countsOf(fates: readonly Fate[]): CommitCounts {
  const of = (answer: Fate['answer']) => fates.filter((one) => one.answer === answer).length
  const ops = fates.filter(({ answer }) => answer === 'applied' || answer === 'rejected')
  const answeredOf = (op: PlanRow['op']) => ops.filter(({ row }) => row.op === op).length
  return {
    applied: of('applied'),
    rejected: of('rejected'),
    unanswered: of('unanswered'),
    answeredOps: { add: answeredOf('add'), change: answeredOf('change'), remove: answeredOf('remove') },
  }
}
