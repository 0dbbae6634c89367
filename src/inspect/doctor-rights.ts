import { SluiceError } from '../base/errors.ts'
import { compileContext } from '../build/compile-context.ts'
import { publishedTables } from '../build/published-tables.ts'
import type { RunContext } from '../build/run-context.ts'
import type { CompileContext } from '../compile/context.ts'
import { deniedSteps, type UndoneStep, writableElsewhereStep } from '../compile/inspect/doctor.ts'
import { statementOf } from '../compile/render-step.ts'
import type { Step } from '../compile/step.ts'
import type { Row } from '../warehouse/warehouse.ts'
import { type Check, check } from './doctor-check.ts'
import { tryAndTakeBack } from './take-back.ts'

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
    const answers: Answer[] = []
    for (const step of steps) answers.push(await answerTo(run, context, step))
    const letIn = steps.filter((_, at) => answers[at] === 'let in')
    if (places.length > 0 || letIn.length > 0) throw tooMany(run, places, letIn)
    const refused = answers.filter((one) => one === 'refused').length
    return {
      message: `the user may write to ${run.target.stateSchema} only; ${refused} writes elsewhere were tried and refused`,
    }
  })
}

type Answer = 'let in' | 'refused' | 'cannot be'

/** For want of a right, or for another reason: nothing can be deleted from some views, whoever tries. */
async function answerTo(run: RunContext, context: CompileContext, step: UndoneStep): Promise<Answer> {
  try {
    await tryAndTakeBack(run, context, [step])
    return 'let in'
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    if (error.code === 'SLU3002') return 'refused'
    if (error.code === 'SLU3017') return 'cannot be'
    throw error
  }
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
