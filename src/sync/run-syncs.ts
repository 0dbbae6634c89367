import { SluiceError } from '../base/errors.ts'
import { instantOf } from '../base/instant.ts'
import { redact } from '../base/redact.ts'
import type { BuiltTables } from '../build/build.ts'
import type { RunContext } from '../build/run-context.ts'
import type { ConnectorEntry } from '../connector/types.ts'
import { asSluiceError } from './as-sluice-error.ts'
import { isStuck, pastDeadline } from './deliver/deliver.ts'
import { DEFAULT_RETRY } from './deliver/retry-policy.ts'
import { type Egress, NOTHING_SENT } from './egress.ts'
import type { RunSyncOptions } from './options.ts'
import { NO_FIGURES, resultOf, type SyncOutcome } from './outcome.ts'
import { AccountPaces } from './pace/account-paces.ts'
import { randomOf } from './random.ts'
import type { AudienceFound, SyncResult } from './results.ts'
import { runSync, type SyncRequest } from './run-sync.ts'

/**
 * Runs syncs one after the other, each under its own lease. What goes wrong in one is its result, and the others
 * still run; after a signal they are skipped. Every result stands in the ledger. When the warehouse no longer answers
 * (SLU5111) that is the last result, and nothing is asked of it any more.
 *
 * Throws: SLU7009 before anything is sent when the target refuses, or only plays (`sandbox`) and there are no fakes;
 * SLU5104 when no sync has the plan to accept.
 */
export async function runSyncs(
  run: RunContext,
  tables: BuiltTables,
  syncs: readonly string[],
  connectors: ReadonlyMap<string, ConnectorEntry>,
  options: RunSyncOptions = {},
): Promise<readonly SyncResult[]> {
  if (options.fakes === undefined) requireReal(run)
  const retry = options.delivery?.retry ?? DEFAULT_RETRY
  const paces = options.paces ?? new AccountPaces(run.clock, retry, randomOf(run.ids))
  const results: SyncResult[] = []
  for (const name of syncs) {
    const started = run.clock.monotonicMs()
    let sent = NOTHING_SENT
    const outcome = await outcomeOf(run, { tables, connectors, options, paces }, name, (told) => {
      sent = told
    })
    const seconds = Math.round(run.clock.monotonicMs() - started) / 1000
    const result = checked(name, outcome, { sent, seconds })
    results.push(result)
    if (isStuck(result.error)) return results
    await record(run, result)
  }
  requireAccepted(options, results)
  return results
}

function requireReal({ target }: RunContext): void {
  if (target.send === 'refuse')
    throw new SluiceError('SLU7009', {
      message: `expected a target from which may be sent, found "${target.name}" with "send: refuse"`,
      at: target.at,
      hint: 'look at what would be sent: sluice plan',
    })
  if (target.send === 'sandbox')
    throw new SluiceError('SLU7009', {
      message: `expected a target from which is really sent, found "${target.name}" with "send: sandbox"`,
      at: target.at,
      hint: 'send to the fakes of its destinations: sluice sync --sandbox',
    })
}

function requireAccepted({ accept }: RunSyncOptions, results: readonly SyncResult[]): void {
  if (accept === undefined || results.some((one) => one.status !== 'skipped')) return
  throw new SluiceError('SLU5104', {
    message: `expected a plan that a guard stopped in the last 24 hours, found none with the id "${accept}"`,
    hint: 'plan again: sluice plan',
  })
}

async function outcomeOf(
  run: RunContext,
  shared: Omit<SyncRequest, 'run' | 'bound'>,
  name: string,
  onSent: (sent: Egress) => void,
): Promise<SyncOutcome> {
  if (run.signal.aborted) return { skipped: true }
  const { deadlineMs = Number.POSITIVE_INFINITY } = shared.options
  if (run.clock.monotonicMs() >= deadlineMs) return { skipped: true, error: pastDeadline(name) }
  try {
    const bound = run.graph.bound(name)
    return await runSync({ ...shared, run, bound }, onSent)
  } catch (error) {
    return { error: asSluiceError(error) }
  }
}

function checked(
  name: string,
  outcome: SyncOutcome,
  spent: { readonly sent: Egress; readonly seconds: number },
): SyncResult {
  try {
    return resultOf(name, outcome, spent)
  } catch (error) {
    return resultOf(name, { error: asSluiceError(error) }, spent)
  }
}

async function record(run: RunContext, result: SyncResult): Promise<void> {
  const { name, guard: _, apiCalls: __, audience, error, ...figures } = result
  try {
    await run.ledger.runs.recordSync({
      ...NO_FIGURES,
      ...figures,
      ...whereTo(run, result),
      runId: run.runId,
      sync: name,
      error: error && redact(error.message),
    })
    if (audience !== undefined) await recordAudience(run, name, audience)
  } catch (failure) {
    // A warehouse that is gone is told by the sync itself; its history must not hide that.
    if (error === undefined) throw failure
  }
}

function recordAudience(run: RunContext, sync: string, found: AudienceFound): Promise<void> {
  const destination = run.graph.bound(sync).destination.name
  const toldAt = instantOf(run.clock.nowMs())
  return run.ledger.runs.recordAudience({ ...found, runId: run.runId, sync, destination, toldAt })
}

/** Its destination, and the fields there that something was sent for: those of the key, the map and the identifiers. */
function whereTo(
  { graph }: RunContext,
  { name, sentRows }: SyncResult,
): { readonly destination: string | undefined; readonly sentFields: readonly string[] } {
  // A sync that cannot be bound never sent anything.
  if (!graph.project.syncs.has(name) || sentRows === 0)
    return { destination: graph.project.syncs.get(name)?.to.destination.value, sentFields: [] }
  const { destination, sync } = graph.bound(name)
  const fields = [...sync.match, ...sync.map, ...sync.identifiers].map(({ field }) => field)
  return { destination: destination.name, sentFields: [...new Set(fields)] }
}
