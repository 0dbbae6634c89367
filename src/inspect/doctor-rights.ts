import { SluiceError } from '../base/errors.ts'
import { compileContext } from '../build/compile-context.ts'
import { publishedTables } from '../build/published-tables.ts'
import type { RunContext } from '../build/run-context.ts'
import type { CompileContext } from '../compile/context.ts'
import { deniedSteps, writableElsewhereStep } from '../compile/inspect/doctor.ts'
import { statementOf } from '../compile/render-step.ts'
import type { Step } from '../compile/step.ts'
import type { Row } from '../warehouse/warehouse.ts'
import { type Check, check } from './doctor-check.ts'

/**
 * Proves that the user of the target can write to the state schema only: by what the warehouse says of its rights on
 * everything, and by trying on the sources. What is tried changes no row, and is taken back where it is let in.
 */
export function deniedCheck(run: RunContext): Promise<Check> {
  const context = compileContext(run, publishedTables(run).tables)
  return check('rights elsewhere', async () => {
    const listing = writableElsewhereStep(context)
    if (listing === undefined)
      return {
        status: 'warning',
        message: `cannot be told: ${context.dialect.name} gives no rights to users`,
        hint: 'who may write its file may do all: keep it where only Sluice writes',
      }
    const places = await run.warehouse.read(statementOf(listing, context.dialect))
    const steps = deniedSteps(context)
    const letIn = await triedAll(run, context, steps)
    if (places.length > 0 || letIn.length > 0) throw tooMany(run, places, letIn)
    return {
      message: `the user may write to ${run.target.stateSchema} only; ${steps.length} writes elsewhere were tried and refused`,
    }
  })
}

/** The steps that were let in. */
async function triedAll(
  run: RunContext,
  context: CompileContext,
  steps: readonly Step[],
): Promise<readonly Step[]> {
  const letIn: Step[] = []
  for (const step of steps) if (await isLetIn(run, context, step)) letIn.push(step)
  return letIn
}

/** Refused for another reason than a missing right, as a view is that nothing can be deleted from: not let in either. */
async function isLetIn(run: RunContext, context: CompileContext, step: Step): Promise<boolean> {
  const takeBack = new Error('taken back')
  try {
    await run.warehouse.transaction(async () => {
      await run.warehouse.execute(statementOf(step, context.dialect))
      throw takeBack
    })
  } catch (error) {
    if (error === takeBack) return true
    if (!(error instanceof SluiceError) || error.kind === 'bug') throw error
  }
  return false
}

function tooMany(run: RunContext, places: readonly Row[], letIn: readonly Step[]): SluiceError {
  const told = [
    ...places.map(({ what, name, rights }) => `${String(rights)} on ${String(what)} ${String(name)}`),
    ...letIn.map(({ name }) => `${name} was let in`),
  ]
  const more = told.length > TOLD ? ` and ${told.length - TOLD} more` : ''
  return new SluiceError('SLU3019', {
    message: `expected the user to write to the schema ${run.target.stateSchema} only, found ${told.slice(0, TOLD).join('; ')}${more}`,
    hint: 'take these rights from the user and its roles, or give the target a user with no others than: sluice doctor --grants',
  })
}

const TOLD = 5
