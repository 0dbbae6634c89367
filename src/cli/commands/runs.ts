import { SluiceError } from '../../base/errors.ts'
import type { RunRow, SyncRunRow } from '../../ledger/ledger.ts'
import type { Answer, Json } from '../answer.ts'
import type { CommandContext } from '../context.ts'
import { renderSync } from '../render/syncs.ts'
import { count, facts, table } from '../render/table.ts'
import { openRun } from '../run-context.ts'
import { whereOf } from '../sync-names.ts'

/** The last runs, the newest first. */
export async function listRuns(context: CommandContext, flags: { readonly limit: number }): Promise<Answer> {
  const run = await openRun(context)
  const rows = await run.ledger.runs.list(flags.limit)
  return {
    json: { runs: rows.map(runJson) },
    text: (style) =>
      rows.length === 0
        ? 'No run yet.'
        : table(
            [
              { title: 'RUN' },
              { title: 'COMMAND' },
              { title: 'STATUS' },
              { title: 'AS OF' },
              { title: 'STARTED' },
              { title: 'CODE', align: 'right' },
            ],
            rows.map((row) => [
              row.runId,
              row.command,
              row.status,
              row.asOf,
              row.startedAt,
              row.exitCode === undefined ? '' : String(row.exitCode),
            ]),
            style,
          ),
  }
}

/** One run: its syncs, and what was rejected or held, by reason. `prefix` is the start of its id. Throws SLU7006. */
export async function showRun(context: CommandContext, prefix: string): Promise<Answer> {
  const run = await openRun(context)
  const row = onlyRun(await run.ledger.runs.find(prefix), prefix)
  const syncs = await run.ledger.runs.syncsOf(row.runId)
  const receipts = await run.ledger.receipts.summary(row.runId)
  const graph = await context.graph()
  const where = new Map<string, string>()
  for (const { sync } of syncs)
    where.set(
      sync,
      graph.nodes.has(`sync:${sync}`) ? await whereOf(context, sync) : 'no longer in the project',
    )
  return {
    json: {
      ...runJson(row),
      syncs: syncs.map(syncRunJson),
      receipts: receipts.map((one) => ({ ...one })),
    },
    text: (style) =>
      [
        facts([
          ['run', row.runId],
          ['command', row.command],
          ['status', row.status],
          ['as of', row.asOf],
          ['started', row.startedAt],
          ['finished', row.finishedAt ?? 'not yet, or it was killed'],
          ...(row.error === undefined ? [] : [['error', row.error] as const]),
        ]),
        ...syncs.map((one) =>
          renderSync(
            { ...one, name: one.sync, where: where.get(one.sync) ?? '', guard: undefined, apiCalls: 0 },
            style,
          ),
        ),
        ...(receipts.length === 0
          ? []
          : [
              table(
                [
                  { title: 'SYNC' },
                  { title: 'STATUS' },
                  { title: 'ROWS', align: 'right' },
                  { title: 'REASON' },
                ],
                receipts.map((one) => [one.sync, one.status, count(one.rows), one.reason]),
                style,
              ),
            ]),
      ].join('\n\n'),
  }
}

function onlyRun(found: readonly RunRow[], prefix: string): RunRow {
  const [row] = found
  if (found.length === 1 && row !== undefined) return row
  throw new SluiceError('SLU7006', {
    message: `expected the id of one run, found ${found.length === 0 ? 'none' : 'several'} that start with "${prefix}"`,
    hint: 'runs ls prints the ids',
  })
}

function runJson(row: RunRow): Readonly<Record<string, Json>> {
  return {
    run_id: row.runId,
    command: row.command,
    status: row.status,
    as_of: row.asOf,
    started_at: row.startedAt,
    finished_at: row.finishedAt ?? null,
    exit_code: row.exitCode ?? null,
    error: row.error ?? null,
  }
}

function syncRunJson(one: SyncRunRow): Json {
  return {
    name: one.sync,
    destination: one.destination ?? null,
    status: one.status,
    plan_id: one.planId ?? null,
    add: one.add,
    change: one.change,
    remove: one.remove,
    left: one.left,
    applied: one.applied,
    rejected: one.rejected,
    pending: one.pending,
    unchanged: one.unchanged,
    held: one.held,
    held_by: { ...one.heldBy },
    requests: one.requests,
    sent_rows: one.sentRows ?? null,
    resent_rows: one.resentRows ?? null,
    sent_bytes: one.sentBytes ?? null,
    sent_fields: one.sentFields === undefined ? null : [...one.sentFields],
    seconds: one.seconds,
    resumed: one.resumed,
    error: one.error ?? null,
  }
}
