import type { Located } from '../../base/position.ts'
import type { Condition } from '../../spec/project.ts'

/**
 * The columns that a condition names: of the rows it judges when `source` is undefined, else of that source's rows
 * in the event conditions and sequences inside.
 */
export function columnsOfCondition(
  condition: Condition,
  source: string | undefined,
): readonly Located<string>[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap((one) => columnsOfCondition(one, source))
    case 'not':
      return columnsOfCondition(condition.of, source)
    case 'column':
      return source === undefined ? [{ value: condition.name, at: condition.at }] : []
    case 'event':
      return condition.source.value === source
        ? [
            ...(condition.measure.column === undefined ? [] : [condition.measure.column]),
            ...ofWhere(condition),
          ]
        : []
    case 'sequence': {
      const steps = condition.steps.filter((step) => step.source.value === source)
      const shared = condition.same === undefined || steps.length === 0 ? [] : [condition.same]
      return [...shared, ...steps.flatMap(ofWhere)]
    }
    default:
      return []
  }
}

function ofWhere(asked: { readonly where: Condition | undefined }): readonly Located<string>[] {
  return asked.where === undefined ? [] : columnsOfCondition(asked.where, undefined)
}
