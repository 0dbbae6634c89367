import type { RunContext } from '../../build/run-context.ts'
import type { CompileContext } from '../../compile/context.ts'
import { asksConsent } from '../../compile/diff/consent.ts'
import { foundColumns } from '../../compile/diff/identified.ts'
import { keepSteps } from '../../compile/diff/plan-steps.ts'
import { type FrozenPlan, refusedStep } from '../../compile/diff/send-steps.ts'
import { statementOf } from '../../compile/render-step.ts'
import type { Settings } from '../../connector/types.ts'
import type { BoundSync } from '../../graph/graph.ts'
import type { PlanRecord, SeqRange, SnapshotInfo } from '../../ledger/ledger.ts'
import type { Statement } from '../../warehouse/warehouse.ts'
import { describeModel, PlanMaker } from './make-plan.ts'
import { planInput } from './plan-input.ts'
import type { PieceReader, PlanDraft, PlanSource } from './plan-source.ts'
import { WarehousePieces } from './warehouse-pieces.ts'

/** Plans that are made, kept and read inside the warehouse. */
export function warehousePlans(
  run: RunContext,
  context: CompileContext,
  bound: BoundSync,
  settings: Settings | undefined,
): PlanSource {
  return {
    hashVersion: async () => `3 ${await run.warehouse.version()}`,
    draft: (snapshot, adopt, mayRest) => draftOf({ run, context, bound, settings, snapshot, adopt, mayRest }),
    reader: (plan, turn): PieceReader =>
      new WarehousePieces(run.warehouse, context, frozenPlan(run, bound, plan), turn),
    refusedSince: (plan) => refusedSince(run, context, bound, plan),
  }
}

interface DraftRequest {
  readonly run: RunContext
  readonly context: CompileContext
  readonly bound: BoundSync
  readonly settings: Settings | undefined
  readonly snapshot: SnapshotInfo
  readonly adopt: boolean
  readonly mayRest: boolean
}

async function draftOf(request: DraftRequest): Promise<PlanDraft> {
  const { run, context, bound, settings, snapshot, adopt, mayRest } = request
  const model = await describeModel(run, context, bound, snapshot.rows === 0)
  const input = await planInput(run, model, snapshot, settings, adopt)
  const maker = new PlanMaker(run, context, input, snapshot)
  return {
    judge: () => maker.judge(mayRest),
    number: (limit) => maker.number(limit),
    drop: () => maker.drop(),
    keep: (plan): readonly Statement[] =>
      keepSteps(context, plan.sync, run.ledger.syncs.planTable(plan)).map((step) =>
        statementOf(step, context.dialect),
      ),
  }
}

async function refusedSince(
  run: RunContext,
  context: CompileContext,
  bound: BoundSync,
  plan: PlanRecord,
): Promise<readonly SeqRange[]> {
  if (!asksConsent(bound)) return []
  const model = await describeModel(run, context, bound, false)
  const step = refusedStep(context, frozenPlan(run, bound, plan), model)
  const ranges: SeqRange[] = []
  for await (const rows of run.warehouse.stream(statementOf(step, context.dialect)))
    for (const row of rows) addTo(ranges, Number(row.seq))
  return ranges
}

function frozenPlan(run: RunContext, bound: BoundSync, plan: PlanRecord): FrozenPlan {
  const { sync, keyFields } = plan
  return { sync, keyFields, found: foundColumns(bound), table: run.ledger.syncs.planTable(plan) }
}

function addTo(ranges: SeqRange[], seq: number): void {
  const last = ranges.at(-1)
  if (last?.hi === seq - 1) ranges[ranges.length - 1] = { lo: last.lo, hi: seq }
  else ranges.push({ lo: seq, hi: seq })
}
