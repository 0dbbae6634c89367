import type { CommitCounts, SeqRange, StartedBatch } from '../../src/ledger/ledger.ts'
import type { TestPlanRow } from './plan-rows.ts'

/** What a commit must do, in plain TypeScript (design sections 2 and 6). */
export interface OracleState {
  readonly snapshot: Map<string, { hash: number | null; entity: string | null; gone: boolean }>
  readonly rejected: Map<
    string,
    { hash: number | null; attempts: number; runId: string; waits: boolean; reason: string }
  >
  kept: readonly string[]
}

export interface Marks {
  readonly runId: string
  readonly rows: readonly TestPlanRow[]
  readonly started: readonly StartedBatch[]
  readonly ranges: readonly SeqRange[]
  readonly rejects: readonly { readonly seq: number; readonly ambiguous: boolean; readonly reason: string }[]
  readonly dropGone: boolean
}

export function emptyState(): OracleState {
  return { snapshot: new Map(), rejected: new Map(), kept: [] }
}

export function commitByHand(state: OracleState, marks: Marks): CommitCounts {
  const counts = {
    ...{ applied: 0, rejected: 0, unanswered: 0 },
    answeredOps: { add: 0, change: 0, remove: 0 },
  }
  const waiting = new Set<string>()
  const rejectedNow: TestPlanRow[] = []
  for (const row of marks.rows) {
    if (row.op === 'held') {
      if (row.key !== null) waiting.add(row.key)
      continue
    }
    const key = row.key ?? ''
    if (row.seq === null) markUnsent(state, row, key, marks.dropGone)
    else {
      const answer = answerOf(row, marks)
      counts[answer] += 1
      if (answer !== 'unanswered') counts.answeredOps[row.op as 'add' | 'change' | 'remove'] += 1
      if (answer !== 'applied') waiting.add(key)
      if (answer === 'rejected') rejectedNow.push(row)
      if (answer === 'applied') apply(state, row, key)
      else if (mayBeThere(row, marks)) makeDirty(state, row, key)
    }
  }
  for (const key of [...state.rejected.keys()]) if (!waiting.has(key)) state.rejected.delete(key)
  for (const row of rejectedNow) reject(state, row, marks)
  state.kept = marks.rows
    .filter((row) => row.op === 'held' || (row.op === 'left' && row.reason !== null))
    .map((row) => `${row.op} ${row.reason} ${row.key}`)
    .sort()
  return counts
}

function answerOf(row: TestPlanRow, { ranges, rejects }: Marks): 'applied' | 'rejected' | 'unanswered' {
  if (rejects.some(({ seq }) => seq === row.seq)) return 'rejected'
  const { seq } = row
  return seq !== null && ranges.some(({ lo, hi }) => lo <= seq && seq <= hi) ? 'applied' : 'unanswered'
}

function mayBeThere(row: TestPlanRow, { started, rejects }: Marks): boolean {
  const reject = rejects.find(({ seq }) => seq === row.seq)
  return reject === undefined ? started.some(({ batch }) => batch === row.batch) : reject.ambiguous
}

function markUnsent({ snapshot }: OracleState, row: TestPlanRow, key: string, dropGone: boolean): void {
  const there = snapshot.get(key)
  // A leaver that another sync wants is let go of; one that was cut waits for its removal.
  if (there === undefined || row.reason === 'limit') return
  if (row.op === 'back') there.gone = false
  else if (dropGone) snapshot.delete(key)
  else there.gone = true
}

function apply({ snapshot }: OracleState, row: TestPlanRow, key: string): void {
  if (row.op === 'remove') snapshot.delete(key)
  else snapshot.set(key, { hash: row.hash, entity: row.entity, gone: false })
}

function makeDirty({ snapshot }: OracleState, row: TestPlanRow, key: string): void {
  const there = snapshot.get(key)
  if (there !== undefined) {
    there.hash = null
    if (row.op !== 'remove') there.gone = false
  } else if (row.op !== 'remove') snapshot.set(key, { hash: null, entity: row.entity, gone: false })
}

function reject({ rejected }: OracleState, row: TestPlanRow, { runId, rejects }: Marks): void {
  const key = row.key ?? ''
  const before = rejected.get(key)
  const again = before !== undefined && before.hash === row.hash
  const attempts = !again ? 1 : before.runId === runId ? before.attempts : before.attempts + 1
  const reason = rejects.find(({ seq }) => seq === row.seq)?.reason ?? ''
  rejected.set(key, { hash: row.hash, attempts, runId, waits: attempts > 3, reason })
}
