import type { Instant } from '../base/instant.ts'
import { EMPTY, type Fragment, join, lit, sql, timestamp } from '../dialect/fragment.ts'
import { READ_LIMIT, type Row } from '../warehouse/warehouse.ts'
import { inChunks } from './chunks.ts'
import type { ReceiptSummary, Receipts, RejectedGroup, RejectedRows } from './ledger.ts'
import { ascending, descending } from './order.ts'
import type { StateSchema } from './prepare.ts'
import type { LedgerSession } from './session.ts'
import { numberOf, optionalInstant, textOf } from './values.ts'

export function openReceipts(session: LedgerSession, schema: StateSchema): Receipts {
  const { db } = session
  return {
    async summary(runId) {
      if (!(await schema.exists())) return []
      const grouped = db
        .selectFrom('receipts')
        .select(['sync', 'status', 'reason'])
        .select((one) => one.fn.countAll().as('row_count'))
        .where('run_id', '=', runId)
        .groupBy(['sync', 'status', 'reason'])
        .orderBy('row_count', descending)
        .orderBy('sync', ascending)
        .orderBy('status', ascending)
        .orderBy('reason', ascending)
        .limit(READ_LIMIT)
      const rows = await session.read('receipts_of_run', grouped)
      return rows.map((row) => ({
        sync: textOf(row, 'sync'),
        status: textOf(row, 'status') as ReceiptSummary['status'],
        reason: textOf(row, 'reason'),
        rows: numberOf(row, 'row_count'),
      }))
    },
    async rejectedGroups(runId) {
      if (!(await schema.exists())) return []
      const rows = await session.readTemplate('rejected_groups', {
        receipts: session.named('receipts'),
        run_id: lit(runId),
        limit: sql`${READ_LIMIT}`,
      })
      return rows.map(groupIn)
    },
    async rejected(sync) {
      if (!(await schema.exists())) return 0
      const waiting = db
        .selectFrom('receipts')
        .select((one) => one.fn.countAll().as('row_count'))
        .where('sync', '=', sync)
        .where('status', '=', 'rejected')
      const [row] = await session.read('rejected_rows', waiting)
      return row === undefined ? 0 : numberOf(row, 'row_count')
    },
    ...openRejected(session, schema),
  }
}

/** Questions about rejected rows that a person means, and the answer to their wish. */
function openRejected(
  session: LedgerSession,
  schema: StateSchema,
): Pick<Receipts, 'count' | 'keysOf' | 'ofKey' | 'makeDue'> {
  return {
    async count(sync, meant, now) {
      const counts = { rows: 0, later: 0 }
      if (!(await schema.exists())) return counts
      for (const those of conditions(session, sync, meant)) {
        const [row = {}] = await session.read('count_rejected', countOf(session, those, now))
        counts.rows += numberOf(row, 'row_count')
        counts.later += numberOf(row, 'later')
      }
      return counts
    },
    async keysOf(sync, meant) {
      const found = new Set<string>()
      if (meant.keys.length === 0 || !(await schema.exists())) return found
      for (const those of conditions(session, sync, meant)) {
        const keys = sql`select key from ${session.named('receipts')} where ${those} limit ${READ_LIMIT}`
        for (const row of await session.read('rejected_keys', keys)) found.add(textOf(row, 'key'))
      }
      return found
    },
    async ofKey(key) {
      if (!(await schema.exists())) return []
      const told = sql`select distinct sync, status, reason from ${session.named('receipts')}
where key = ${lit(key)} order by sync nulls last, status nulls last, reason nulls last limit ${READ_LIMIT}`
      return (await session.read('receipts_of_key', told)).map((row) => ({
        sync: textOf(row, 'sync'),
        status: textOf(row, 'status') as ReceiptSummary['status'],
        reason: textOf(row, 'reason'),
      }))
    },
    makeDue: (lease, sync, meant) =>
      lease.fenced(async () => {
        for (const those of conditions(session, sync, meant))
          await session.execute(
            'make_due',
            sql`update ${session.named('receipts')} set next_try_at = null where ${those} and next_try_at is not null`,
          )
      }),
  }
}

function groupIn(row: Row): RejectedGroup {
  return {
    sync: textOf(row, 'sync'),
    reason: textOf(row, 'reason'),
    op: textOf(row, 'op'),
    rows: numberOf(row, 'row_count'),
    attempts: { least: numberOf(row, 'least_attempts'), most: numberOf(row, 'most_attempts') },
    due: numberOf(row, 'due'),
    nextTryAt: optionalInstant(row, 'next_try_at'),
  }
}

/** One condition for all of them, or one for some of their keys at a time; no row meets two. */
function conditions(session: LedgerSession, sync: string, meant: RejectedRows): readonly Fragment[] {
  const { fn } = session.warehouse.dialect
  const reason =
    meant.reason === undefined
      ? EMPTY
      : sql` and ${fn.contains(fn.lower(sql`reason`), lit(meant.reason.toLowerCase()))}`
  const all = sql`sync = ${lit(sync)} and status = ${lit('rejected')}${reason}`
  if (meant.keys.length === 0) return [all]
  return inChunks([...new Set(meant.keys)]).map(
    (keys) =>
      sql`${all} and key in (${join(
        keys.map((key) => lit(key)),
        ', ',
      )})`,
  )
}

function countOf(session: LedgerSession, those: Fragment, now: Instant): Fragment {
  return sql`select count(*) as row_count, count(case when next_try_at > ${timestamp(now)} then 1 end) as later
from ${session.named('receipts')} where ${those}`
}
