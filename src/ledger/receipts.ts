import { READ_LIMIT } from '../warehouse/warehouse.ts'
import type { ReceiptSummary, Receipts } from './ledger.ts'
import type { StateSchema } from './prepare.ts'
import type { LedgerSession } from './session.ts'
import { numberOf, textOf } from './values.ts'

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
        .orderBy('row_count', 'desc')
        .orderBy('sync')
        .orderBy('status')
        .orderBy('reason')
        .limit(READ_LIMIT)
      const rows = await session.read('receipts_of_run', grouped)
      return rows.map((row) => ({
        sync: textOf(row, 'sync'),
        status: textOf(row, 'status') as ReceiptSummary['status'],
        reason: textOf(row, 'reason'),
        rows: numberOf(row, 'row_count'),
      }))
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
  }
}
