import type { CompileContext } from '../compile/context.ts'
import { hasLinkingRules } from '../compile/identity/candidates/compared.ts'
import type { SourceComparison } from '../compile/identity/find-steps.ts'
import { hasLimits, limitsOf } from '../compile/identity/guards/limits.ts'
import {
  type IncrementalPlan,
  incrementalPlan,
  stateQuestions,
} from '../compile/identity/incremental-plan.ts'
import { OUTPUT_KINDS } from '../compile/identity/scope.ts'
import { identityOf } from '../compile/identity/slots.ts'
import { lit, render, sql } from '../dialect/fragment.ts'
import type { Entity } from '../spec/project.ts'
import { contract } from './contract.ts'
import { isMuch } from './is-much.ts'
import type { RunContext } from './run-context.ts'
import { StepRunner } from './step-runner.ts'
import type { FoundRecords, Stitched, StitchRequest } from './stitch.ts'

/** Why it must be done in full. */
interface InFull {
  readonly full: string
}

/**
 * Stitches what has changed since the last build, and leaves the changes of the published tables as a patch. Tells why
 * where that cannot be, or would cost more than a full stitch.
 */
export async function runIncremental(
  run: RunContext,
  context: CompileContext,
  entity: Entity,
  request: StitchRequest,
): Promise<Stitched | InFull> {
  if (request.fullRefresh) return { full: '--full-refresh' }
  if (!request.hasState) return { full: 'the first build' }
  if (hasLimits(limitsOf(identityOf(entity)))) return { full: 'entities have limits' }
  if (hasLinkingRules(entity)) return { full: 'records that look alike are linked' }
  const runner = new StepRunner(run)
  let kept = false
  try {
    const state = await readState(run, runner, context, entity, request)
    if ('full' in state) return state
    const plan = incrementalPlan(context, entity, request, state.salt)
    const done = await stitchChanges(runner, context, entity, request, plan, state)
    kept = !('full' in done)
    return done
  } finally {
    if (!kept) await runner.dropMade().catch(() => {})
  }
}

interface State {
  readonly salt: number
  readonly records: number
  readonly entities: number
}

async function readState(
  run: RunContext,
  runner: StepRunner,
  context: CompileContext,
  entity: Entity,
  request: StitchRequest,
): Promise<State | InFull> {
  if (!(await hasStitch(run, entity))) return { full: 'the state of an earlier version' }
  const { stitch, refused, stamp } = stateQuestions(context, entity, request)
  const found = await runner.readOne(stitch)
  if (Number(found.form) !== stamp.form) return { full: 'the state of another version' }
  if (found.engine !== stamp.engine) return { full: `${stamp.engine} instead of ${String(found.engine)}` }
  if (found.rules !== stamp.rules) return { full: 'other rules' }
  if (run.asOf < String(found.as_of)) return { full: `a time before that of the last stitch` }
  if (Number(found.repeated_keys) > 0)
    return { full: `${String(found.repeated_keys)} keys of events stand twice with other identifiers` }
  const { textless } = await runner.readOne(refused)
  if (Number(textless) > 0) return { full: 'a refused value is not known' }
  return {
    salt: Number(found.salt),
    records: Number(found.records),
    entities: Number(found.entities),
  }
}

async function hasStitch(run: RunContext, entity: Entity): Promise<boolean> {
  const { warehouse, target } = run
  const listed = sql`select name from (${warehouse.dialect.table.list(target.stateSchema)}) as listed where name = ${lit(`${entity.name}_stitch`)}`
  const rows = await warehouse.read({
    step: `identity.${entity.name}.incremental.state`,
    sql: render(listed, warehouse.dialect),
  })
  return rows.length > 0
}

async function stitchChanges(
  runner: StepRunner,
  context: CompileContext,
  entity: Entity,
  request: StitchRequest,
  plan: IncrementalPlan,
  state: State,
): Promise<Stitched | InFull> {
  const found = await findChanges(runner, plan)
  if ('full' in found) return found
  const logical = `${entity.name}_identity`
  const drop = () => runner.dropMade(new Set([context.tables.output(logical).name]))
  if (found.rows === 0) {
    const { records, entities } = state
    if (request.redirect === undefined) await runner.run(plan.unchanged)
    else request.redirect(logical, context.tables.published(logical))
    return {
      figures: { records, entities, unattached: found.stored - records },
      report: { mode: 'incremental', why: undefined, found: found.records, touched: 0, merges: 0, splits: 0 },
      patch: {
        steps: (of) => incrementalPlan(of, entity, request, state.salt).keep(state),
        changes: [`${entity.name}_stitch`],
        ...{ made: [], touched: undefined, drop },
      },
    }
  }
  const problem = await solve(runner, plan)
  if (problem !== undefined) return problem
  const { told } = plan
  const { touched, was, whole } = await runner.readOne(plan.checkDelta)
  const removedRows = plan.hasEvents
    ? runner.rowsOf(told.touched_rows)
    : Number(whole) + runner.rowsOf(told.moved_nodes)
  const records = state.records - removedRows + runner.rowsOf(told.identity_in)
  const entities = state.entities - Number(was ?? 0) + runner.rowsOf(told.anchors)
  const cameEvents = plan.cameEvents.reduce((sum, table) => sum + runner.rowsOf(table), 0)
  const rows =
    found.stored + found.freshRecords - found.goneRecords + cameEvents - runner.rowsOf(told.gone_rows)
  if (request.redirect === undefined) await runner.run(plan.current)
  else {
    await runner.runView(plan.currentView)
    request.redirect(logical, plan.currentView.creates)
  }
  return {
    figures: { records, entities, unattached: rows - records },
    report: {
      mode: 'incremental',
      why: undefined,
      found: found.records,
      touched: Number(touched),
      merges: runner.rowsOf(told.merges_in),
      splits: runner.rowsOf(told.splits_in),
    },
    patch: {
      steps: (of) => incrementalPlan(of, entity, request, state.salt).patch({ records, entities }),
      changes: OUTPUT_KINDS.map((kind) => `${entity.name}_${kind}`),
      ...{ made: [], touched: plan.touchedEntities, drop },
    },
  }
}

