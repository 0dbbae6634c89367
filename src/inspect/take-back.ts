import type { RunContext } from '../build/run-context.ts'
import { dropTable } from '../build/swap-table.ts'
import type { CompileContext } from '../compile/context.ts'
import { statementOf } from '../compile/render-step.ts'
import type { Step } from '../compile/step.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/**
 * Runs the steps and takes back what they did: tables that they make are dropped, where a transaction does not hold them.
 * Throws what the warehouse says of one that it does not let in.
 */
export async function tryAndTakeBack(
  { warehouse }: RunContext,
  { dialect }: CompileContext,
  steps: readonly Step[],
): Promise<void> {
  const takeBack = new Error('taken back')
  const done: Step[] = []
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
    if (dialect.supports.transactions !== 'all') await dropMade(warehouse, done)
  }
}

async function dropMade(warehouse: Warehouse, steps: readonly Step[]): Promise<void> {
  for (const { creates } of steps)
    if (creates !== undefined) await dropTable(warehouse, creates).catch(() => {})
}
