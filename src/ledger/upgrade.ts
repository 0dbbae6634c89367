import type { ColumnDefinition, TableName } from '../dialect/dialect.ts'
import { ascending } from './order.ts'
import type { LedgerSession } from './session.ts'
import { columnList, LEDGER_TABLE_NAMES, LEDGER_TABLES, SNAPSHOT_COLUMNS } from './table-columns.ts'
import { textOf } from './values.ts'

/** The form of the ledger's tables. A schema of a later one is refused, an older one gets what it lacks. */
export const SCHEMA_VERSION = 6

/**
 * Adds the columns that an older form lacks; no row is changed or lost. Two processes may do it at once, and one that
 * dies leaves the older version, so that the next one goes on: the version is written last.
 */
export async function upgradeTables(session: LedgerSession): Promise<void> {
  for (const name of LEDGER_TABLE_NAMES)
    await addMissing(session, session.table(name), columnList(LEDGER_TABLES[name]))
  const snapshots = await session.readAll('snapshot_names', (last, limit) =>
    session.db
      .selectFrom('snapshots')
      .select('sync')
      .where('sync', '>', last === undefined ? '' : textOf(last, 'sync'))
      .orderBy('sync', ascending)
      .limit(limit),
  )
  for (const row of snapshots)
    await addMissing(session, session.table(`snapshot_${textOf(row, 'sync')}`), columnList(SNAPSHOT_COLUMNS))
  const upgraded = session.db
    .updateTable('meta')
    .set({ version: SCHEMA_VERSION })
    .where('version', '<', SCHEMA_VERSION)
  await session.execute('write_version', upgraded)
}

async function addMissing(
  session: LedgerSession,
  table: TableName,
  columns: readonly ColumnDefinition[],
): Promise<void> {
  const found = await session.columns(table)
  const { addColumn } = session.warehouse.dialect.table
  for (const column of columns)
    if (!found.has(column.name)) await session.execute('add_column', addColumn(table, column))
}
