import { SluiceError } from '../base/errors.ts'
import { redshift } from '../dialect/redshift.ts'
import type { OpenRequest } from './open-request.ts'
import { openServer } from './postgres-session.ts'
import { redshiftProblem } from './redshift-errors.ts'
import type { ServerProfile } from './server-profile.ts'
import { timeoutMs } from './timeout.ts'
import type { Warehouse } from './warehouse.ts'

/** A warehouse in one database of Amazon Redshift, provisioned or serverless. */
export function openRedshift(request: OpenRequest): Promise<Warehouse> {
  return openServer(PROFILE, request)
}

const PROFILE: ServerProfile = {
  dialect: redshift,
  product: 'Amazon Redshift',
  defaultPort: 5439,
  // Its certificate is of a public authority, and it listens to the world: nothing less proves who answers.
  defaultTls: 'verify-full',
  sessionSettings,
  identify:
    "select version() as version, current_setting('server_encoding') as encoding, pg_backend_pid() as pid",
  versionOf,
  // Whatever is asked for is serializable, or a snapshot, as the database was made.
  begin: 'begin',
  beginReadOnly: 'begin read only',
  declareCursor: (name, select) => `declare ${name} cursor for ${select}`,
  fetchFrom: (name, rows) => `fetch forward ${rows} from ${name}`,
  problem: redshiftProblem,
  tries: 5,
}

/** Compiled SQL counts on these; a user, a parameter group or a database may have set others. */
function sessionSettings(request: OpenRequest): string {
  const group = request.settings.get('query_group') ?? `sluice ${request.runId}`
  const timeout = timeoutMs(request)
  return [
    "set timezone to 'UTC'",
    "set datestyle to 'ISO, YMD'",
    // Every digit of a float.
    'set extra_float_digits to 2',
    // Without it a name in quotes is in lower case all the same.
    'set enable_case_sensitive_identifier to true',
    // Queues are chosen by it, and the history of queries tells it.
    `set query_group to ${redshift.literal(String(group))}`,
    ...(timeout === undefined ? [] : [`set statement_timeout to ${timeout}`]),
  ].join(';\n')
}

/**
 * Without the patch, of which there is one every other week: hashes are by a published function, so they outlive it.
 */
function versionOf({ version }: { readonly version: string }): string {
  const release = /\bRedshift (\d+\.\d+)/.exec(version)?.[1]
  if (release !== undefined) return `redshift ${release}`
  throw new SluiceError('SLU3001', {
    message: 'expected Amazon Redshift, found a server that says it is another',
    hint: 'a target of type postgres is for PostgreSQL',
  })
}
