import type { DialectName } from '../../../src/dialect/dialect.ts'
import type { Token } from '../tokens.ts'

/** Words in a row that one warehouse does not take, by its manual, whatever the others do. */
export function lackingIn(dialect: DialectName, code: readonly Token[]): readonly string[] {
  const words = code.map(({ kind, text }) =>
    kind === 'name' || kind === 'literal' ? '?' : text.toLowerCase(),
  )
  const lacking = (LACKING[dialect] ?? []).map((form) => form.split(' '))
  return words.flatMap((_, at) =>
    lacking
      .filter((form) => form.every((word, index) => words[at + index] === word))
      .map((form) => `${dialect} has no ${form.join(' ')}`),
  )
}

const CLOUD = [
  'on conflict',
  'returning',
  'distinct on',
  'create index',
  'materialized',
  'collate',
  'ctid',
  'rowid',
]

const LACKING: Readonly<Partial<Record<string, readonly string[]>>> = {
  postgres: [
    'qualify',
    'create or replace table',
    'try_cast (',
    'max_by (',
    'min_by (',
    'count_if (',
    'asof join',
  ],
  redshift: [
    ...CLOUD,
    'is distinct from',
    'when matched and',
    'when not matched and',
    'is not distinct from',
    'filter (',
    'array_agg (',
    'string_agg (',
    'lateral',
    'as text )',
    'create temp view',
    'nologin',
    ': :',
    '::',
  ],
  snowflake: [...CLOUD, 'filter (', 'at time zone', 'bool_or (', 'as double )', 'strpos ('],
  bigquery: [
    ...CLOUD,
    'filter (',
    'at time zone',
    'bool_or (',
    'within group',
    'as varchar )',
    'as text )',
    'as double )',
    'as timestamp without',
    'union select',
    'ilike',
    '::',
  ],
  databricks: [
    ...CLOUD,
    'at time zone',
    'create temp table',
    'as varchar )',
    'as text )',
    'begin transaction',
  ],
} satisfies Readonly<Partial<Record<string, readonly string[]>>>
