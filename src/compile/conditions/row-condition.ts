import { SluiceError } from '../../base/errors.ts'
import type { Fragment } from '../../dialect/fragment.ts'
import type { Condition } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { type ReachTable, reachedColumn, reachedSql } from '../reach/reach-table.ts'
import { combine } from './combine.ts'
import { testOf } from './test.ts'

/** A condition of one reached row, `r`; true when it holds, else false or null. */
export function rowCondition(context: CompileContext, table: ReachTable, condition: Condition): Fragment {
  return combine(condition, (leaf) => {
    if (leaf.kind === 'column')
      return testOf(context, reachedColumn(context, table, leaf.name), leaf.test, leaf.at)
    if (leaf.kind === 'sql') return reachedSql(context, leaf.sql)
    throw new SluiceError('SLU4308', {
      message: `expected a condition of a row's columns, found one of kind "${leaf.kind}"`,
      at: leaf.at,
    })
  })
}
