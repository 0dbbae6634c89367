import { MAX_NAME_LENGTH } from './limits.ts'

// Words of the language that are also read without the schema: a project that is known to be right loads no zod.

export const NAME = new RegExp(`^[a-z][a-z0-9_]{0,${MAX_NAME_LENGTH - 1}}$`)

/** Keys that stand in sluice.yml only. */
export const SETTING_KEYS = [
  'version',
  'name',
  'default_target',
  'timezone',
  'history',
  'dbt_project',
  'targets',
] as const
/** Of them, those that must be there. */
export const NEEDED_KEYS = ['version', 'name'] as const
/** Lists that any file may hold. */
export const KINDS = ['sources', 'entities', 'traits', 'segments', 'destinations', 'syncs'] as const

export const TARGET_TYPES = ['duckdb', 'postgres', 'redshift', 'snowflake', 'bigquery', 'databricks'] as const

/** Operators of traits over one column of a source. */
export const COLUMN_OPERATORS = ['sum', 'avg', 'min', 'max', 'count_distinct', 'most_frequent'] as const
