import { SluiceError } from '../base/errors.ts'
import type { CompileContext } from '../compile/context.ts'
import type { IdRun } from '../compile/identity/id-steps.ts'
import { type IdentityPlan, identityOutputs, identityPlan } from '../compile/identity/identity-plan.ts'
import type { Entity } from '../spec/project.ts'
import { contract } from './contract.ts'
import { guardIdentity } from './guard-identity.ts'
import { refuseDuplicateKeys } from './key-checks.ts'
import { linkCandidates } from './link-candidates.ts'
import { reviewCandidates } from './review-candidates.ts'
import type { RunContext } from './run-context.ts'
import { runIncremental } from './run-incremental.ts'
import { StepRunner } from './step-runner.ts'
import type { IdentityFigures, Stitched, StitchRequest } from './stitch.ts'

/**
 * Stitches one entity: what has changed since the last build, or all of it into its output tables. Throws: SLU4102 for
 * a source whose primary key is null or not unique, SLU4202 when hashes cannot be told apart.
 */
export async function runIdentity(
  run: RunContext,
  context: CompileContext,
  entity: Entity,
  request: StitchRequest,
): Promise<Stitched> {
  const done = await runIncremental(run, context, entity, request)
  // Nobody reads who looks alike from what is not published.
  if (!('full' in done))
    return request.redirect === undefined ? done : reviewCandidates(run, context, entity, done)
  if (request.hasState) run.progress.update(`identity.${entity.name}: in full, ${done.full}`)
  return stitchAll(run, context, entity, request, done.full)
}

async function stitchAll(
  run: RunContext,
  context: CompileContext,
  entity: Entity,
  ids: IdRun,
  why: string,
): Promise<Stitched> {
  const runner = new StepRunner(run)
  const outputs = new Set(identityOutputs(entity).map((name) => context.tables.output(name).name))
  let kept: ReadonlySet<string> = new Set()
  try {
    const plan = await readRecords(run, runner, context, entity, ids)
    await runner.run(plan.stars)
    const { refused } = await runner.readOne(plan.checkStars)
    const edges = await runner.run(plan.edges)
    const anyOver = Number(refused) > 0
    const contracted = await contract(runner, plan.rounds, edges)
    const guards = plan.guards({ labels: contracted.labels, anyOver, hasPairs: false })
    const exact = { ...contracted, anyOver, guarded: await guardIdentity(runner, guards) }
    await runner.runAll(plan.candidates?.find ?? [])
    const linked = await linkCandidates(runner, plan, exact)
    await runner.runAll(plan.finish(linked ?? exact))
    if (plan.candidates !== undefined) await runner.run(plan.candidates.tell(linked !== undefined))
    const { merges, splits } = await runner.readOne(plan.countMoves)
    kept = outputs
    return {
      figures: figuresOf(runner, plan),
      report: {
        mode: 'full',
        why,
        found: undefined,
        touched: undefined,
        merges: Number(merges ?? 0),
        splits: Number(splits ?? 0),
      },
    }
  } finally {
    // The session may be gone; what happened before is what must be told.
    await runner.dropMade(kept).catch(() => {})
  }
}

function figuresOf(runner: StepRunner, { told }: IdentityPlan): IdentityFigures {
  const records = runner.rowsOf(told.records)
  const read = told.read.reduce((sum, table) => sum + runner.rowsOf(table), 0)
  return { records, entities: runner.rowsOf(told.entities), unattached: read - records }
}

/** Two records with one 64-bit hash would be one person: then every hash is drawn anew. */
const MOST_SALTS = 8

async function readRecords(
  run: RunContext,
  runner: StepRunner,
  context: CompileContext,
  entity: Entity,
  ids: IdRun,
): Promise<IdentityPlan> {
  for (let salt = 0; salt < MOST_SALTS; salt += 1) {
    const plan = identityPlan(context, entity, ids, salt)
    await runner.runAll(plan.read)
    if (await isOneHashEach(run, runner, context, plan)) return plan
    run.progress.update(`identity.${entity.name}: two records share a hash, all are drawn anew`)
    await runner.dropMade()
  }
  throw new SluiceError('SLU4202', {
    message: `expected hashes that tell all records of ${entity.name} apart within ${MOST_SALTS} draws, found none`,
  })
}

async function isOneHashEach(
  run: RunContext,
  runner: StepRunner,
  context: CompileContext,
  plan: IdentityPlan,
): Promise<boolean> {
  const check = await runner.readOne(plan.checkRecords)
  if (Number(check.keyless) === 0 && Number(check.nodes) === Number(check.hashes)) return true
  const sources = plan.records.filter((records) => !records.isEvent).map(({ source }) => source)
  await refuseDuplicateKeys(run, context, sources)
  return false
}
