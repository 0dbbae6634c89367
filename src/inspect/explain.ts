import { SluiceError } from '../base/errors.ts'
import { nearestHint } from '../base/nearest.ts'
import type { BuiltTables } from '../build/build.ts'
import { compileContext } from '../build/compile-context.ts'
import { publishedTables } from '../build/published-tables.ts'
import type { RunContext } from '../build/run-context.ts'
import { scratchBuild } from '../build/scratch-build.ts'
import { stageSources } from '../build/staging.ts'
import { StepRunner } from '../build/step-runner.ts'
import { buildOrder, sourcesOf } from '../compile/build-order.ts'
import type { CompileContext } from '../compile/context.ts'
import { answerSteps, rawAnswerSteps, reachStepsOfOne } from '../compile/inspect/explain.ts'
import { type AskedNode, type Asking, askingOf, segmentsInside } from '../compile/inspect/explain-tree.ts'
import { shownColumns } from '../compile/mask/privacy.ts'
import { statementOf } from '../compile/render-step.ts'
import type { Entity, Segment } from '../spec/project.ts'
import type { Row, SqlValue } from '../warehouse/warehouse.ts'
import { type EntityKey, findEntity } from './explain-find.ts'
import { rowsOf } from './rows.ts'

export interface ExplainRequest {
  readonly entity: EntityKey
  readonly segment: string
  readonly unmask: boolean
}

export interface Explanation {
  readonly entity: string
  /** Undefined when it is text of the source that may not be shown. */
  readonly id: string | undefined
  readonly holds: boolean
  readonly tree: ExplainedNode
}

/** One predicate and what was found. */
export interface ExplainedNode {
  readonly kind: AskedNode['kind']
  readonly text: string
  /** Undefined: a step of a sequence that was not reached. */
  readonly holds: boolean | undefined
  readonly values: readonly { readonly name: string; readonly value: SqlValue }[]
  readonly window: AskedNode['window']
  readonly of: readonly ExplainedNode[]
}

/**
 * Why one entity is in a segment, or is not: each predicate, and the values that it was judged on, all answered by
 * the warehouse in one state of its data. Reads the published build when it is of this project and time, else
 * scratch tables that are gone afterwards.
 *
 * Throws: SLU7006 for names that are none, SLU7014 when no entity, or more than one, is meant, SLU7015 when the
 * sources say something else than they did when the build was published.
 */
export async function explain(run: RunContext, request: ExplainRequest): Promise<Explanation> {
  const segment = segmentOf(run, request.segment)
  const entity = entityOf(run, segment)
  const node = `segment:${segment.name}`
  // Files are read before: what a transaction made is gone when it fails, and the session remembers what it has read.
  await stageSources(run, publishedTables(run).tables, sourcesOf(run.graph, buildOrder(run.graph, [node])))
  return run.warehouse.transaction(async () => {
    const built = await scratchBuild(run, [node])
    const explanation = await explainOne(run, built, { ...request, segment, of: entity })
    await built.drop()
    return explanation
  })
}

async function explainOne(
  run: RunContext,
  built: BuiltTables,
  request: Omit<ExplainRequest, 'segment'> & { readonly segment: Segment; readonly of: Entity },
): Promise<Explanation> {
  const { segment, of: entity } = request
  const context = compileContext(run, built.tables)
  const entityId = await findEntity(run, context, entity, request.entity)
  const asking = askingOf(context, entity, segment)
  const segments = segmentsInside(context, segment).map(({ name }) => name)
  const runner = new StepRunner(run)
  await runner.runAll(reachStepsOfOne(context, entity, entityId, segments))
  const answers = await answersOf(run, context, asking, { entityId, unmask: request.unmask })
  await runner.dropMade()
  refuseContradiction(run, context, asking, answers)
  const isIdShown = request.unmask || shownColumns(run.graph, entity).has(`${entity.name}_id`)
  const tree = explained(asking.root, answers)
  return { entity: entity.name, id: isIdShown ? entityId : undefined, holds: tree.holds === true, tree }
}

async function answersOf(
  run: RunContext,
  context: CompileContext,
  asking: Asking,
  of: { readonly entityId: string; readonly unmask: boolean },
): Promise<Row> {
  const raw = rawAnswerSteps(context, asking, of.entityId)
  const steps = of.unmask ? raw : answerSteps(context, asking, of.entityId, await typesOf(run, context, raw))
  let answers: Row = {}
  for (const step of steps) {
    const [row] = await rowsOf(run, step)
    if (row === undefined)
      throw new SluiceError('SLU9001', {
        message: `expected one row of answers about ${asking.segment.name}, found none`,
      })
    answers = { ...answers, ...row }
  }
  return answers
}

async function typesOf(run: RunContext, context: CompileContext, steps: ReturnType<typeof rawAnswerSteps>) {
  const types = new Map()
  for (const step of steps)
    for (const { name, type } of await run.warehouse.describe(statementOf(step, context.dialect)))
      types.set(name, type)
  return types
}

/** The tree says what the table of the segment says, or one of them is wrong. */
function refuseContradiction(run: RunContext, context: CompileContext, asking: Asking, answers: Row): void {
  for (const [name, [judged, member]] of asking.equal) {
    if (answers[judged] === answers[member]) continue
    const found = `the conditions of segment "${name}" to agree with its table, found ${answers[judged]} and ${answers[member]}`
    if (context.tables.output(`segment_${name}`).schema === undefined)
      throw new SluiceError('SLU9001', { message: `expected ${found}` })
    throw new SluiceError('SLU7015', {
      message: `expected ${found}: the sources have changed since the build as of ${run.asOf}`,
      hint: 'build again, or leave --as-of out to explain what is true now',
    })
  }
}

function explained(node: AskedNode, answers: Row): ExplainedNode {
  const holds = answers[node.holds]
  return {
    kind: node.kind,
    text: node.text,
    holds: typeof holds === 'boolean' ? holds : undefined,
    values: node.values.map(({ name, column }) => ({ name, value: answers[column] ?? null })),
    window: node.window,
    of: node.of.map((one) => explained(one, answers)),
  }
}

function segmentOf(run: RunContext, name: string): Segment {
  const segment = run.graph.project.segments.get(name)
  if (segment !== undefined) return segment
  throw new SluiceError('SLU7006', {
    message: `expected a segment of the project, found "${name}"`,
    hint: nearestHint(name, run.graph.project.segments.keys()),
  })
}

function entityOf(run: RunContext, segment: Segment): Entity {
  const entity = run.graph.project.entities.get(segment.entity.value)
  if (entity !== undefined) return entity
  throw new SluiceError('SLU9001', {
    message: `expected the entity of segment "${segment.name}" in the graph, found none`,
  })
}
