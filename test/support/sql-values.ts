import type { Dialect } from '../../src/dialect/dialect.ts'
import { type Fragment, id, render } from '../../src/dialect/fragment.ts'
import type { SqlValue, Warehouse } from '../../src/warehouse/warehouse.ts'

/** What the expressions are on this engine, in order, in one statement a hundred of them. */
export async function valuesOn(
  warehouse: Warehouse,
  expressions: readonly ((dialect: Dialect) => Fragment)[],
): Promise<readonly SqlValue[]> {
  const values: SqlValue[] = []
  for (let from = 0; from < expressions.length; from += 100) {
    const some = expressions.slice(from, from + 100)
    const columns = some.map(
      (expression, index) => `${render(expression(warehouse.dialect), warehouse.dialect)} as v${index}`,
    )
    const [row] = await warehouse.read({ step: 'values', sql: `select ${columns.join(',\n')}` })
    values.push(...some.map((_, index) => row?.[`v${index}`] ?? null))
  }
  return values
}

/** What an expression over a column `x` gives for each text, cast to the column's type first; in order, and fast. */
export async function mapOn(
  warehouse: Warehouse,
  texts: readonly string[],
  expression: (dialect: Dialect, x: Fragment) => Fragment,
  type: keyof Pick<Dialect['types'], 'text' | 'float'> = 'text',
): Promise<readonly SqlValue[]> {
  const { dialect } = warehouse
  const values: SqlValue[] = []
  for (let from = 0; from < texts.length; from += PAGE) {
    const rows = texts.slice(from, from + PAGE).map((text, index) => `(${index}, ${dialect.literal(text)})`)
    const typed = `select n, cast(x as ${dialect.types[type]}) as x from (values ${rows.join(', ')}) as t(n, x)`
    const mapped = render(expression(dialect, id('x')), dialect)
    const found = await warehouse.read({
      step: 'values',
      sql: `select ${mapped} as found from (${typed}) as typed order by n`,
    })
    values.push(...found.map((row) => row.found ?? null))
  }
  return values
}

/** As many as `read` gives. */
const PAGE = 1000
