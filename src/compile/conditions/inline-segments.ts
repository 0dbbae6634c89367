import { SluiceError } from '../../base/errors.ts'
import type { Graph } from '../../graph/graph.ts'
import type { Condition } from '../../spec/project.ts'

/**
 * The condition with every segment in it replaced by that segment's own condition: a trait is built before the
 * segments of its entity are. The graph has refused segments that need each other, and names that are none.
 */
export function withSegmentsInside(
  graph: Graph,
  condition: Condition,
  outer: readonly string[] = [],
): Condition {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return { ...condition, of: condition.of.map((one) => withSegmentsInside(graph, one, outer)) }
    case 'not':
      return { ...condition, of: withSegmentsInside(graph, condition.of, outer) }
    case 'segment': {
      const segment = graph.project.segments.get(condition.name)
      if (segment === undefined)
        throw new SluiceError('SLU9001', {
          message: `expected the graph to know every segment, found "${condition.name}"`,
          at: condition.at,
        })
      if (outer.includes(condition.name))
        throw new SluiceError('SLU9001', {
          message: `expected the graph to refuse segments that need each other, found ${[...outer, condition.name].join(' -> ')}`,
          at: condition.at,
        })
      return withSegmentsInside(graph, segment.where, [...outer, condition.name])
    }
    default:
      return condition
  }
}
