import * as z from 'zod'
import { nearest } from '../../base/nearest.ts'
import type { Problem } from '../problem.ts'
import { choice } from './choice.ts'
import { definitionShape, envText, expecting, nameText, positiveInteger, text } from './common.ts'
import { condition, type RawCondition } from './condition.ts'
import { pickByKey } from './keyed.ts'
import { object } from './object.ts'

export type RawDestination = z.input<typeof destination>

export type RawSetting =
  | string
  | number
  | boolean
  | readonly RawSetting[]
  | { readonly [key: string]: RawSetting }

const required = object({
  require: condition.meta({
    description: 'Missing is no: such rows are held, and removed where they were sent.',
  }),
})

export const consent = choice<{ readonly require: RawCondition }>(
  [required],
  pickByKey({
    kinds: { require: required },
    otherwise: 'consent',
    explain: (keys) => (keys.some((key) => nearest(key, ['require'])) ? undefined : NO_REQUIRE),
  }),
).meta({ description: 'Who may be sent at all.' })

/** The condition alone, as `where` takes it, is the likely mistake. */
const NO_REQUIRE: Problem = {
  kind: 'missing',
  keys: ['require'],
  anyTypo: true,
  hint: 'write it as consent: {require: CONDITION}',
}

const limits = object({
  requests_per_second: z.number(expecting('rate')).positive(expecting('rate')).optional().meta({
    description: 'Of all syncs of the account together; without it the limit is learned.',
  }),
  in_flight: positiveInteger.optional().meta({ description: 'Requests at once; default 8.', default: 8 }),
}).meta({ description: "How fast it may be asked; the connector's own limits hold too." })

export const destination = object({
  name: nameText.meta({ description: 'A configured account of an API.' }),
  connector: text.meta({ description: 'The code for the API; `sluice connectors ls` lists them.' }),
  settings: settingsOf(envText).optional().meta({ description: 'See `sluice connectors show NAME`.' }),
  consent: consent.optional(),
  purpose: nameText.optional().meta({ description: 'What the data is sent for.' }),
  limits: limits.optional(),
  ...definitionShape,
})

/** Settings are checked against the connector's manifest by `graph`; here only that they are plain data. */
export function settingsOf(
  string: z.ZodType<string, string>,
): z.ZodType<Record<string, RawSetting>, Record<string, RawSetting>> {
  const any: z.ZodType<RawSetting, RawSetting> = z.lazy(() => setting)
  const number = z.number(expecting('setting'))
  const boolean = z.boolean(expecting('setting'))
  const list = z.array(any)
  const map = z.record(text, any)
  const setting = choice<RawSetting>([string, number, boolean, list, map], (value, report) => {
    if (typeof value === 'string') return string
    if (typeof value === 'number') return number
    if (typeof value === 'boolean') return boolean
    if (Array.isArray(value)) return list
    if (typeof value === 'object' && value !== null) return map
    report({ kind: 'expected', key: 'setting' })
    return undefined
  })
  return z.record(text, any)
}
