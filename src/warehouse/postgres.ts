import { SluiceError } from '../base/errors.ts'
import { postgres } from '../dialect/postgres.ts'
import type { OpenRequest } from './open-request.ts'
import { postgresProblem } from './postgres-errors.ts'
import { openServer } from './postgres-session.ts'
import type { ServerProfile } from './server-profile.ts'
import { timeoutMs } from './timeout.ts'
import type { Warehouse } from './warehouse.ts'

/** A warehouse in one PostgreSQL database. */
export function openPostgres(request: OpenRequest): Promise<Warehouse> {
  return openServer(PROFILE, request)
}

/** Compiled SQL counts on these; a role or a database may have set others. */
const SESSION = `set timezone = 'UTC';
set datestyle = 'ISO, YMD';
set intervalstyle = 'postgres';
set bytea_output = 'hex';
set extra_float_digits = 1;
set standard_conforming_strings = on;
set client_min_messages = warning;
set cursor_tuple_fraction = 1`

/** The first with `merge`, in which the ledger commits. */
const OLDEST_VERSION = 15

function sessionSettings(request: OpenRequest): string {
  const timeout = timeoutMs(request)
  return timeout === undefined ? SESSION : `${SESSION};\nset statement_timeout = ${timeout}`
}

const PROFILE: ServerProfile = {
  dialect: postgres,
  product: 'PostgreSQL',
  defaultPort: 5432,
  defaultTls: 'prefer',
  sessionSettings,
  identify: `select current_setting('server_version_num') as version,
  current_setting('server_encoding') as encoding, pg_backend_pid() as pid`,
  versionOf: ({ version, encoding }) => {
    const major = Math.floor(Number(version) / 10_000)
    if (major < OLDEST_VERSION)
      throw new SluiceError('SLU3001', {
        message: `expected PostgreSQL ${OLDEST_VERSION} or newer, found ${major}`,
      })
    if (encoding !== 'UTF8')
      throw new SluiceError('SLU3001', {
        message: `expected a database in UTF8, found one in ${encoding}`,
        hint: 'text is hashed and sent as UTF-8',
      })
    return `postgres ${major}`
  },
  begin: 'begin isolation level repeatable read',
  beginReadOnly: 'begin isolation level repeatable read, read only',
  declareCursor: (name, select) => `declare ${name} no scroll cursor for ${select}`,
  fetchFrom: (name, rows) => `fetch ${rows} from ${name}`,
  problem: (error) => postgresProblem(error, PROFILE.product),
  // It waits for the others by itself.
  tries: 1,
}
