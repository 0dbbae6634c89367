import { bigquery } from './bigquery.ts'
import { databricks } from './databricks.ts'
import type { Dialect, DialectName } from './dialect.ts'
import { duckdb } from './duckdb.ts'
import { postgres } from './postgres.ts'
import { redshift } from './redshift.ts'
import { snowflake } from './snowflake.ts'

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  duckdb,
  postgres,
  redshift,
  snowflake,
  databricks,
  bigquery,
}

export function dialectOf(name: string): Dialect | undefined {
  return Object.hasOwn(DIALECTS, name) ? DIALECTS[name as DialectName] : undefined
}
