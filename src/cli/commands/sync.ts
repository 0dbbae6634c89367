import { SluiceError } from '../../base/errors.ts'
import type { BuiltTables } from '../../build/build.ts'
import type { RunContext } from '../../build/run-context.ts'
import type { RunSyncOptions } from '../../sync/options.ts'
import type { SyncResult } from '../../sync/results.ts'
import type { Answer, Json } from '../answer.ts'
import type { SyncFlags } from '../command-flags.ts'
import type { CommandContext } from '../context.ts'
import { recordRun } from '../record-run.ts'
import { asSluiceError } from '../render/errors.ts'
import { renderSync, type SyncFacts } from '../render/syncs.ts'
import { openRun } from '../run-context.ts'
import { selectIds } from '../select.ts'
import { runFiguresJson } from '../sync-json.ts'
import { definedSyncs, syncNames, whereOf } from '../sync-names.ts'
import { plan } from './plan.ts'

/** Builds what is needed, plans, and sends the changes. One sync that fails does not keep the others. */
export async function sync(
  context: CommandContext,
  command: 'sync' | 'run',
  flags: SyncFlags,
  more: RunSyncOptions = {},
): Promise<Answer> {
  if (flags.dryRun === true) return plan(context, {})
  const selected = await selectIds(context, ['sync'])
  const run = await openRun(context, { waitMs: flags.wait })
  const nodes = command === 'run' ? await dueNodes(run, selected) : selected
  if (flags.sandbox === true || run.target.send === 'sandbox') return sandboxSync(context, run, nodes, flags)
  return sendSyncs(context, run, command, nodes, flags, more)
}

/** Builds what these syncs read, and runs them, as one run of the ledger. */
export async function sendSyncs(
  context: CommandContext,
  run: RunContext,
  command: 'sync' | 'run' | 'retry',
  nodes: readonly string[],
  flags: SyncFlags,
  more: RunSyncOptions = {},
): Promise<Answer> {
  const options = { ...optionsOf(context, flags), ...more }
  return recordRun(run, command, async () => {
    const tables = await builtTables(run, await toBuild(context, command, nodes), flags)
    const { runSyncs } = await import('../../sync/run-syncs.ts')
    const results = await runSyncs(run, tables, syncNames(nodes), await context.connectors(), options)
    await forgetOld(context, run)
    return answerOf(context, run, results)
  })
}

/** What was sent is sent, whether or not the ledger's history can be cleared. */
async function forgetOld(context: CommandContext, run: RunContext): Promise<void> {
  if (run.signal.aborted) return
  const { clearHistory } = await import('../../sync/clear-history.ts')
  try {
    await clearHistory(run, await definedSyncs(context))
  } catch (error) {
    run.progress.warn(`old runs could not be forgotten: ${asSluiceError(error).message}`)
  }
}

/** Times count from now on, so ask before anything is built. */
function optionsOf({ clock }: CommandContext, flags: SyncFlags): RunSyncOptions {
  return {
    deadlineMs: flags.deadline === undefined ? undefined : clock.monotonicMs() + flags.deadline,
    graceMs: flags.grace,
    limit: flags.limit,
    accept: flags.accept,
    fullResync: flags.fullResync === true,
    adopt: flags.adopt === true,
  }
}

/** The same to the connectors' fakes, from scratch tables, with a ledger that is dropped; nothing is published. */
async function sandboxSync(
  context: CommandContext,
  run: RunContext,
  nodes: readonly string[],
  flags: SyncFlags,
): Promise<Answer> {
  const syncs = syncNames(nodes)
  const connectors = await context.connectors()
  const options = optionsOf(context, flags)
  const { inSandbox } = await import('../sandbox.ts')
  const results = await inSandbox(run, syncs, connectors, async (sandbox, fakes) => {
    const tables = await scratchTables(run, nodes, flags)
    const { runSyncs } = await import('../../sync/run-syncs.ts')
    try {
      return await runSyncs(sandbox, tables, syncs, connectors, { ...options, fakes })
    } finally {
      // The session may be gone; temporary tables end with it.
      await tables.drop().catch(() => {})
    }
  })
  const answer = await answerOf(context, run, results)
  return {
    ...answer,
    json: { ...answer.json, sandbox: true },
    text: (style) => `${answer.text(style)}\n\n${style('bold', 'Sandbox')}: ${SANDBOX_REMARK}`,
  }
}

