import { SluiceError } from '../base/errors.ts'
import { epochMsOf, type Instant, instantOf } from '../base/instant.ts'
import { tableId } from '../dialect/common.ts'
import type { ColumnType, ColumnTypeNames } from '../dialect/dialect.ts'
import { EMPTY, type Fragment, id, join, lit, sql } from '../dialect/fragment.ts'
import { LedgerValue, moment } from '../dialect/ledger-value.ts'
import { identityTables } from './own-tables.ts'
import type { StateSchema } from './prepare.ts'
import type { LedgerSession } from './session.ts'
import type { CellText, ForeignHashes, StateTable, Transfer } from './state-schema.ts'
import type { Plans } from './syncs/plans.ts'
import type { Snapshots } from './syncs/snapshots.ts'
import { columnList, LEDGER_TABLE_NAMES, LEDGER_TABLES, type LedgerTable } from './table-columns.ts'

interface Room {
  readonly session: LedgerSession
  readonly schema: StateSchema
  readonly snapshots: Snapshots
  readonly plans: Plans
}

export function openTransfer(room: Room): Transfer {
  const { session, snapshots } = room
  return {
    tables: () => copiedTables(room),
    rowsOf: (table) => session.statement('copy_out', allRows(session, table)),
    receive: (table) => receive(session, table),
    insert: (table, rows, foreign) => insert(session, table, rows, foreign),
    rowsPerInsert: ({ columns }) => Math.max(1, Math.floor(MOST_PARAMETERS / columns.length)),
    async distrustHashes() {
      const all = await snapshots.all()
      for (const { sync } of all) await snapshots.refreshFigures(sync, undefined)
      return (await snapshots.all()).reduce((sum, one) => sum + one.dirty, 0)
    },
  }
}

/** PostgreSQL takes 65,535 a statement; a smaller statement is planned sooner. */
const MOST_PARAMETERS = 8_000

/** What says whose schema it is, and who works in it now, stays where it is. */
const NOT_COPIED: readonly LedgerTable[] = ['meta', 'leases']

async function copiedTables({ session, schema, snapshots, plans }: Room): Promise<readonly StateTable[]> {
  if (!(await schema.exists())) return []
  const named = [
    ...(await snapshots.all()).map(({ sync }) => `snapshot_${sync}`),
    ...(await plans.all()).map((plan) => plans.tableNameOf(plan)),
    ...(await identityTables(session)),
  ]
  const there = await session.existing(named)
  const tables: StateTable[] = LEDGER_TABLE_NAMES.filter((name) => !NOT_COPIED.includes(name)).map(
    (name) => ({
      name,
      columns: columnList(LEDGER_TABLES[name]),
    }),
  )
  for (const name of named)
    if (there.has(name)) tables.push({ name, columns: await describedColumns(session, name) })
  return tables
}

/** Hashes of the engine itself; it reports them as the integers that they are. */
const HASH_COLUMNS = ['hash', 'rank_hash', 'node_hash', 'entity_hash', 'content_hash']

async function describedColumns(session: LedgerSession, name: string): Promise<StateTable['columns']> {
  const columns = await session.describe(session.table(name))
  return columns.map((column) => ({
    name: column.name,
    type: HASH_COLUMNS.includes(column.name) ? 'hash64' : (TYPE_NAMES[column.type] ?? 'text'),
  }))
}

/** No table of ours has dates, JSON or fractions of decimals. */
const TYPE_NAMES: Readonly<Partial<Record<ColumnType, keyof ColumnTypeNames>>> = {
  boolean: 'boolean',
  integer: 'integer',
  decimal: 'integer',
  float: 'float',
  timestamp: 'timestamp',
}

/** Of published nodes only identities: the next build makes the tables of the others. */
function allRows(session: LedgerSession, { name, columns }: StateTable): Fragment {
  const { fn } = session.warehouse.dialect
  const cells = columns.map((column) => {
    const cell = id(column.name)
    return sql`${column.type === 'timestamp' ? fn.canonicalText(cell, 'timestamp') : fn.asText(cell)} as ${cell}`
  })
  const some = name === 'published' ? sql`\nwhere ${fn.startsWith(sql`id`, lit('identity:'))}` : EMPTY
  return sql`select ${join(cells, ', ')}\nfrom ${tableId(session.table(name))}${some}`
}

async function receive(session: LedgerSession, { name, columns }: StateTable): Promise<void> {
  const fixed = LEDGER_TABLE_NAMES.find((one) => one === name)
  if (fixed !== undefined) {
    const strange = columns.find((column) => !Object.hasOwn(LEDGER_TABLES[fixed], column.name))
    if (strange !== undefined) throw unknownColumn(name, strange.name)
    return
  }
  const { create, index } = session.warehouse.dialect.table
  const table = session.table(name)
  await session.execute(
    'receive_table',
    create(
      table,
      columns.map((column) => ({ ...column, nullable: true })),
    ),
  )
  // Plans are read some batches at a time.
  if (index !== undefined && columns.some((column) => column.name === 'seq'))
    await session.execute('receive_index', index(table, 'seq'))
}

function unknownColumn(table: string, column: string): SluiceError {
  return new SluiceError('SLU5009', {
    message: `expected an export with the columns that this version knows, found ${table}.${column}`,
    hint: 'import it with the version of Sluice that wrote it, or a later one',
  })
}

async function insert(
  session: LedgerSession,
  { name, columns }: StateTable,
  rows: readonly (readonly CellText[])[],
  foreign: ForeignHashes | undefined,
): Promise<void> {
  const records = rows.map((row) =>
    Object.fromEntries(columns.map((column, at) => [column.name, cellOf(column, row[at] ?? null, foreign)])),
  )
  // Table and columns are values here; Kysely quotes and binds them as it does those that it knows.
  await session.execute('copy_in', session.db.insertInto(name as LedgerTable).values(records as never))
}

/** Claims about what a destination holds, or the model was, in hashes that cannot be made here. */
const CLAIMS = ['hash', 'field_hashes', 'model_digest']

function cellOf(
  column: StateTable['columns'][number],
  text: CellText,
  foreign: ForeignHashes | undefined,
): string | boolean | LedgerValue | null {
  if (text === null) return null
  if (foreign !== undefined && CLAIMS.includes(column.name)) return null
  switch (column.type) {
    case 'text':
      return text
    case 'boolean':
      return text === 'true'
    case 'timestamp':
      return moment(instantOf(epochMsOf(text as Instant)))
    case 'integer':
      return new LedgerValue('number', String(BigInt(text)))
    case 'hash64':
      return new LedgerValue('number', String(BigInt(text) + (foreign?.shift ?? 0n)))
    case 'float':
      return new LedgerValue('number', String(Number(text)))
  }
}
