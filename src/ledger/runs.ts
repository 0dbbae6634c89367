import { epochMsOf } from '../base/instant.ts'
import { type Fragment, join, lit, sql } from '../dialect/fragment.ts'
import { moment } from '../dialect/ledger-value.ts'
import { READ_LIMIT, type Row } from '../warehouse/warehouse.ts'
import type { AudienceRow, RunLog, RunRow, RunStatus, SyncRunRow, WantedRuns } from './ledger.ts'
import { ascending } from './order.ts'
import type { StateSchema } from './prepare.ts'
import type { LedgerSession } from './session.ts'
import {
  flagOf,
  instantIn,
  numberOf,
  optionalInstant,
  optionalNumber,
  optionalText,
  textOf,
} from './values.ts'

/**
 * A run writes only rows of its own id, so it needs no lease. `leaseSeconds`: a run that began less than one lease ago
 * may be alive without holding one yet.
 */
export function openRunLog(session: LedgerSession, schema: StateSchema, leaseSeconds: number): RunLog {
  const { db } = session
  const own = new Set<string>()
  const readRuns = async (wanted: Fragment, limit: number) => {
    if (!(await schema.exists())) return []
    const told = session.template('told_runs', {
      runs: session.named('runs'),
      leases: session.named('leases'),
      clock: session.warehouse.dialect.fn.clock(),
      may_live: mayLive(session, own, leaseSeconds),
      wanted,
      limit: sql`${Math.min(limit, READ_LIMIT)}`,
    })
    return (await session.read('told_runs', told)).map(runIn)
  }
  return {
    async start(run) {
      own.add(run.runId)
      const row = {
        run_id: run.runId,
        command: run.command,
        status: 'running',
        as_of: moment(run.asOf),
        fingerprint: run.fingerprint,
        started_at: moment(run.startedAt),
      }
      await session.execute(
        'start_run',
        db.insertInto('runs').values({ ...row, finished_at: null, exit_code: null, error: null }),
      )
    },
    async finish(runId, outcome) {
      const changes = {
        status: outcome.status,
        exit_code: outcome.exitCode,
        error: outcome.error ?? null,
        finished_at: moment(outcome.finishedAt),
      }
      await session.execute('finish_run', db.updateTable('runs').set(changes).where('run_id', '=', runId))
    },
    async recordSync(row) {
      await session.execute('record_sync', db.insertInto('sync_runs').values(syncRunTableRow(row)))
    },
    list: (limit, wanted = {}) => readRuns(wantedOf(session, wanted), limit),
    find: (prefix) => readRuns(session.warehouse.dialect.fn.startsWith(sql`run_id`, lit(prefix)), READ_LIMIT),
    async syncsOf(runId) {
      if (!(await schema.exists())) return []
      const ofRun = db.selectFrom('sync_runs').selectAll().where('run_id', '=', runId)
      const rows = await session.readAll('syncs_of_run', (last, limit) =>
        ofRun
          .where('sync', '>', last === undefined ? '' : textOf(last, 'sync'))
          .orderBy('sync', ascending)
          .limit(limit),
      )
      return rows.map(syncRunIn)
    },
    async recordAudience(row) {
      await session.execute('record_audience', db.insertInto('audience_status').values(audienceTableRow(row)))
    },
    async audiencesOf(runId) {
      if (!(await schema.exists())) return []
      const ofRun = db.selectFrom('audience_status').selectAll().where('run_id', '=', runId)
      const rows = await session.readAll('audiences_of_run', (last, limit) =>
        ofRun
          .where('sync', '>', last === undefined ? '' : textOf(last, 'sync'))
          .orderBy('sync', ascending)
          .limit(limit),
      )
      return rows.map(audienceIn)
    },
    lastServedMs: () => lastServedMs(session, schema),
  }
}

/** How a sync ended whose time is still to be served. */
export const NOT_SERVED: readonly string[] = ['failed', 'skipped', 'guarded', 'pending']

async function lastServedMs(
  session: LedgerSession,
  schema: StateSchema,
): Promise<ReadonlyMap<string, number>> {
  if (!(await schema.exists())) return new Map()
  const served = session.db
    .selectFrom('sync_runs')
    .innerJoin('runs', 'runs.run_id', 'sync_runs.run_id')
    .where('sync_runs.status', 'not in', NOT_SERVED)
    .groupBy('sync_runs.sync')
    .select((of) => ['sync_runs.sync as sync', of.fn.max('runs.started_at').as('started_at')])
  const rows = await session.readAll('last_served', (last, limit) =>
    served
      .where('sync_runs.sync', '>', last === undefined ? '' : textOf(last, 'sync'))
      .orderBy('sync_runs.sync', ascending)
      .limit(limit),
  )
  return new Map(rows.map((row) => [textOf(row, 'sync'), epochMsOf(instantIn(row, 'started_at'))]))
}

