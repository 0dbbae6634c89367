import { SluiceError } from '../../base/errors.ts'
import { nearestHint } from '../../base/nearest.ts'
import type { AudienceRow, ReceiptSummary, RunRow, SyncRunRow } from '../../ledger/ledger.ts'
import { type Cause, causesOf } from '../../sync/causes.ts'
import type { Answer, Json } from '../answer.ts'
import type { RunsFlags } from '../command-flags.ts'
import type { CommandContext } from '../context.ts'
import { plain } from '../render/plain.ts'
import type { Style } from '../render/style.ts'
import { renderSync } from '../render/syncs.ts'
import { count, facts, plural, table } from '../render/table.ts'
import { openRun } from '../run-context.ts'
import { runFiguresJson } from '../sync-json.ts'
import { definedSyncs, whereOf } from '../sync-names.ts'

/** The last runs, the newest first. Throws SLU7006 for a sync that is none and never ran. */
export async function listRuns(context: CommandContext, flags: RunsFlags): Promise<Answer> {
  const { limit, sync, status } = flags
  const run = await openRun(context)
  const rows = await run.ledger.runs.list(limit, { sync, status })
  if (rows.length === 0 && sync !== undefined) await requireSync(context, sync)
  return {
    json: { runs: rows.map(runJson) },
    text: (style) =>
      rows.length === 0
        ? sync === undefined && status === undefined
          ? 'No run yet.'
          : 'No such run.'
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

/** One run: its syncs, what was rejected by cause, what was held by reason. `prefix` begins its id. Throws SLU7006. */
export async function showRun(context: CommandContext, prefix: string): Promise<Answer> {
  const run = await openRun(context)
  const row = onlyRun(await run.ledger.runs.find(prefix), prefix)
  const audiences = new Map((await run.ledger.runs.audiencesOf(row.runId)).map((one) => [one.sync, one]))
  const syncs = (await run.ledger.runs.syncsOf(row.runId)).map((one) => ({
    ...one,
    audience: audiences.get(one.sync),
  }))
  const receipts = await run.ledger.receipts.summary(row.runId)
  const causes = causesOf(await run.ledger.receipts.rejectedGroups(row.runId))
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
      causes: causes.map(causeJson),
    },
    text: (style) =>
      [
        runFacts(row),
        ...syncs.map((one) =>
          renderSync(
            { ...one, name: one.sync, where: where.get(one.sync) ?? '', guard: undefined, apiCalls: 0 },
            style,
          ),
        ),
        ...egressOf(syncs, style),
        ...causes.map((cause) => renderCause(cause, style)),
        ...notSent(
          receipts.filter((one) => one.status !== 'rejected'),
          style,
        ),
      ].join('\n\n'),
  }
}

function runFacts(row: RunRow): string {
  const unfinished = row.status === 'killed' ? 'never: it was killed, or freed by hand' : 'not yet'
  return facts([
    ['run', row.runId],
    ['command', row.command],
    ['status', row.status],
    ['as of', row.asOf],
    ['started', row.startedAt],
    ['finished', row.finishedAt ?? unfinished],
    ...(row.error === undefined ? [] : [['error', row.error] as const]),
  ])
}

/** What left, by destination and sync; nothing where an older version wrote the run, or nothing was sent. */
function egressOf(syncs: readonly SyncRunRow[], style: Style): readonly string[] {
  const sent = syncs.filter((one) => (one.sentRows ?? 0) > 0 || (one.sentBytes ?? 0) > 0)
  if (sent.length === 0) return []
  return [
    table(
      [
        { title: 'SENT TO' },
        { title: 'BY' },
        { title: 'ROWS', align: 'right' },
        { title: 'AGAIN', align: 'right' },
        { title: 'BYTES', align: 'right' },
        { title: 'FIELDS' },
      ],
      sent.map((one) => [
        one.destination ?? '',
        one.sync,
        count(one.sentRows ?? 0),
        count(one.resentRows ?? 0),
        count(one.sentBytes ?? 0),
        (one.sentFields ?? []).join(', '),
      ]),
      style,
    ),
  ]
}

function notSent(receipts: readonly ReceiptSummary[], style: Style): readonly string[] {
  if (receipts.length === 0) return []
  return [
    table(
      [{ title: 'SYNC' }, { title: 'STATUS' }, { title: 'ROWS', align: 'right' }, { title: 'REASON' }],
      receipts.map((one) => [one.sync, one.status, count(one.rows), one.reason]),
      style,
    ),
  ]
}

/**
 * ```
 * 8 rejected: quota of … used up
 *   for example: quota of 5 used up
 *   6 add, 2 change by cities, towns; 1 to 7 attempts; 1 tried on the next run, the first of the others at ...
 * ```
 */
function renderCause(cause: Cause, style: Style): string {
  const { least, most } = cause.attempts
  const ops = Object.entries(cause.ops).map(([op, rows]) => `${count(rows)} ${op}`)
  const tries = least === most ? plural(least, 'attempt') : `${count(least)} to ${count(most)} attempts`
  return [
    `${style('red', `${count(cause.rows)} rejected`)}: ${plain(cause.cause)}`,
    ...(cause.example === cause.cause ? [] : [`  ${style('dim', `for example: ${plain(cause.example)}`)}`]),
    `  ${ops.join(', ')} by ${cause.syncs.join(', ')}; ${tries}; ${nextTryOf(cause)}`,
  ].join('\n')
}

function nextTryOf({ rows, due, nextTryAt }: Cause): string {
  if (nextTryAt === undefined) return 'tried on the next run'
  if (due === 0) return `tried from ${nextTryAt} on, or now: sluice retry`
  return `${count(due)} tried on the next run, ${count(rows - due)} from ${nextTryAt} on, or now: sluice retry`
}

async function requireSync(context: CommandContext, name: string): Promise<void> {
  const known = await definedSyncs(context)
  if (known.has(name)) return
  throw new SluiceError('SLU7006', {
    message: `expected a sync of the project or one that ran, found "${name}"`,
    hint: nearestHint(name, known),
  })
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

function causeJson({ attempts, nextTryAt, ops, syncs, ...cause }: Cause): Json {
  return {
    ...cause,
    syncs: [...syncs],
    ops: { ...ops },
    attempts: { ...attempts },
    next_try_at: nextTryAt ?? null,
  }
}

function syncRunJson(one: SyncRunRow & { readonly audience: AudienceRow | undefined }): Json {
  return {
    name: one.sync,
    destination: one.destination ?? null,
    status: one.status,
    plan_id: one.planId ?? null,
    ...runFiguresJson(one),
    sent_fields: one.sentFields === undefined ? null : [...one.sentFields],
    error: one.error ?? null,
  }
}
