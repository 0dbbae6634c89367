import { sql } from '../../../dialect/fragment.ts'
import type { Step } from '../../step.ts'
import { fileStep, textLiteral } from '../scope.ts'
import type { GuardParts } from './guard-parts.ts'
import { ALONE, mostOf, RECORDS } from './limits.ts'

/** What the passes found: the cluster of each record, and what was refused. */
export function finalSteps(parts: GuardParts, passes: number): readonly Step[] {
  return [labelsStep(parts, passes), refusedStep(parts)]
}

function labelsStep({ scope }: GuardParts, passes: number): Step {
  return fileStep(
    scope,
    {
      name: 'guard_labels',
      summary: 'The entity of each record whose component was over a limit',
      grain: 'one row a record',
      creates: scope.temporary('guard_labels'),
    },
    'guard_labels',
    {
      guarded: scope.temporary('guarded'),
      labels: scope.temporary(passes > 1 ? 'guard_path_1' : 'guard_moves_1'),
    },
  )
}

function refusedStep({ scope, limits }: GuardParts): Step {
  const { fn } = scope.context.dialect
  const reason = (text: string) => textLiteral(scope.context, text)
  return fileStep(
    scope,
    {
      name: 'guard_refused',
      summary: 'Values that were refused because of a limit',
      grain: 'one row an identifier value and reason',
      creates: scope.temporary('guard_refused'),
    },
    'guard_refused',
    {
      asks: scope.temporary('guard_asks_0'),
      holds: scope.temporary('guard_holds_0'),
      labels: scope.temporary('guard_labels'),
      values: scope.temporary('guard_values'),
      alone: scope.temporary('guard_alone'),
      records: fn.asInteger(sql`${RECORDS}`),
      most: mostOf(limits, sql`t`),
      reason: sql`case when t > ${RECORDS} then ${reason('max_per_entity')} when t = ${RECORDS} then ${reason('max_entity_size')} else ${reason('block')} end`,
      alone_reason: reason(ALONE),
    },
  )
}
