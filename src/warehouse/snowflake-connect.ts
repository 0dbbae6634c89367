import type { Connection } from 'snowflake-sdk'
import { SluiceError } from '../base/errors.ts'
import { snowflake } from '../dialect/snowflake.ts'
import type { OpenRequest } from './open-request.ts'
import { clientError, isRefused } from './snowflake-errors.ts'
import { loadSdk } from './snowflake-sdk.ts'
import { connectionOptions } from './snowflake-settings.ts'
import { timeoutMs } from './timeout.ts'

/** A session, logged in. Throws SLU3001, SLU3002, SLU3013 or SLU3020. */
export async function connect(request: OpenRequest): Promise<Connection> {
  const options = connectionOptions(request)
  const sdk = await loadSdk()
  try {
    const connection = sdk.createConnection(options)
    // the promise is of the client's own steps, and the log-in's failure comes by the callback only
    await new Promise<void>((resolve, reject) => {
      connection.connectAsync((error) => (error ? reject(error) : resolve())).catch(reject)
    })
    return connection
  } catch (error) {
    throw connectError(error, request)
  }
}

/** What a session is told first, in order, each with its value as SQL. */
export function sessionStatements(request: OpenRequest): readonly string[] {
  const timeout = timeoutMs(request)
  const parameters: readonly (readonly [name: string, value: string])[] = [
    // Compiled SQL counts on it; the account may have set another.
    ['TIMEZONE', "'UTC'"],
    ['TIMESTAMP_TYPE_MAPPING', "'TIMESTAMP_NTZ'"],
    ['TIMESTAMP_NTZ_OUTPUT_FORMAT', "'YYYY-MM-DD HH24:MI:SS.FF6'"],
    ['TIMESTAMP_LTZ_OUTPUT_FORMAT', "'YYYY-MM-DD HH24:MI:SS.FF6'"],
    ['TIMESTAMP_TZ_OUTPUT_FORMAT', "'YYYY-MM-DD HH24:MI:SS.FF6 TZHTZM'"],
    ['DATE_OUTPUT_FORMAT', "'YYYY-MM-DD'"],
    ['TIMESTAMP_INPUT_FORMAT', "'AUTO'"],
    ['DATE_INPUT_FORMAT', "'AUTO'"],
    ['BINARY_OUTPUT_FORMAT', "'HEX'"],
    // A quoted name is exact, whatever the account has set.
    ['QUOTED_IDENTIFIERS_IGNORE_CASE', 'false'],
    ['AUTOCOMMIT', 'true'],
    // A row of the source that is found twice is a mistake of ours, never one of two at random.
    ['ERROR_ON_NONDETERMINISTIC_MERGE', 'true'],
    ['ERROR_ON_NONDETERMINISTIC_UPDATE', 'true'],
    ['QUERY_TAG', snowflake.literal(`sluice ${request.runId}`)],
    ...(timeout === undefined ? [] : [['STATEMENT_TIMEOUT_IN_SECONDS', String(timeout / 1000)] as const]),
  ]
  return parameters.map(([name, value]) => `alter session set ${name} = ${value}`)
}

function connectError(error: unknown, request: OpenRequest): SluiceError {
  if (error instanceof SluiceError) return error
  const told = clientError(error)
  const { settings } = request
  const account = settings.get('account')
  if (isRefused(told))
    return new SluiceError('SLU3002', {
      message: `expected Snowflake account "${account}" to accept user "${settings.get('user') ?? ''}", found that it refuses (${told.code})`,
      hint: 'check user, role and what proves the user; the log-in history of the account says more',
    })
  // What the client itself refuses before it asks anyone.
  if (/^(?:403|404)\d{3}$/.test(told.code))
    return new SluiceError('SLU3013', {
      message: `expected settings that the client of Snowflake takes, found that it refuses them (${told.code})`,
    })
  return new SluiceError('SLU3001', {
    message: `expected Snowflake account "${account}" to answer, found that it does not (${causeOf(error) ?? told.code})`,
    hint: 'check account, host and access_url of the target, and the way to them',
  })
}

/** What the network said, such as ECONNREFUSED. */
function causeOf(error: unknown): string | undefined {
  const { cause } = error as { readonly cause?: { readonly code?: unknown } }
  return typeof cause?.code === 'string' ? cause.code : undefined
}
