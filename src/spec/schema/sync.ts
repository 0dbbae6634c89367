import * as z from 'zod'
import { isCron } from '../forms/cron.ts'
import { DURATION } from '../forms/duration.ts'
import { PERCENT } from '../forms/limit.ts'
import { choice } from './choice.ts'
import {
  boolean,
  country,
  definitionShape,
  envText,
  expecting,
  literal,
  nameOf,
  nameText,
  pastWindow,
  type RawLiteral,
  type RawSql,
  refersTo,
  sql,
  text,
} from './common.ts'
import { consent, settingsOf } from './destination.ts'
import { pickByKey } from './keyed.ts'
import { object } from './object.ts'

export type RawSync = z.input<typeof sync>

export type RawMapping = string | { readonly value: RawLiteral | null } | { readonly sql: RawSql }

const MODES = ['insert', 'update', 'upsert', 'mirror'] as const

const name = text.meta(refersTo('values'))
const fixed = object({
  value: z.union([literal, z.null()], expecting('literal')).meta({ description: 'The same for every row.' }),
})
const computed = object({
  sql: sql.meta({ description: 'An expression; {name} is a trait or profile field.' }),
})
const notAName = pickByKey({ kinds: { value: fixed, sql: computed }, otherwise: 'mapping_value' })
const mapping = choice<RawMapping>([name, fixed, computed], (value, report) =>
  typeof value === 'string' ? name : notAName(value, report),
)
const mappings = z.record(text, mapping)

export type RawIdentifier =
  | string
  | readonly string[]
  | { readonly sql: RawSql; readonly default_country?: string | undefined }
  | { readonly values: string | readonly string[]; readonly default_country?: string | undefined }

const nameList = z.array(name, expecting('list')).min(1, expecting('filled_list'))
const names = choice<string | readonly string[]>([name, nameList], (value) =>
  Array.isArray(value) ? nameList : name,
)
const several = object({
  values: names.meta({ description: 'One name, or several: all of their values are sent.' }),
  default_country: country,
})
const computedIdentifier = object({
  sql: sql.meta({ description: 'An expression; {name} is a trait or profile field.' }),
  default_country: country,
})
const notAList = pickByKey({
  kinds: { values: several, sql: computedIdentifier },
  otherwise: 'sent_identifier',
})
const identifier = choice<RawIdentifier>([name, nameList, several, computedIdentifier], (value, report) => {
  if (typeof value === 'string') return name
  return Array.isArray(value) ? nameList : notAList(value, report)
})

const limit = z.union(
  [z.string().regex(PERCENT, expecting('limit')), z.int(expecting('limit')).min(0, expecting('limit'))],
  expecting('limit'),
)

const duration = z.string(expecting('duration')).regex(DURATION, expecting('duration'))

const guard = object({
  max_remove: limit.optional().meta({ description: 'Default 20%, not below 10 removes.' }),
  max_change: limit.optional().meta({ description: 'Changes only; no default.' }),
  min_rows: z.int(expecting('not_negative')).min(0, expecting('not_negative')).optional().meta({
    description: 'Least rows of the model; default 1 once something was sent.',
  }),
  max_held: limit.optional().meta({ description: 'Rows that must not be sent; no default.' }),
  max_rejected: limit.optional().meta({ description: 'Default 1%, at least 10 rows.' }),
})

const tolerances = z
  .record(text, z.number(expecting('tolerance')).min(0, expecting('tolerance')))
  .refine((fields) => Object.keys(fields).length > 0, expecting('filled_mapping'))

const backfill = object({
  order_by: text.meta({ ...refersTo('values'), description: 'A value of the row; missing ones come last.' }),
  descending: boolean.optional().meta({ description: 'The greatest first.', default: false }),
})

export const sync = object(
  {
    name: nameText.meta({ description: 'Names its snapshot; see renamed_from.' }),
    segment: nameOf('segments').optional().meta({ description: 'Send the members of this segment.' }),
    entity: nameOf('entities').optional().meta({ description: 'Send every profile of this entity.' }),
    source: nameOf('sources').optional().meta({ description: 'Send the rows of this source.' }),
    to: z
      .string(expecting('object_reference'))
      .regex(/^[a-z][a-z0-9_]{0,39}\.[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, expecting('object_reference'))
      .meta({ ...refersTo('objects'), description: 'destination.object, such as crm.contacts.' }),
    mode: z.enum(MODES).optional().meta({ description: 'How the destination changes.', default: 'upsert' }),
    match: mappings
      .refine((fields) => Object.keys(fields).length > 0, expecting('filled_mapping'))
      .meta({ description: "The row's key: destination field <- value." }),
    map: mappings.optional().meta({ description: 'destination field <- value.' }),
    identifiers: z
      .record(text, identifier)
      .refine((fields) => Object.keys(fields).length > 0, expecting('filled_mapping'))
      .optional()
      .meta({
        description:
          "What finds people at an ad platform, hashed in the warehouse: a type of the entity's identity (all its values) or a value.",
      }),
    on_remove: z.enum(['nothing', 'clear', 'delete']).optional().meta({
      description: 'What becomes of one that leaves; mirror implies delete.',
      default: 'nothing',
    }),
    nulls: z
      .enum(['clear', 'skip'])
      .optional()
      .meta({ description: 'What a missing value does.', default: 'clear' }),
    schedule: z
      .string(expecting('cron'))
      .refine(isCron, expecting('cron'))
      .optional()
      .meta({ description: 'Five cron fields; without it due at every run, never in serve.' }),
    guard: guard.optional().meta({ description: 'Limits that stop a run before it sends.' }),
    within: pastWindow
      .optional()
      .meta({ description: 'Of mode insert on events: how far back; default 7 days.' }),
    backfill: backfill
      .optional()
      .meta({ description: 'The order in which the first run sends; later ones send by key.' }),
    fields: z.enum(['all', 'changed']).optional().meta({
      description:
        'What is sent of a changed row: every mapped field, or those that differ from what was sent last.',
      default: 'all',
    }),
    tolerance: tolerances.optional().meta({
      description:
        'mapped field: a number. Moves of at most it since the value that was sent last are no change.',
    }),
    resync: pastWindow
      .optional()
      .meta({ description: 'Rows that were sent longer ago are sent again, changed or not.' }),
    renamed_from: nameText.optional().meta({ description: 'The former name: takes its snapshot over.' }),
    consent: consent.optional(),
    purpose: nameText.optional().meta({ description: 'What the data is sent for.' }),
    resume_within: duration.optional().meta({ description: 'How old a plan may be resumed.', default: '1h' }),
    async_wait: duration.optional().meta({ description: 'How long a run waits for jobs.', default: '10m' }),
    settings: settingsOf(envText).optional().meta({ description: 'Of the object, such as the audience.' }),
    ...definitionShape,
  },
  {
    one: [{ keys: ['segment', 'entity', 'source'] }],
    also: (value, report) => {
      const { mode, on_remove: onRemove } = value
      if (mode !== 'mirror' || (onRemove !== 'nothing' && onRemove !== 'clear')) return
      const hint = 'take on_remove out, or use mode: upsert'
      const said = {
        kind: 'said',
        code: 'SLU1007',
        expected: '"on_remove: delete" with "mode: mirror"',
      } as const
      report({ ...said, found: `"${onRemove}"`, hint, mark: 'value', path: ['on_remove'] })
    },
  },
)
