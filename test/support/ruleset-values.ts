import type { Ruleset } from '../../src/compile/normalize/rulesets.ts'
import type { Dialect } from '../../src/dialect/dialect.ts'
import { type Fragment, id, lit, render, sql } from '../../src/dialect/fragment.ts'
import type { SqlValue, Warehouse } from '../../src/warehouse/warehouse.ts'

/** What a ruleset makes of each text, in order; its stages have a column between them, as in a plan. */
export async function rulesetValuesOn(
  warehouse: Warehouse,
  ruleset: Ruleset,
  texts: readonly (string | null)[],
  defaultCountry: string | undefined,
): Promise<readonly SqlValue[]> {
  const values: SqlValue[] = []
  for (let from = 0; from < texts.length; from += PAGE) {
    const rows = await warehouse.read({
      step: 'rulesets',
      sql: render(
        sql`${staged(ruleset, warehouse.dialect, texts.slice(from, from + PAGE), defaultCountry)} order by n nulls last`,
        warehouse.dialect,
      ),
    })
    values.push(...rows.map((row) => row.x ?? null))
  }
  return values
}

/** As many as `read` gives. */
const PAGE = 1000

function staged(
  { stages }: Ruleset,
  { fn, fence }: Dialect,
  texts: readonly (string | null)[],
  defaultCountry: string | undefined,
): Fragment {
  const rows = texts.map((text, n) => sql`select ${n} as n, ${fn.asText(lit(text))} as x`)
  const [first = sql`select 0 as n, ${fn.asText(lit(null))} as x where 1 = 0`, ...more] = rows
  const all = more.reduce((some, row) => sql`${some}\nunion all\n${row}`, first)
  return stages(fn, { defaultCountry }).reduce(
    (inner, stage, index) =>
      sql`select n, ${stage(id('x'))} as x from (${inner}${fence}) as ${id(`s${index}`)}`,
    all,
  )
}
