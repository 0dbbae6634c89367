import { Client, type ClientConfig } from 'pg'
import { SluiceError } from '../base/errors.ts'
import type { OpenRequest } from './open-request.ts'
import { type DriverError, driverError } from './postgres-errors.ts'
import { tlsOf } from './postgres-tls.ts'
import { valueParser } from './postgres-types.ts'
import type { ServerIdentity, ServerProfile } from './server-profile.ts'

export interface Connected {
  readonly client: Client
  readonly identity: ServerIdentity
}

/** A connection with the session's settings made. Throws SLU3001, SLU3002 or SLU3013. */
export async function connect(profile: ServerProfile, request: OpenRequest): Promise<Connected> {
  const config = configOf(profile, request)
  const tries = tlsOf(profile, request)
  for (const [index, ssl] of tries.entries()) {
    const client = new Client({ ...config, ssl })
    // an error of an idle connection is told by the next statement
    client.on('error', () => {})
    try {
      await client.connect()
      return { client, identity: await prepare(client, profile, request) }
    } catch (error) {
      await client.end().catch(() => {})
      if (error instanceof SluiceError) throw error
      const told = driverError(error)
      if (index + 1 < tries.length && /does not support SSL/.test(told.message)) continue
      throw connectError(told, profile, request)
    }
  }
  throw new SluiceError('SLU9001', { message: 'expected a way to connect, found none' })
}

/** A server that does not answer at all. */
const CONNECT_TIMEOUT_MS = 15_000

function configOf(profile: ServerProfile, { settings }: OpenRequest): ClientConfig {
  const text = (name: string) => {
    const value = settings.get(name)
    return value === undefined ? undefined : String(value)
  }
  return {
    host: text('host'),
    port: portOf(profile, settings),
    user: text('user'),
    password: text('password'),
    database: text('database'),
    application_name: 'sluice',
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    types: { getTypeParser: ((objectId: number) => valueParser(objectId)) as never },
  }
}

function portOf(profile: ServerProfile, settings: OpenRequest['settings']): number {
  const written = settings.get('port') ?? profile.defaultPort
  const port = Number(written)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new SluiceError('SLU3013', { message: `expected a port from 1 to 65535, found "${written}"` })
}

async function prepare(
  client: Client,
  profile: ServerProfile,
  request: OpenRequest,
): Promise<ServerIdentity> {
  // First who it is: another product need not know these settings.
  const { rows } = await client.query(profile.identify)
  const identity = rows[0] as ServerIdentity
  profile.versionOf(identity)
  await client.query(profile.sessionSettings(request))
  return identity
}

/** Class 28 is a wrong user or password, and a password that is needed but not given is found by the driver. */
function isRefused(error: DriverError): boolean {
  return error.code?.startsWith('28') === true || /client password must be/.test(error.message)
}

function connectError(error: DriverError, profile: ServerProfile, { settings }: OpenRequest): SluiceError {
  const { product } = profile
  const at = `${settings.get('host')}:${settings.get('port') ?? profile.defaultPort}`
  if (isRefused(error))
    return new SluiceError('SLU3002', {
      message: `expected ${product} at ${at} to accept user "${settings.get('user') ?? ''}", found that it refuses`,
      hint: 'check user and password of the target, and who may connect to the server',
    })
  if (error.code === '3D000')
    return new SluiceError('SLU3001', {
      message: `expected a database "${settings.get('database')}" at ${at}, found none`,
    })
  return new SluiceError('SLU3001', {
    message: `expected ${product} at ${at} to answer, found: ${reason(error)}`,
    hint: /SSL|certificate|TLS|altnames/i.test(`${error.code} ${error.message}`)
      ? 'check sslmode of the target, and sslrootcert where an authority of your own has signed'
      : 'check host and port of the target',
  })
}

function reason(error: DriverError): string {
  if (error.code !== undefined && !error.message.includes(error.code))
    return `${error.message} (${error.code})`
  return error.message
}
