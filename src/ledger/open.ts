import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors.ts'
import { lit, sql } from '../dialect/fragment.ts'
import type { Templates } from '../template/templates.ts'
import { READ_LIMIT, type Warehouse } from '../warehouse/warehouse.ts'
import { openHistory } from './history.ts'
import { Leases } from './leases.ts'
import type { Ledger } from './ledger.ts'
import { openOwnTables } from './own-tables.ts'
import { StateSchema } from './prepare.ts'
import { openPublished } from './published.ts'
import { openReceipts } from './receipts.ts'
import { openRunLog } from './runs.ts'
import { LedgerSession } from './session.ts'
import { Plans } from './syncs/plans.ts'
import { Snapshots } from './syncs/snapshots.ts'
import { openSyncLedger } from './syncs/sync-ledger.ts'
import { openTransfer } from './transfer.ts'
import { SCHEMA_VERSION } from './upgrade.ts'
import { textOf } from './values.ts'

export interface LedgerOptions {
  readonly warehouse: Warehouse
  readonly templates: Templates
  readonly stateSchema: string
  readonly project: string
  readonly target: string
  readonly clock: Clock
  /** Puts a second ledger beside the real one, in the same schema: every table of it begins so (`sandbox_`). */
  readonly tablePrefix?: string | undefined
  /** How long a lease lasts when nobody extends it. */
  readonly leaseSeconds?: number | undefined
}

/** Long enough for one request of 30 s and its answer to be stored, short enough to follow a killed run soon. */
const LEASE_SECONDS = 60

/** Touches nothing until the ledger is asked for something. */
export function openLedger(options: LedgerOptions): Ledger {
  const prefix = options.tablePrefix ?? ''
  const session = new LedgerSession({ ...options, prefix })
  const owner = { project: options.project, target: options.target }
  const real = new StateSchema(prefix === '' ? session : new LedgerSession({ ...options, prefix: '' }), owner)
  const schema = prefix === '' ? real : new StateSchema(session, owner, real)
  const leaseSeconds = options.leaseSeconds ?? LEASE_SECONDS
  const leases = new Leases(session, schema, leaseSeconds)
  const room = {
    session,
    schema,
    snapshots: new Snapshots(session, schema),
    plans: new Plans(session, schema),
  }
  return {
    runs: openRunLog(session, schema, leaseSeconds),
    published: openPublished(session, schema),
    receipts: openReceipts(session, schema),
    history: openHistory(session, schema),
    syncs: openSyncLedger(session, schema, leases),
    schemaVersion: SCHEMA_VERSION,
    transfer: openTransfer(room),
    own: openOwnTables(room),
    prepare: () => schema.prepare(),
    acquire: (name, runId, waitMs, leaseSeconds) => leases.acquire(name, runId, waitMs, leaseSeconds),
    leases: () => leases.list(),
    unlock: (name) => leases.unlock(name),
    async dropPrefixed() {
      if (prefix === '')
        throw new SluiceError('SLU9001', { message: 'expected a prefix of the tables to drop, found none' })
      schema.forget()
      await dropTables(session)
    },
  }
}

/** In pieces, because a schema may hold more tables than one read gives. */
async function dropTables(session: LedgerSession): Promise<void> {
  const { fn, table } = session.warehouse.dialect
  for (;;) {
    const listed = sql`select name from (${table.list(session.schema)}) as listed
where ${fn.startsWith(sql`name`, lit(session.prefix))} limit ${READ_LIMIT}`
    const rows = await session.read('prefixed_tables', listed)
    for (const row of rows) await session.drop({ schema: session.schema, name: textOf(row, 'name') })
    if (rows.length < READ_LIMIT) return
  }
}
