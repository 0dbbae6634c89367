import { SluiceError } from '../../base/errors.ts'
import { nearestHint } from '../../base/nearest.ts'
import type { Preview } from '../../inspect/preview.ts'
import type { SqlValue } from '../../warehouse/warehouse.ts'
import type { Answer } from '../answer.ts'
import type { PreviewFlags } from '../command-flags.ts'
import type { CommandContext } from '../context.ts'
import { plainLines } from '../render/plain.ts'
import type { Style } from '../render/style.ts'
import { count, table } from '../render/table.ts'
import { offlineContext, openRun } from '../run-context.ts'

/** Counts a segment and shows its first members, text masked; with `--sql` the query instead, without a connection. */
export async function preview(
  context: CommandContext,
  segment: string,
  flags: PreviewFlags,
): Promise<Answer> {
  if (flags.sql === true) return printSql(context, segment)
  const run = await openRun(context)
  const inspect = await import('../../inspect/preview.ts')
  const found = await inspect.preview(run, {
    segment,
    limit: flags.limit,
    by: flags.by,
    overlap: flags.overlap,
    unmask: flags.unmask === true,
  })
  return {
    json: {
      segment,
      count: found.count,
      total: found.total,
      as_of: run.asOf,
      rows: found.rows.map((row) => ({ ...row })),
      by: found.by && { name: flags.by, values: found.by.map((one) => ({ ...one })) },
      overlap: overlapJson(found, flags.overlap),
    },
    text: (style) =>
      [
        `${style('bold', segment)}: ${count(found.count)} of ${count(found.total)}, as of ${run.asOf}`,
        ...sampleText(found, style),
        ...breakdownText(found, flags.by ?? '', style),
        ...overlapText(found, segment, flags.overlap ?? ''),
      ].join('\n\n'),
  }
}

async function printSql(context: CommandContext, name: string): Promise<Answer> {
  const compiling = await offlineContext(context)
  const segment = compiling.graph.project.segments.get(name)
  if (segment === undefined)
    throw new SluiceError('SLU7006', {
      message: `expected a segment of the project, found "${name}"`,
      hint: nearestHint(name, compiling.graph.project.segments.keys()),
    })
  const { segmentSteps } = await import('../../compile/segments/segment-steps.ts')
  const { renderStep } = await import('../../compile/render-step.ts')
  const text = segmentSteps(compiling, segment)
    .map((step) => `${renderStep(step, compiling.dialect)};`)
    .join('\n\n')
  return { json: { segment: name, sql: text }, text: () => plainLines(text) }
}

function overlapJson(found: Preview, segment: string | undefined) {
  if (found.overlap === undefined) return undefined
  const { other, both } = found.overlap
  return { segment, count: other, both, only_this: found.count - both, only_other: other - both }
}

function sampleText(found: Preview, style: Style): readonly string[] {
  if (found.rows.length === 0) return []
  const numeric = (name: string) => found.rows.every((row) => typeof row[name] !== 'string')
  return [
    table(
      found.columns.map((title) => ({ title, align: numeric(title) ? 'right' : 'left' })),
      found.rows.map((row) => found.columns.map((name) => cell(row[name]))),
      style,
    ),
  ]
}

function breakdownText(found: Preview, name: string, style: Style): readonly string[] {
  if (found.by === undefined) return []
  return [
    table(
      [{ title: name }, { title: 'COUNT', align: 'right' }],
      found.by.map((one) => [one.value ?? '(missing)', count(one.count)]),
      style,
    ),
  ]
}

function overlapText(found: Preview, segment: string, other: string): readonly string[] {
  if (found.overlap === undefined) return []
  const { both } = found.overlap
  return [
    `${count(both)} in both, ${count(found.count - both)} only in ${segment}, ${count(found.overlap.other - both)} only in ${other}`,
  ]
}

function cell(value: SqlValue | undefined): string {
  return value === null || value === undefined ? '' : String(value)
}
