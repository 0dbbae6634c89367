import { type Clock, systemClock } from '../base/clock.ts'
import { SluiceError } from '../base/errors.ts'
import type { OpenRequest } from './open-request.ts'
import type { Warehouse } from './warehouse.ts'

/**
 * Opens a session of the target's warehouse; its driver is loaded only now. Throws SLU3xxx: what cannot be reached or
 * refuses us is `unavailable`, a DuckDB file that another process has open is `busy` after `waitMs`.
 */
export async function openWarehouse(
  request: Omit<OpenRequest, 'clock'> & { readonly clock?: Clock },
): Promise<Warehouse> {
  const complete: OpenRequest = { ...request, clock: request.clock ?? systemClock }
  switch (request.type) {
    case 'duckdb':
      return (await import('./duckdb.ts')).openDuckdb(complete)
    case 'postgres':
      return (await import('./postgres.ts')).openPostgres(complete)
    case 'redshift':
      return (await import('./redshift.ts')).openRedshift(complete)
    case 'databricks':
      return (await import('./databricks.ts')).openDatabricks(complete)
    case 'bigquery':
      return (await import('./bigquery.ts')).openBigquery(complete)
    case 'snowflake':
      return (await import('./snowflake.ts')).openSnowflake(complete)
    default:
      throw new SluiceError('SLU7008', {
        message: `expected a target of type duckdb, postgres, redshift, snowflake, bigquery or databricks, found ${request.type}`,
        hint: 'there are no others',
      })
  }
}
