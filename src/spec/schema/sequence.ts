import * as z from 'zod'
import { isMapping } from '../mapping.ts'
import type { Problem } from '../problem.ts'
import { expecting, nameOf, pastWindow, text } from './common.ts'
import { object } from './object.ts'

/** Given the schema of a step's `where`, which is a condition itself. */
export function sequenceOf(row: z.ZodType) {
  const step = object(
    {
      event: nameOf('sources').optional().meta({ description: 'An event of this source.' }),
      no_event: nameOf('sources').optional().meta({ description: 'No event of this source.' }),
      within: pastWindow.optional().meta({ description: 'At most this long after the step before.' }),
      where: row.optional().meta({ description: 'Only events whose columns say so.' }),
    },
    { one: [{ keys: ['event', 'no_event'] }] },
  )
  return object(
    {
      sequence: z
        .array(step, expecting('list'))
        .min(1, expecting('filled_list'))
        .meta({ description: 'Steps in order of time.' }),
      same: text.optional().meta({ description: 'A column whose value all steps share.' }),
    },
    { also: judgeSequence },
  )
}

/** The first step starts the sequence; a `no_event` without a window needs a later event to end it. */
function judgeSequence(value: Readonly<Record<string, unknown>>, report: (problem: Problem) => void): void {
  const steps: readonly unknown[] = Array.isArray(value.sequence) ? value.sequence : []
  const has = (index: number, key: string) => {
    const step = steps[index]
    return isMapping(step) && Object.hasOwn(step, key)
  }
  const complain = (index: number, key: string, expected: string, found: string, hint?: string) => {
    const path = ['sequence', index, key]
    report({ kind: 'said', code: 'SLU1009', expected, found, hint, mark: 'key', path })
  }
  if (has(0, 'no_event')) complain(0, 'no_event', 'an "event" as the first step', '"no_event"')
  else if (has(0, 'within')) complain(0, 'within', 'no "within" in the first step', 'one', FIRST_WITHIN)
  for (const index of steps.keys()) {
    if (index === 0 || !has(index, 'no_event') || has(index, 'within') || has(index + 1, 'event')) continue
    complain(index, 'no_event', '"within" in a "no_event" that no event follows', 'none')
  }
}

const FIRST_WITHIN = "a step's window starts at the step before it"