const SANDBOX_REMARK =
  "sent to the connectors' fakes on this machine; no destination was reached, and nothing is kept."

async function scratchTables(
  run: RunContext,
  nodes: readonly string[],
  flags: SyncFlags,
): Promise<BuiltTables> {
  if (!flags.build) return builtTables(run, nodes, flags)
  const { scratchBuild } = await import('../../build/scratch-build.ts')
  return scratchBuild(run, nodes)
}

/** Of the selected syncs those that are due, as nodes, in the order in which they run. */
async function dueNodes(run: RunContext, nodes: readonly string[]): Promise<readonly string[]> {
  const { dueSyncs } = await import('../../schedule/due.ts')
  const served = await run.ledger.runs.lastServedMs()
  return dueSyncs(run.graph, syncNames(nodes), served, run.clock.nowMs()).map((name) => `sync:${name}`)
}

/**
 * `sync` builds what its syncs read. `run` builds the whole project, for those who read its tables, unless nothing is
 * due or names were selected.
 */
async function toBuild(
  context: CommandContext,
  command: 'sync' | 'run' | 'retry',
  syncs: readonly string[],
): Promise<readonly string[]> {
  const { flags } = context
  const { project } = await context.graph()
  const idle = syncs.length === 0 && project.syncs.size > 0
  if (command !== 'run' || idle || flags.select !== undefined || flags.exclude !== undefined) return syncs
  return [...(await selectIds(context, ['identity', 'entity', 'segment'])), ...syncs]
}

async function builtTables(
  run: RunContext,
  nodes: readonly string[],
  flags: SyncFlags,
): Promise<BuiltTables> {
  const { publishedTables } = await import('../../build/published-tables.ts')
  if (flags.build) {
    const { publishBuild } = await import('../../build/publish-build.ts')
    await publishBuild(run, { nodes, fullRefresh: false })
    return publishedTables(run)
  }
  const { refusePast } = await import('../../build/refuse-past.ts')
  await refusePast(run)
  await requirePublished(run, nodes)
  return publishedTables(run)
}

/** `--no-build` reads what is published, so it must be there. Throws SLU7010. */
async function requirePublished(run: RunContext, nodes: readonly string[]): Promise<void> {
  const published = await run.ledger.published.nodes()
  const needed = nodes.flatMap((id) => run.graph.nodes.get(id)?.needs ?? [])
  const missing = needed.find((id) => !id.startsWith('source:') && !published.has(id))
  if (missing === undefined) return
  throw new SluiceError('SLU7010', {
    message: `expected ${missing.replace(':', ' ')} in the published build, found it is not there`,
    hint: 'build it first: sluice build, or leave --no-build out',
  })
}

async function answerOf(
  context: CommandContext,
  run: RunContext,
  results: readonly SyncResult[],
): Promise<Answer> {
  const facts: SyncFacts[] = []
  for (const one of results) facts.push({ ...one, where: await whereOf(context, one.name) })
  return {
    json: { run_id: run.runId, syncs: results.map(syncJson) },
    text: (style) =>
      facts.length === 0 ? 'No sync is due.' : facts.map((one) => renderSync(one, style)).join('\n\n'),
    errors: results.flatMap((one) => (one.error === undefined ? [] : [one.error])),
  }
}

function syncJson(one: SyncResult): Json {
  return {
    name: one.name,
    status: one.status,
    plan_id: one.planId ?? null,
    ...runFiguresJson(one),
    guard: one.guard === undefined ? null : { ...one.guard },
  }
}
