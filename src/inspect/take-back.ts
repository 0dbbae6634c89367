import type { RunContext } from '../build/run-context.ts'
import { dropTable } from '../build/swap-table.ts'
import type { CompileContext } from '../compile/context.ts'
import type { UndoneStep } from '../compile/inspect/doctor.ts'
import { statementOf } from '../compile/render-step.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/**
 * Runs the steps and takes back what they did: by what undoes each, where a transaction does not hold them.
 * Throws what the warehouse says of one that it does not let in.
 */
export async function tryAndTakeBack(
  { warehouse }: RunContext,
  { dialect }: CompileContext,
  steps: readonly UndoneStep[],
): Promise<void> {
  const takeBack = new Error('taken back')
  const done: UndoneStep[] = []
  try {
    await warehouse.transaction(async () => {
      for (const step of steps) {
        await warehouse.execute(statementOf(step, dialect))
        done.push(step)
      }
      throw takeBack
    })
  } catch (error) {
    if (error !== takeBack) throw error
  } finally {
    if (dialect.supports.transactions !== 'all') await undo(warehouse, dialect, done)
  }
}

async function undo(
  warehouse: Warehouse,
  dialect: CompileContext['dialect'],
  steps: readonly UndoneStep[],
): Promise<void> {
  for (const step of steps) {
    if (step.creates !== undefined) await dropTable(warehouse, step.creates)
    if (step.undo !== undefined) await warehouse.execute(statementOf({ ...step, query: step.undo }, dialect))
  }
}
