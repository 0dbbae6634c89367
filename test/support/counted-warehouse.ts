import type { Statement, Warehouse } from '../../src/warehouse/warehouse.ts'

/** A warehouse that notes the step of each statement of its session, transactions as `begin` and `commit`. */
export function counted(warehouse: Warehouse): { readonly warehouse: Warehouse; readonly steps: string[] } {
  const steps: string[] = []
  const noted =
    <Given extends readonly unknown[], Result>(run: (statement: Statement, ...given: Given) => Result) =>
    (statement: Statement, ...given: Given): Result => {
      steps.push(statement.step)
      return run(statement, ...given)
    }
  return {
    steps,
    warehouse: {
      ...warehouse,
      execute: noted((statement) => warehouse.execute(statement)),
      read: noted((statement) => warehouse.read(statement)),
      stream: noted((statement) => warehouse.stream(statement)),
      describe: noted((statement) => warehouse.describe(statement)),
      version: () => {
        steps.push('version')
        return warehouse.version()
      },
      transaction: (work) =>
        warehouse.transaction(async () => {
          steps.push('begin')
          const result = await work()
          steps.push('commit')
          return result
        }),
    },
  }
}
