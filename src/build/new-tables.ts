import { shortHash } from '../base/short-hash.ts'
import type { TableName } from '../dialect/dialect.ts'
import { lit, render, sql } from '../dialect/fragment.ts'
import type { RunContext } from './run-context.ts'
import { runScript } from './run-script.ts'

/**
 * The table that an output is built in, beside the published one. Where a statement of a run that lost its lease could
 * still arrive, each run has names of its own, so that it finds no table of another.
 */
export function newTable(run: RunContext, runId: string, logicalName: string): TableName {
  const { transactions } = run.warehouse.dialect.supports
  const own = transactions === 'all' ? '' : `_${shortHash(runId)}`
  return { schema: run.target.stateSchema, name: `${logicalName}${NEW}${own}` }
}

/** No output's name has it inside (`spec/reserved.ts` sees to the end of names). */
const NEW = '__new'

/** Of builds that were killed; whoever holds the lease is the only one who builds. */
export async function dropLeftovers(run: RunContext): Promise<void> {
  const { warehouse } = run
  const { fn, table, supports } = warehouse.dialect
  const schema = run.target.stateSchema
  const left =
    supports.transactions === 'all'
      ? fn.endsWith(sql`name`, lit(NEW))
      : fn.contains(sql`name`, lit(`${NEW}_`))
  const listed = sql`select name from (${table.list(schema)}) as listed
where ${left}
limit ${LEFTOVERS_AT_ONCE}`
  for (;;) {
    const rows = await warehouse.read({ step: 'build.leftovers', sql: render(listed, warehouse.dialect) })
    const drops = rows.map((row) => table.dropIfExists({ schema, name: String(row.name) }))
    await runScript(warehouse, 'build.drop_leftovers', drops)
    if (rows.length < LEFTOVERS_AT_ONCE) return
  }
}

const LEFTOVERS_AT_ONCE = 500
