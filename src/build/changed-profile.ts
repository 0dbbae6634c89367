import { entityOf } from '../compile/build-order.ts'
import type { CompileContext } from '../compile/context.ts'
import { type ChangedFields, changedFields } from '../compile/profile/changed-fields.ts'
import { keepsFieldRows } from '../compile/profile/field-rows.ts'
import type { Step } from '../compile/step.ts'
import type { TableName } from '../dialect/dialect.ts'
import { type Fragment, join, lit, render, sql } from '../dialect/fragment.ts'
import type { Node } from '../graph/graph.ts'
import type { PublishedNode } from '../ledger/ledger.ts'
import type { Entity } from '../spec/project.ts'
import { isMuch } from './is-much.ts'
import type { RunContext } from './run-context.ts'
import { StepRunner } from './step-runner.ts'
import type { StitchPatch } from './stitch.ts'

/** How the fields of a profile were made. */
export interface FieldsReport {
  readonly mode: 'incremental' | 'full'
  /** Why all were made; undefined when not. */
  readonly why: string | undefined
  /** Entities whose fields were made; undefined when all were. */
  readonly changed: number | undefined
}

export interface ProfileRequest {
  readonly published: ReadonlyMap<string, PublishedNode>
  readonly fullRefresh: boolean
  /** How the identity of this run differs from the published one. Undefined: it must be asked. */
  readonly identity: StitchPatch | undefined
}

/** The fields of a profile, found without making all of them. */
export interface ChangedProfile {
  readonly report: FieldsReport
  /** Of the whole profile. */
  readonly rows: number
  /** Every entity with its fields, as a select. */
  readonly all: Fragment
  /** For the publishing transaction: of a profile that is nothing but fields. */
  patch(context: CompileContext): readonly Step[]
  /** For the publishing transaction: what the next build must know of this run. */
  patchState(context: CompileContext, runId: string): readonly Step[]
  /** Where `all` is a table of this session until then. */
  view(): Promise<TableName>
  /** Drops what all this reads. */
  drop(): Promise<void>
}

interface InFull {
  readonly full: string
}

/**
 * Computes the fields again of those entities whose records or rows are not as they were when the published profile was
 * made. Tells why where that cannot be, or would cost more than to make all.
 */
export async function changedProfile(
  run: RunContext,
  context: CompileContext,
  node: Node,
  request: ProfileRequest,
): Promise<ChangedProfile | InFull> {
  const entity = entityOf(run.graph, node)
  const before = request.published.get(node.id)
  const identity = request.published.get(`identity:${entity.name}`)
  if (!keepsFieldRows(entity)) return { full: 'nothing is stitched' }
  if (request.fullRefresh) return { full: '--full-refresh' }
  if (before === undefined) return { full: 'the first build' }
  if (before.fingerprint !== node.fingerprint) return { full: 'other rules' }
  if (identity?.runId !== before.runId) return { full: 'the identity was built without it' }
  const stamp = { engine: await run.warehouse.version(), rules: node.fingerprint, runId: before.runId }
  const plan = changedFields(context, entity, stamp)
  const runner = new StepRunner(run)
  let kept = false
  try {
    if (!(await hasTables(run, entity))) return { full: 'the state of an earlier version' }
    const known = context.tables.published(`${entity.name}_field_rows`)
    const touched = () => touchedBy(runner, context, entity, plan, request)
    const done = await findChanged(run, runner, plan, { touched, known, rows: before.rows })
    kept = !('full' in done)
    const of = { entity, stamp, plan }
    return 'full' in done ? done : { ...done, ...published(context, runner, of, done) }
  } finally {
    if (!kept) await runner.dropMade().catch(() => {})
  }
}

interface Before {
  /** Entities that the stitch made, ended or changed; undefined: none. */
  touched(): Promise<TableName | undefined>
  /** The rows that the published fields were made of. */
  readonly known: TableName
  /** Of the published profile. */
  readonly rows: number
}