/** Of runs `r` beside leases `l` that have not run out. */
function mayLive({ warehouse }: LedgerSession, own: ReadonlySet<string>, leaseSeconds: number): Fragment {
  const { fn } = warehouse.dialect
  if (!warehouse.exclusive)
    return sql`l.run_id is not null or r.started_at > ${fn.addSeconds(fn.clock(), sql`${-leaseSeconds}`)}`
  // No other process can have the warehouse open.
  if (own.size === 0) return lit(false)
  return sql`r.run_id in (${join(
    [...own].map((id) => lit(id)),
    ', ',
  )})`
}

function wantedOf(session: LedgerSession, { sync, status }: WantedRuns): Fragment {
  const conditions = [lit(true)]
  if (status !== undefined) conditions.push(sql`status = ${lit(status)}`)
  if (sync !== undefined)
    conditions.push(sql`run_id in (
  select run_id from ${session.named('sync_runs')} where sync = ${lit(sync)}
  union all
  select run_id from ${session.named('leases')} where name = ${lit(`sync:${sync}`)}
)`)
  return join(conditions, ' and ')
}

function runIn(row: Row): RunRow {
  return {
    runId: textOf(row, 'run_id'),
    command: textOf(row, 'command'),
    status: textOf(row, 'status') as RunStatus,
    asOf: instantIn(row, 'as_of'),
    startedAt: instantIn(row, 'started_at'),
    finishedAt: optionalInstant(row, 'finished_at'),
    exitCode: optionalNumber(row, 'exit_code'),
    error: optionalText(row, 'error'),
  }
}

function syncRunTableRow(row: SyncRunRow) {
  return {
    run_id: row.runId,
    sync: row.sync,
    status: row.status,
    plan_id: row.planId ?? null,
    adds: row.add,
    changes: row.change,
    removes: row.remove,
    left_rows: row.left,
    unchanged: row.unchanged,
    held: row.held,
    held_by: JSON.stringify(row.heldBy),
    applied: row.applied,
    rejected: row.rejected,
    pending: row.pending,
    requests: row.requests,
    seconds: row.seconds,
    resumed: row.resumed,
    error: row.error ?? null,
    resync: row.resync ?? 0,
    within_tolerance: row.withinTolerance ?? 0,
    invalid: row.invalid ?? 0,
    destination: row.destination ?? null,
    sent_rows: row.sentRows ?? null,
    resent_rows: row.resentRows ?? null,
    sent_bytes: row.sentBytes ?? null,
    sent_fields: row.sentFields === undefined ? null : JSON.stringify(row.sentFields),
  }
}

function syncRunIn(row: Row): SyncRunRow {
  const fields = optionalText(row, 'sent_fields')
  return {
    runId: textOf(row, 'run_id'),
    sync: textOf(row, 'sync'),
    status: textOf(row, 'status'),
    planId: optionalText(row, 'plan_id'),
    add: numberOf(row, 'adds'),
    change: numberOf(row, 'changes'),
    remove: numberOf(row, 'removes'),
    left: numberOf(row, 'left_rows'),
    unchanged: numberOf(row, 'unchanged'),
    held: numberOf(row, 'held'),
    heldBy: JSON.parse(textOf(row, 'held_by')) as Readonly<Record<string, number>>,
    resync: numberOf(row, 'resync'),
    withinTolerance: numberOf(row, 'within_tolerance'),
    invalid: numberOf(row, 'invalid'),
    applied: numberOf(row, 'applied'),
    rejected: numberOf(row, 'rejected'),
    pending: numberOf(row, 'pending'),
    requests: numberOf(row, 'requests'),
    seconds: numberOf(row, 'seconds'),
    resumed: flagOf(row, 'resumed'),
    error: optionalText(row, 'error'),
    destination: optionalText(row, 'destination'),
    sentRows: optionalNumber(row, 'sent_rows'),
    resentRows: optionalNumber(row, 'resent_rows'),
    sentBytes: optionalNumber(row, 'sent_bytes'),
    sentFields: fields === undefined ? undefined : (JSON.parse(fields) as readonly string[]),
  }
}

function audienceTableRow(row: AudienceRow) {
  return {
    run_id: row.runId,
    sync: row.sync,
    destination: row.destination,
    account: row.account,
    told_at: moment(row.toldAt),
    members: row.members,
    size: row.size ?? null,
    match_rate: row.matchRate ?? null,
    state: row.state ?? null,
  }
}

function audienceIn(row: Row): AudienceRow {
  return {
    runId: textOf(row, 'run_id'),
    sync: textOf(row, 'sync'),
    destination: textOf(row, 'destination'),
    account: textOf(row, 'account'),
    toldAt: instantIn(row, 'told_at'),
    members: numberOf(row, 'members'),
    size: optionalNumber(row, 'size'),
    matchRate: optionalNumber(row, 'match_rate'),
    state: optionalText(row, 'state'),
  }
}
