import type { RunContext } from '../build/run-context.ts'
import type { CompileContext } from '../compile/context.ts'
import { statementOf } from '../compile/render-step.ts'
import type { Step } from '../compile/step.ts'

/** Runs the steps and takes back what they did. Throws what the warehouse says of one that it does not let in. */
export async function tryAndTakeBack(
  { warehouse }: RunContext,
  { dialect }: CompileContext,
  steps: readonly Step[],
): Promise<void> {
  const takeBack = new Error('taken back')
  try {
    await warehouse.transaction(async () => {
      for (const step of steps) await warehouse.execute(statementOf(step, dialect))
      throw takeBack
    })
  } catch (error) {
    if (error !== takeBack) throw error
  }
}
