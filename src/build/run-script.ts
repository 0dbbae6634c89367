import { type Fragment, render } from '../dialect/fragment.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/** Statements of one purpose, none of which has an answer: one way there and back, where the engine takes them so. */
export async function runScript(
  warehouse: Warehouse,
  step: string,
  statements: readonly Fragment[],
): Promise<void> {
  const texts = statements.map((statement) => render(statement, warehouse.dialect))
  if (texts.length === 0) return
  if (warehouse.dialect.takesScripts) await warehouse.execute({ step, sql: texts.join(';\n') })
  else for (const sql of texts) await warehouse.execute({ step, sql })
}
