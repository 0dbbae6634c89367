import type { Ruleset } from '../../src/compile/normalize/rulesets.ts'
import { type Fragment, id, join, lit, render, sql } from '../../src/dialect/fragment.ts'
import type { SqlValue, Warehouse } from '../../src/warehouse/warehouse.ts'

/** What a ruleset makes of each text, in order. */
export async function rulesetValuesOn(
  warehouse: Warehouse,
  ruleset: Ruleset,
  texts: readonly (string | null)[],
  defaultCountry: string | undefined,
): Promise<readonly SqlValue[]> {
  const { fn } = warehouse.dialect
  const rows = texts.map((text, n) => sql`select ${n} as n, ${fn.asText(lit(text))} as x`)
  return rulesetValuesOf(warehouse, ruleset, join(rows, '\nunion all\n'), defaultCountry)
}

/** Of a select of `n` and `x`, at most a thousand rows; the stages have a column between them, as in a plan. */
export async function rulesetValuesOf(
  warehouse: Warehouse,
  ruleset: Ruleset,
  texts: Fragment,
  defaultCountry: string | undefined,
): Promise<readonly SqlValue[]> {
  const { fn, fence } = warehouse.dialect
  const staged = ruleset
    .stages(fn, { defaultCountry })
    .reduce(
      (inner, stage, index) =>
        sql`select n, ${stage(id('x'))} as x from (${inner}${fence}) as ${id(`s${index}`)}`,
      texts,
    )
  const rows = await warehouse.read({
    step: 'rulesets',
    sql: render(sql`${staged} order by n nulls last`, warehouse.dialect),
  })
  return rows.map((row) => row.x ?? null)
}
