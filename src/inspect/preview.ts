import { SluiceError } from '../base/errors.ts'
import { nearestHint } from '../base/nearest.ts'
import type { BuiltTables } from '../build/build.ts'
import { compileContext } from '../build/compile-context.ts'
import type { RunContext } from '../build/run-context.ts'
import { scratchBuild } from '../build/scratch-build.ts'
import type { CompileContext } from '../compile/context.ts'
import {
  breakdownStep,
  overlapStep,
  type ProfileColumn,
  profileStep,
  type SampleRequest,
  sampleStep,
  sizeStep,
} from '../compile/inspect/preview.ts'
import { statementOf } from '../compile/render-step.ts'
import type { Step } from '../compile/step.ts'
import type { Entity, Segment } from '../spec/project.ts'
import type { Row } from '../warehouse/warehouse.ts'

export interface PreviewRequest {
  readonly segment: string
  /** Rows of the sample. */
  readonly limit: number
  /** A trait or field whose values are counted. */
  readonly by: string | undefined
  /** Another segment of the same entity. */
  readonly overlap: string | undefined
  readonly unmask: boolean
}

export interface Preview {
  readonly count: number
  readonly total: number
  readonly columns: readonly string[]
  /** The first members by id; text masked unless told otherwise. Grain: one row a member. */
  readonly rows: readonly Row[]
  /** The most frequent values first. */
  readonly by: readonly { readonly value: string | null; readonly count: number }[] | undefined
  readonly overlap: { readonly other: number; readonly both: number } | undefined
}

/** More values than this are no breakdown that anyone reads. */
const MOST_VALUES = 100

/**
 * Counts a segment and looks at its first members, from the published build when it is of this project and time,
 * else from scratch tables that are gone afterwards. Throws SLU7006 for names that are none.
 */
export async function preview(run: RunContext, request: PreviewRequest): Promise<Preview> {
  const segment = segmentOf(run, request.segment)
  const other = request.overlap === undefined ? undefined : segmentOf(run, request.overlap, segment)
  const nodes = [segment, ...(other === undefined ? [] : [other])].map(({ name }) => `segment:${name}`)
  const built = await scratchBuild(run, nodes)
  try {
    return await look(run, built, { ...request, segment, other })
  } finally {
    await built.drop()
  }
}

async function look(
  run: RunContext,
  built: BuiltTables,
  request: Omit<PreviewRequest, 'segment'> & {
    readonly segment: Segment
    readonly other: Segment | undefined
  },
): Promise<Preview> {
  const context = compileContext(run, built.tables)
  const { segment, other } = request
  const entity = entityOf(run, segment)
  const columns = await run.warehouse.describe(statementOf(profileStep(context, entity), context.dialect))
  const sample: SampleRequest = { segment, entity, columns, unmask: request.unmask }
  const size = await one(run, context, sizeStep(context, segment, entity))
  return {
    count: Number(size.members),
    total: Number(size.entities),
    columns: columns.map((column) => column.name),
    rows: request.limit === 0 ? [] : await rowsOf(run, context, sampleStep(context, sample, request.limit)),
    by: request.by === undefined ? undefined : await breakdown(run, context, sample, request.by),
    overlap: other === undefined ? undefined : await overlap(run, context, segment, other, entity),
  }
}

async function breakdown(run: RunContext, context: CompileContext, sample: SampleRequest, by: string) {
  const column: ProfileColumn | undefined = sample.columns.find(({ name }) => name === by)
  if (column === undefined)
    throw new SluiceError('SLU7006', {
      message: `expected a trait or profile field of ${sample.entity.name}, found "${by}"`,
      hint: nearestHint(
        by,
        sample.columns.map(({ name }) => name),
      ),
    })
  const rows = await rowsOf(run, context, breakdownStep(context, sample, column, MOST_VALUES))
  return rows.map((row) => ({
    value: row.value === null || row.value === undefined ? null : String(row.value),
    count: Number(row.members),
  }))
}

async function overlap(
  run: RunContext,
  context: CompileContext,
  segment: Segment,
  other: Segment,
  entity: Entity,
) {
  const row = await one(run, context, overlapStep(context, segment, other, entity))
  return { other: Number(row.other_segment), both: Number(row.shared) }
}

async function one(run: RunContext, context: CompileContext, step: Step): Promise<Row> {
  const [row] = await run.warehouse.read(statementOf(step, context.dialect))
  return row ?? {}
}

/** Rows about people: masked by the statement itself, and never through `read`. */
async function rowsOf(run: RunContext, context: CompileContext, step: Step): Promise<readonly Row[]> {
  const rows: Row[] = []
  for await (const page of run.warehouse.stream(statementOf(step, context.dialect))) rows.push(...page)
  return rows
}

function segmentOf(run: RunContext, name: string, sibling?: Segment): Segment {
  const segment = run.graph.project.segments.get(name)
  if (segment === undefined)
    throw new SluiceError('SLU7006', {
      message: `expected a segment of the project, found "${name}"`,
      hint: nearestHint(name, run.graph.project.segments.keys()),
    })
  if (sibling !== undefined && segment.entity.value !== sibling.entity.value)
    throw new SluiceError('SLU7006', {
      message: `expected a segment of ${sibling.entity.value} to compare with, found "${name}" of ${segment.entity.value}`,
      hint: 'only segments of one entity can overlap',
    })
  return segment
}

function entityOf(run: RunContext, segment: Segment): Entity {
  const entity = run.graph.project.entities.get(segment.entity.value)
  if (entity !== undefined) return entity
  throw new SluiceError('SLU9001', {
    message: `expected the entity of segment "${segment.name}" in the graph, found none`,
  })
}
