import type { Dialect, DialectName } from '../dialect.ts'
import { bigqueryValues } from './bigquery.ts'
import { databricksValues } from './databricks.ts'
import { duckdbValues } from './duckdb.ts'
import { postgresValues } from './postgres.ts'
import { redshiftValues } from './redshift.ts'
import { snowflakeValues } from './snowflake.ts'
import type { ValueFunctions } from './value-functions.ts'

export function valuesOf(dialect: Dialect): ValueFunctions {
  return VALUES[dialect.name]
}

const VALUES: Readonly<Record<DialectName, ValueFunctions>> = {
  duckdb: duckdbValues,
  postgres: postgresValues,
  redshift: redshiftValues,
  snowflake: snowflakeValues,
  databricks: databricksValues,
  bigquery: bigqueryValues,
}
