import { Client, type ClientConfig } from 'pg'
import { SluiceError } from '../base/errors.ts'
import type { OpenRequest } from './open-request.ts'
import { type DriverError, driverError } from './postgres-errors.ts'
import { valueParser } from './postgres-types.ts'

type Settings = OpenRequest['settings']

/** A connection with the session's settings made. Throws SLU3001, SLU3002 or SLU3013. */
export async function connect(settings: Settings): Promise<Client> {
  const tries = tlsOf(settings)
  for (const [index, ssl] of tries.entries()) {
    const client = new Client({ ...configOf(settings), ssl })
    // an error of an idle connection is told by the next statement
    client.on('error', () => {})
    try {
      await client.connect()
      await prepare(client)
      return client
    } catch (error) {
      await client.end().catch(() => {})
      if (error instanceof SluiceError) throw error
      const told = driverError(error)
      if (index + 1 < tries.length && /does not support SSL/.test(told.message)) continue
      throw connectError(told, settings)
    }
  }
  throw new SluiceError('SLU9001', { message: 'expected a way to connect, found none' })
}

/** A server that does not answer at all. */
const CONNECT_TIMEOUT_MS = 15_000

function configOf(settings: Settings): ClientConfig {
  const text = (name: string) => {
    const value = settings.get(name)
    return value === undefined ? undefined : String(value)
  }
  return {
    host: text('host'),
    port: portOf(settings),
    user: text('user'),
    password: text('password'),
    database: text('database'),
    application_name: 'sluice',
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    types: { getTypeParser: ((objectId: number) => valueParser(objectId)) as never },
  }
}

function portOf(settings: Settings): number {
  const written = settings.get('port') ?? 5432
  const port = Number(written)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new SluiceError('SLU3013', { message: `expected a port from 1 to 65535, found "${written}"` })
}

/** What to try in turn. Without `sslmode`: encrypted where the server can, as PostgreSQL's own programs do. */
function tlsOf(settings: Settings): readonly Exclude<ClientConfig['ssl'], undefined>[] {
  const mode = settings.get('sslmode')
  switch (mode) {
    case undefined:
      return [{ rejectUnauthorized: false }, false]
    case 'disable':
      return [false]
    case 'require':
      return [{ rejectUnauthorized: false }]
    case 'verify-ca':
      return [{ rejectUnauthorized: true, checkServerIdentity: () => undefined }]
    case 'verify-full':
      return [{ rejectUnauthorized: true }]
    default:
      throw new SluiceError('SLU3013', {
        message: `expected sslmode disable, require, verify-ca or verify-full, found "${mode}"`,
      })
  }
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
const OLDEST_VERSION = 150_000

async function prepare(client: Client): Promise<void> {
  await client.query(SESSION)
  const { rows } = await client.query(
    "select current_setting('server_encoding') as encoding, current_setting('server_version_num') as version",
  )
  const { encoding, version } = rows[0] as { readonly encoding: string; readonly version: string }
  if (Number(version) < OLDEST_VERSION)
    throw new SluiceError('SLU3001', {
      message: `expected PostgreSQL 15 or newer, found ${Math.floor(Number(version) / 10_000)}`,
    })
  if (encoding !== 'UTF8')
    throw new SluiceError('SLU3001', {
      message: `expected a database in UTF8, found one in ${encoding}`,
      hint: 'text is hashed and sent as UTF-8',
    })
}

/** Class 28 is a wrong user or password, and a password that is needed but not given is found by the driver. */
function isRefused(error: DriverError): boolean {
  return error.code?.startsWith('28') === true || /client password must be/.test(error.message)
}

function connectError(error: DriverError, settings: Settings): SluiceError {
  const at = `${settings.get('host')}:${settings.get('port') ?? 5432}`
  if (isRefused(error))
    return new SluiceError('SLU3002', {
      message: `expected PostgreSQL at ${at} to accept user "${settings.get('user') ?? ''}", found that it refuses`,
      hint: 'check user and password of the target, and the rules of the server (pg_hba.conf)',
    })
  if (error.code === '3D000')
    return new SluiceError('SLU3001', {
      message: `expected a database "${settings.get('database')}" at ${at}, found none`,
    })
  return new SluiceError('SLU3001', {
    message: `expected PostgreSQL at ${at} to answer, found: ${reason(error)}`,
    hint: /SSL|certificate|TLS/i.test(error.message)
      ? 'check sslmode of the target'
      : 'check host and port of the target',
  })
}

function reason(error: DriverError): string {
  if (error.code !== undefined && !error.message.includes(error.code))
    return `${error.message} (${error.code})`
  return error.message
}
