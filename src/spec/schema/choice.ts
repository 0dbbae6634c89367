import * as z from 'zod'
import type { Problem } from '../problem.ts'

/** Chooses the option that a value is meant to be; without one it reports why. */
export type PickOption = (value: unknown, report: (problem: Problem) => void) => z.ZodType | undefined

interface ChoiceDefinition extends z.core.$ZodUnionDef {
  readonly pick: PickOption
}

const Union: z.core.$constructor<z.ZodUnion> = z.ZodUnion

/**
 * A union whose option is chosen by looking at the value, as zod's own discriminated union does by one key. A plain
 * union would try every option and blame all of them; this one gives the errors of the option that was meant.
 */
const Choice: z.core.$constructor<z.ZodUnion, ChoiceDefinition> = z.core.$constructor(
  'SluiceChoice',
  (instance, definition) => {
    Union.init(instance, definition)
    instance._zod.parse = (payload, context) => {
      const report = (problem: Problem) => {
        payload.issues.push(rawIssue(problem, payload.value))
      }
      const option = definition.pick(payload.value, report)
      return option === undefined ? payload : option._zod.run(payload, context)
    }
  },
)

export function choice<T>(options: readonly z.ZodType[], pick: PickOption): z.ZodType<T, T> {
  return new Choice({ type: 'union', options, inclusive: true, pick }) as unknown as z.ZodType<T, T>
}

/** A problem of our own as an issue of zod; `issues.ts` reads it back. */
export function rawIssue(problem: Problem, input: unknown): z.core.$ZodRawIssue {
  return {
    code: 'custom',
    message: 'problem',
    input,
    path: [...(problem.path ?? [])],
    params: { problem },
    continue: true,
  }
}
