import { epochMsOf, type Instant, instantOf } from '../../base/instant.ts'
import type { RunContext } from '../../build/run-context.ts'
import type { PlanInput } from '../../compile/diff/plan-input.ts'
import type { TypedModel } from '../../compile/diff/typed-model.ts'
import { windowBounds } from '../../compile/time/window.ts'
import type { Settings } from '../../connector/types.ts'
import type { BoundSync } from '../../graph/graph.ts'
import type { SnapshotInfo } from '../../ledger/ledger.ts'
import { useSettings } from '../destination.ts'
import { fieldNamesOf, keyFieldsOf } from '../sync-run.ts'

/** What a plan is made against: the snapshot (undefined: there is none yet), and who else has rows there. */
export async function planInput(
  run: RunContext,
  model: TypedModel,
  snapshot: SnapshotInfo | undefined,
  settings: Settings | undefined,
  adopt: boolean,
): Promise<PlanInput> {
  const { syncs } = run.ledger
  const { bound } = model
  const now = instantOf(run.clock.nowMs())
  return {
    model,
    snapshot: snapshot && syncs.snapshotTable(snapshot.sync),
    siblings: await siblingTables(run, bound),
    // Where a snapshot stands, the ledger does.
    receipts: snapshot && syncs.receiptsTable(),
    now,
    // Without a snapshot nothing was ever sent.
    resendBefore: snapshot && resendBefore(run, bound, now),
    fieldsKnown: isOf(fieldNamesOf(bound), snapshot?.fieldNames),
    adopt,
    batch: batchLimits(bound, settings),
    bulk: bulkLimits(bound),
  }
}

/** As the sync says, or before its audience forgets them, whichever comes first. */
function resendBefore(run: RunContext, bound: BoundSync, now: Instant): Instant | undefined {
  const { resync } = bound.sync
  const said = resync && windowBounds(resync, now, run.graph.project.timezone).from
  const { lifetimeDaysSetting } = bound.object.audience ?? {}
  if (lifetimeDaysSetting === undefined) return said
  const days = Number(useSettings(run, bound)[lifetimeDaysSetting])
  const forgets = instantOf(epochMsOf(now) - (days - marginDays(days)) * DAY_MS)
  return said === undefined || said < forgets ? forgets : said
}

const DAY_MS = 24 * 60 * 60 * 1000

/** A tenth of the time, so that some days without a run lose nobody; a month is more than anybody leaves it alone. */
function marginDays(days: number): number {
  return Math.min(30, days / 10)
}

function isOf(wanted: readonly string[] | undefined, found: readonly string[] | undefined): boolean {
  return wanted !== undefined && JSON.stringify(wanted) === JSON.stringify(found)
}

/** Snapshots of the family that are keyed by the same fields: others cannot be told to have a key. */
async function siblingTables(run: RunContext, bound: BoundSync) {
  if (bound.family.length === 0) return []
  const { syncs } = run.ledger
  const fields = JSON.stringify(keyFieldsOf(bound))
  const snapshots = await syncs.snapshots()
  return snapshots
    .filter((one) => bound.family.includes(one.sync) && JSON.stringify(one.keyFields) === fields)
    .map((one) => syncs.snapshotTable(one.sync))
}

function bulkLimits({ object }: BoundSync): PlanInput['bulk'] {
  const { bulk } = object
  return bulk && { aboveRows: bulk.aboveRows, items: bulk.maxItems, bytes: bulk.maxBytes }
}

/** The object's own limits; a setting of the destination may lower the count. */
function batchLimits({ object, manifest }: BoundSync, settings: Settings | undefined): PlanInput['batch'] {
  const { maxItems, maxBytes, itemsSetting = '' } = object.batch
  const definition = Object.hasOwn(manifest.settings, itemsSetting)
    ? manifest.settings[itemsSetting]
    : undefined
  const chosen = settings?.[itemsSetting] ?? definition?.default
  return { items: typeof chosen === 'number' ? Math.min(chosen, maxItems) : maxItems, bytes: maxBytes }
}
