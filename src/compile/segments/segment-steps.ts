import { SluiceError } from '../../base/errors.ts'
import { join, sql } from '../../dialect/fragment.ts'
import type { Segment } from '../../spec/project.ts'
import { combineInLines } from '../conditions/combine.ts'
import { planLeaves } from '../conditions/leaves.ts'
import { Expressions, idColumn } from '../conditions/statement.ts'
import type { CompileContext } from '../context.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'

/**
 * The members of a segment: one statement over the profile table. The reach tables of its events and the tables of
 * the segments that it names must stand.
 */
export function segmentSteps(context: CompileContext, segment: Segment): readonly Step[] {
  const entity = context.graph.project.entities.get(segment.entity.value)
  if (entity === undefined)
    throw new SluiceError('SLU9001', {
      message: `expected the graph to know every entity, found "${segment.entity.value}"`,
      at: segment.entity.at,
    })
  const relation = tableOf(context.tables.output(entity.name))
  const expressions = new Expressions(entity)
  const plan = planLeaves(context, { entity, relation }, [segment.where], expressions)
  const from = join([sql`from ${relation} as p`, ...plan.joins], '\n')
  const query = sql`select p.${idColumn(entity)}
${from}
where ${combineInLines(segment.where, plan.leaf)}`
  return [
    {
      name: `segment.${segment.name}`,
      summary: segment.description ?? `The members of ${segment.name}`,
      creates: context.tables.output(`segment_${segment.name}`),
      query: expressions.before(query),
      grain: `one row a ${entity.name}`,
    },
  ]
}
