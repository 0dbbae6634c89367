import { type Fragment, join, lit, sql, timestamp } from '../dialect/fragment.ts'
import { READ_LIMIT } from '../warehouse/warehouse.ts'
import type { History, OldHistory, Remembered } from './ledger.ts'
import type { StateSchema } from './prepare.ts'
import { NOT_SERVED } from './runs.ts'
import type { LedgerSession } from './session.ts'
import type { LedgerTable } from './table-columns.ts'
import { textOf } from './values.ts'

export function openHistory(session: LedgerSession, schema: StateSchema): History {
  return {
    async old(remembered) {
      if (!(await schema.exists())) return { runs: [], receiptsOf: [], marksOf: [] }
      const rows = await session.readTemplate('old_history', placeholders(session, remembered))
      const of = (kind: string) =>
        rows.flatMap((row) => (textOf(row, 'kind') === kind ? [textOf(row, 'name')] : []))
      return { runs: of('run'), receiptsOf: of('receipts'), marksOf: of('marks') }
    },
    forget: (lease, old, remembered) => lease.fenced(() => forget(session, old, remembered)),
  }
}

async function forget(
  session: LedgerSession,
  { runs, receiptsOf, marksOf }: OldHistory,
  { before }: Remembered,
): Promise<void> {
  const remove = (table: LedgerTable, those: Fragment) =>
    session.execute(`forget_${table}`, sql`delete from ${session.named(table)} where ${those}`)
  if (runs.length > 0) {
    await remove('sync_runs', sql`run_id in (${listOf(runs)})`)
    await remove('audience_status', sql`run_id in (${listOf(runs)})`)
    await remove('runs', sql`run_id in (${listOf(runs)})`)
  }
  if (receiptsOf.length > 0)
    await remove('receipts', sql`sync in (${listOf(receiptsOf)}) and recorded_at < ${timestamp(before)}`)
  if (marksOf.length > 0)
    for (const table of ['acks', 'starts', 'jobs'] as const)
      await remove(table, sql`run_id in (${listOf(marksOf)})`)
}

function placeholders(session: LedgerSession, { before, syncs }: Remembered) {
  return {
    runs: session.named('runs'),
    sync_runs: session.named('sync_runs'),
    plans: session.named('plans'),
    leases: session.named('leases'),
    receipts: session.named('receipts'),
    acks: session.named('acks'),
    starts: session.named('starts'),
    jobs: session.named('jobs'),
    before: timestamp(before),
    clock: session.warehouse.dialect.fn.clock(),
    not_served: listOf(NOT_SERVED),
    in_project: syncs.length === 0 ? lit(false) : sql`sync in (${listOf(syncs)})`,
    limit: sql`${READ_LIMIT}`,
  }
}

function listOf(names: readonly string[]): Fragment {
  return join(
    names.map((name) => lit(name)),
    ', ',
  )
}