interface Found {
  /** Rows that are not as they were. */
  readonly rows: number
  readonly records: FoundRecords
  /** Rows that the state has. */
  readonly stored: number
  /** Records, not events, that it gets and loses. */
  readonly freshRecords: number
  readonly goneRecords: number
}

async function findChanges(runner: StepRunner, plan: IncrementalPlan): Promise<Found | InFull> {
  const all: Found[] = []
  for (const one of plan.comparisons) {
    const found = await compare(runner, one)
    if ('full' in found) return found
    all.push(found)
  }
  const sum = (of: (found: Found) => number) => all.reduce((total, one) => total + of(one), 0)
  const total = {
    rows: sum((one) => one.rows),
    records: {
      fresh: sum((one) => one.records.fresh),
      changed: sum((one) => one.records.changed),
      removed: sum((one) => one.records.removed),
    },
    stored: sum((one) => one.stored),
    freshRecords: sum((one) => one.freshRecords),
    goneRecords: sum((one) => one.goneRecords),
  }
  return isMuch(total.rows, total.stored)
    ? { full: `${total.rows} of ${total.stored} records are not as they were` }
    : total
}

async function compare(runner: StepRunner, one: SourceComparison): Promise<Found | InFull> {
  const seen = await runner.run(one.seen)
  await runner.run(one.found)
  const row = await runner.readOne(one.check)
  await runner.drop(one.seen.creates)
  const figure = (name: string) => Number(row[name] ?? 0)
  const { isEvent, source } = one.records
  const [fresh, changed, gone, stored] = ['fresh', 'changed', 'gone', 'stored'].map(figure) as [
    number,
    number,
    number,
    number,
  ]
  const freshRows = figure('fresh_rows')
  // Each row of the source stands for one of the state, or is new; the full stitch tells what is wrong.
  const isOneEach = freshRows === fresh && seen - freshRows === stored - gone
  if (!isEvent && (figure('keyless') > 0 || !isOneEach))
    return { full: `the keys of ${source.name} are not all there once, or two share a hash` }
  const removed = isEvent && !source.detectRemovals ? 0 : gone
  return {
    rows: isEvent && !source.detectRemovals ? freshRows : figure('found'),
    records: { fresh, changed, removed },
    stored,
    freshRecords: isEvent ? 0 : fresh,
    goneRecords: isEvent ? 0 : gone,
  }
}

async function solve(runner: StepRunner, plan: IncrementalPlan): Promise<InFull | undefined> {
  await runner.run(plan.noneLoose)
  const problem = (await touch(runner, plan)) ?? (await touchLoose(runner, plan))
  if (problem !== undefined) return problem
  await runner.runAll(plan.touched.after)
  const { collisions } = await runner.readOne(plan.checkTouched)
  if (Number(collisions) > 0) return { full: SHARED_HASH }
  const nodes = runner.rowsOf(plan.told.touched)
  const stored = await runner.count(plan.published)
  if (isMuch(nodes, stored)) return { full: `${nodes} of ${stored} records are of entities that are touched` }
  await runner.runAll(plan.graph.gather)
  await runner.run(plan.graph.stars)
  const edges = await runner.run(plan.graph.edges)
  const contracted = await contract(runner, plan.graph.rounds, edges)
  await runner.runAll(
    plan.graph.finish({ ...contracted, anyOver: false, guarded: undefined, salt: plan.salt }),
  )
  await runner.runAll(plan.delta)
  return undefined
}

/** Which nodes and values came and went, and who holds these. */
async function touch(runner: StepRunner, plan: IncrementalPlan): Promise<InFull | undefined> {
  await runner.runAll(plan.reread)
  if (plan.hasEvents && Number((await runner.readOne(plan.checkRows)).repeated) > 0)
    return { full: 'a key of an event stands twice with other identifiers' }
  await runner.runAll(plan.moved)
  if (Number((await runner.readOne(plan.checkCame)).collisions) > 0) return { full: SHARED_HASH }
  await runner.runAll(plan.touched.before)
  return undefined
}

/** Events that were nobody's, and hold a value that links again, are looked at as if they were new. */
async function touchLoose(runner: StepRunner, plan: IncrementalPlan): Promise<InFull | undefined> {
  if (!plan.hasEvents) return undefined
  await runner.drop(plan.told.loose)
  if ((await runner.run(plan.loose)) === 0) return undefined
  await runner.runAll(plan.findLoose)
  const again = [...plan.reread, ...plan.moved, ...plan.touched.before]
  await runner.drop(...again.flatMap(({ creates }) => creates ?? []))
  return touch(runner, plan)
}

const SHARED_HASH = 'two records share a hash'
