import type { Dialect } from '../../src/dialect/dialect.ts'
import { type Fragment, render } from '../../src/dialect/fragment.ts'
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
