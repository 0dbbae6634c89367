import { tableOf } from '../compile/sources/relation.ts'
import type { Step } from '../compile/step.ts'
import type { TableName } from '../dialect/dialect.ts'
import { sql } from '../dialect/fragment.ts'

/** `records`: how many rows a table has. */
export function countStep(table: TableName): Step {
  return {
    name: 'build.count',
    summary: `Rows of ${table.name}`,
    creates: undefined,
    grain: 'one row',
    query: sql`select count(*) as records from ${tableOf(table)}`,
  }
}
