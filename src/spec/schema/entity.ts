import * as z from 'zod'
import { readsVariables } from '../forms/env-text.ts'
import { isReservedField } from '../reserved.ts'
import { candidateRule } from './candidates.ts'
import { choice } from './choice.ts'
import {
  columnName,
  country,
  definitionShape,
  expecting,
  nameOf,
  nameText,
  pii,
  positiveInteger,
  purposes,
  type RawSql,
  sql,
} from './common.ts'
import { pickByKey } from './keyed.ts'
import { object } from './object.ts'
import { pattern } from './test.ts'

export type RawEntity = z.input<typeof entity>
export type RawRule = z.input<typeof rule>

export type RawIdentifierValue =
  | string
  | readonly string[]
  | { readonly any: readonly RawIdentifierValue[] }
  | { readonly sql: RawSql }

const PICKS = ['most_recent', 'most_frequent', 'first_source', 'min', 'max', 'longest'] as const
const NORMALIZERS = ['none', 'email', 'phone', 'text'] as const

/** A value that a thousand records share is a placeholder or a switchboard, not a person. */
export const DEFAULT_MAX_RECORDS = 1000

/** `source.column`; the source is a name, so everything after the first dot is the column. */
export const columnReference = z
  .string(expecting('column_reference'))
  .regex(/^[a-z][a-z0-9_]{0,39}\.[^.\s].*$/, { ...expecting('column_reference'), abort: true })
  .refine((value) => !readsVariables(value), expecting('no_variables'))

/** `source:record_id`; whatever stands after the first colon is the key. */
const recordReference = z
  .string(expecting('record_reference'))
  .regex(/^[a-z][a-z0-9_]{0,39}:[\s\S]+$/, { ...expecting('record_reference'), abort: true })
  .refine((value) => !readsVariables(value), expecting('no_variables'))

const composite = z.array(columnName, expecting('list')).min(1, expecting('filled_list'))
const byQuery = object({ sql: sql.meta({ description: 'An expression over the columns of the source.' }) })
const single = identifierValueOf([columnName, composite, byQuery])
const several = object({
  any: z
    .array(single, expecting('list'))
    .min(1, expecting('filled_list'))
    .meta({ description: 'Several values of one type.' }),
})
const identifierValue = identifierValueOf([columnName, composite, byQuery, several])

const records = object({
  source: nameOf('sources').meta({ description: 'A source whose rows are records of the entity.' }),
  ids: z
    .record(nameText, identifierValue)
    .refine((ids) => Object.keys(ids).length > 0, expecting('filled_mapping'))
    .meta({ description: 'Identifier type -> the column that holds it.' }),
  facts: z.record(nameText, single).optional().meta({
    description: 'What else is known of a record, for `candidates`: a name -> the column that holds it.',
  }),
})

const rule = object(
  {
    normalize: z
      .enum(NORMALIZERS)
      .optional()
      .meta({ description: 'How values are made comparable.', default: 'none' }),
    default_country: country,
    ignore: z
      .array(z.string(expecting('text')), expecting('list'))
      .optional()
      .meta({
        description: 'Values that identify nobody; compared after normalising.',
      }),
    ignore_patterns: z.array(pattern, expecting('list')).optional().meta({
      description: 'RE2 patterns of such values.',
    }),
    max_records: positiveInteger
      .optional()
      .meta({ description: 'A value held by more records links nothing.', default: DEFAULT_MAX_RECORDS }),
    max_per_entity: positiveInteger
      .optional()
      .meta({ description: 'Most values of this type in one entity.' }),
    priority: z
      .int(expecting('integer'))
      .optional()
      .meta({ description: 'Which type is believed first; 1 before 2.' }),
  },
  {
    needs: { default_country: ['normalize'] },
    also: (value, report) => {
      const { normalize } = value
      if (!Object.hasOwn(value, 'default_country') || normalize === 'phone') return
      if (!NORMALIZERS.some((known) => known === normalize)) return
      const expected = '"normalize: phone" beside "default_country"'
      const found = `"${normalize}"`
      report({ kind: 'said', code: 'SLU1007', expected, found, mark: 'value', path: ['normalize'] })
    },
  },
)

const identity = object({
  from: z.array(records, expecting('list')).min(1, expecting('filled_list')).meta({
    description: 'The records, and which identifiers each carries.',
  }),
  identifiers: z.record(nameText, rule).optional().meta({
    description: 'Rules by identifier type; one not listed has the defaults.',
  }),
  max_entity_size: positiveInteger.optional().meta({ description: 'Most records in one entity.' }),
  block: z
    .array(z.array(recordReference, expecting('list')).min(2, expecting('two_records')), expecting('list'))
    .optional()
    .meta({ description: 'Lists of records, as source:record_id, of which no two are ever one entity.' }),
  candidates: z
    .array(candidateRule, expecting('list'))
    .optional()
    .meta({ description: 'How records that look alike are found; off without a rule.' }),
})

const field = object({
  from: z.array(columnReference, expecting('list')).min(1, expecting('filled_list')).meta({
    description: 'source.column, in order of preference.',
  }),
  pick: z.enum(PICKS).optional().meta({ description: 'Which value wins.', default: 'most_recent' }),
  purposes: purposes.optional(),
  pii: pii.optional().meta({ description: 'The kind of personal data, or none.' }),
})

export const entity = object(
  {
    name: nameText.meta({ description: 'What a profile is about, such as customer.' }),
    identity: identity.optional().meta({ description: 'How records are stitched into entities.' }),
    source: nameOf('sources').optional().meta({ description: 'Of an entity that needs no stitching.' }),
    key: columnName.optional().meta({ description: 'The column of `source` that is its id.' }),
    profile: z
      .record(nameText, field)
      .optional()
      .meta({ description: 'The golden record: field -> where it comes from.' }),
    ...definitionShape,
  },
  {
    one: [{ keys: ['identity', 'source'] }],
    needs: { key: ['source'], source: ['key'] },
    also: (value, report) => {
      for (const key of Object.keys(value.profile ?? {}))
        if (isReservedField(String(value.name), key))
          report({
            kind: 'said',
            code: 'SLU1006',
            expected: 'another name for the field',
            found: `"${key}", which is the column of the entity's id`,
            mark: 'key',
            path: ['profile', key],
          })
    },
  },
)

function identifierValueOf(options: readonly z.ZodType[]): z.ZodType<RawIdentifierValue, RawIdentifierValue> {
  const [column, list, query, any] = options
  const kinds = { ...(query && { sql: query }), ...(any && { any }) }
  const mappings = pickByKey({ kinds, otherwise: 'identifier_value' })
  return choice<RawIdentifierValue>(options, (value, report) => {
    if (typeof value === 'string') return column
    if (Array.isArray(value)) return list
    return mappings(value, report)
  })
}