interface Found {
  readonly report: FieldsReport
  readonly rows: number
  /** Rows that are not as they were. */
  readonly differing: number
}

async function findChanged(
  run: RunContext,
  runner: StepRunner,
  plan: ChangedFields,
  before: Before,
): Promise<Found | InFull> {
  if (!plan.isSame(await runner.readOne(plan.state))) return { full: 'the state of another version or build' }
  const differing = await runner.run(plan.diff)
  const known = await runner.count(before.known)
  if (isMuch(differing, known)) return { full: `${differing} of ${known} rows are not as they were` }
  const touched = await before.touched()
  const isNone = differing === 0 && touched === undefined
  const changed = isNone ? 0 : await runner.run(plan.changed(touched))
  const report = { mode: 'incremental', why: undefined, changed } as const
  if (changed === 0) return { report, rows: before.rows, differing }
  if (isMuch(changed, before.rows))
    return { full: `${changed} of ${before.rows} entities are not as they were` }
  const made = await makeFields(run, runner, plan)
  if (made === undefined) return { full: 'the columns have other types' }
  const { published } = await runner.readOne(plan.check)
  return { report, rows: before.rows - Number(published) + made, differing }
}

async function touchedBy(
  runner: StepRunner,
  context: CompileContext,
  entity: Entity,
  plan: ChangedFields,
  { identity }: ProfileRequest,
): Promise<TableName | undefined> {
  if (identity !== undefined) return identity.touched
  const name = `${entity.name}_identity`
  const { output, published } = context.tables
  if (output(name).name === published(name).name) return undefined
  return (await runner.run(plan.moved)) > 0 ? plan.moved.creates : undefined
}

interface Planned {
  readonly entity: Entity
  readonly stamp: Parameters<typeof changedFields>[2]
  readonly plan: ChangedFields
}

function published(
  context: CompileContext,
  runner: StepRunner,
  { entity, stamp, plan }: Planned,
  { report, differing }: Found,
): Omit<ChangedProfile, keyof Found> {
  const isNone = report.changed === 0
  return {
    all: isNone ? plan.published : plan.all,
    patch: (of) => (isNone ? [] : changedFields(of, entity, stamp).patch),
    patchState: (of, runId) => {
      const { patchRows, patchState } = changedFields(of, entity, stamp)
      return [...(differing === 0 ? [] : patchRows), patchState(runId)]
    },
    view: async () => {
      if (isNone) return context.tables.published(entity.name)
      await runner.runView(plan.view)
      return plan.view.creates
    },
    drop: () => runner.dropMade(),
  }
}

async function hasTables(run: RunContext, entity: Entity): Promise<boolean> {
  const { dialect } = run.warehouse
  const names = [entity.name, `${entity.name}_field_rows`, `${entity.name}_field_state`]
  const listed = join(
    names.map((name) => lit(name)),
    ', ',
  )
  const query = sql`select name from (${dialect.table.list(run.target.stateSchema)}) as listed where name in (${listed})`
  const rows = await run.warehouse.read({
    step: `profile.${entity.name}.changes.tables`,
    sql: render(query, dialect),
  })
  return rows.length === names.length
}

/** Gives how many there are; undefined where they do not fit into the published table. */
async function makeFields(
  run: RunContext,
  runner: StepRunner,
  plan: ChangedFields,
): Promise<number | undefined> {
  await runner.run(plan.records)
  // Tables between have the names that a whole build gives them.
  const between = new StepRunner(run)
  try {
    await between.runAll(plan.fields)
    runner.adopt(plan.made, between.rowsOf(plan.made))
  } finally {
    await between.dropMade(new Set([plan.made.name])).catch(() => {})
  }
  const shapes = await runner.readOne(plan.shapes)
  return shapes.published === shapes.made ? runner.rowsOf(plan.made) : undefined
}
