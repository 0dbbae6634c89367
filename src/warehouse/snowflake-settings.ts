import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ConnectionOptions } from 'snowflake-sdk'
import { SluiceError } from '../base/errors.ts'
import type { OpenRequest } from './open-request.ts'

/** The settings of a target as the client takes them. Throws SLU3013 for one that cannot be used. */
export function connectionOptions(request: OpenRequest): ConnectionOptions {
  const text = reader(request)
  return given({
    account: accountOf(needed(text, 'account')),
    username: text('user'),
    role: text('role'),
    warehouse: text('warehouse'),
    database: text('database'),
    schema: text('schema'),
    accessUrl: accessUrlOf(text),
    application: 'Sluice',
    proxyHost: text('proxy_host'),
    proxyPort: numberOf(text, 'proxy_port'),
    ...proofOf(request, text),
    ...ALWAYS,
  })
}

type Text = (name: string) => string | undefined

/** Values come as text and are made ours; a result is read piece by piece. */
const ALWAYS = {
  rowMode: 'array',
  streamResult: true,
  fetchAsString: ['Number', 'Date', 'JSON'],
  representNullAsStringNull: false,
  // Else it tells Snowflake of each statement with a number that JavaScript would round.
  jsTreatIntegerAsBigInt: true,
  // Of a host that does not answer; each try waits longer.
  sfRetryMaxLoginRetries: 2,
  // A run may wait longer for a destination than a session lives without a statement.
  clientSessionKeepAlive: true,
} as const

/** What proves who logs in: what the target names, else what its settings are for. */
function proofOf(request: OpenRequest, text: Text): Partial<ConnectionOptions> {
  const named = text('authenticator')?.toLowerCase()
  const kind = named === undefined ? guessed(text) : AUTHENTICATORS[named]
  if (kind === undefined)
    throw new SluiceError('SLU3013', {
      message: `expected an authenticator of Snowflake that needs no person, found "${named}"`,
      hint: `there are ${Object.keys(AUTHENTICATORS).join(', ')}`,
    })
  switch (kind) {
    case 'key':
      return { authenticator: 'SNOWFLAKE_JWT', ...keyOf(request, text) }
    case 'access_token':
      return { authenticator: 'PROGRAMMATIC_ACCESS_TOKEN', token: tokenOf(text) }
    case 'oauth':
      return { authenticator: 'OAUTH', token: needed(text, 'token') }
    case 'client_credentials':
      return clientCredentials(text)
    case 'workload':
      return workloadIdentity(text)
    case 'password':
      return { authenticator: 'SNOWFLAKE', password: needed(text, 'password') }
    case 'password_mfa':
      return { authenticator: 'USERNAME_PASSWORD_MFA', password: needed(text, 'password') }
  }
}

type Proof =
  | 'key'
  | 'access_token'
  | 'oauth'
  | 'client_credentials'
  | 'workload'
  | 'password'
  | 'password_mfa'

/** As the client and dbt call them. */
const AUTHENTICATORS: Readonly<Record<string, Proof>> = {
  jwt: 'key',
  snowflake_jwt: 'key',
  programmatic_access_token: 'access_token',
  oauth: 'oauth',
  oauth_client_credentials: 'client_credentials',
  workload_identity: 'workload',
  snowflake: 'password',
  username_password_mfa: 'password_mfa',
}

function guessed(text: Text): Proof {
  if (text('private_key') !== undefined || text('private_key_path') !== undefined) return 'key'
  if (text('workload_identity_provider') !== undefined) return 'workload'
  if (text('oauth_client_id') !== undefined) return 'client_credentials'
  if (text('token') !== undefined) return 'access_token'
  return 'password'
}

/** The text of the key: its file is read here, so that a missing one is told as ours. */
function keyOf(request: OpenRequest, text: Text): Partial<ConnectionOptions> {
  const passphrase = text('private_key_passphrase')
  const key = text('private_key') ?? keyFile(request, needed(text, 'private_key_path', 'private_key'))
  const privateKey = pemOf(key)
  if (/ENCRYPTED/.test(privateKey) && passphrase === undefined)
    throw new SluiceError('SLU3013', {
      message: 'expected private_key_passphrase for a private key that is encrypted, found none',
    })
  return given({ privateKey, privateKeyPass: passphrase })
}

function keyFile(request: OpenRequest, written: string): string {
  try {
    return readFileSync(resolve(request.directory, written), 'utf8')
  } catch {
    throw new SluiceError('SLU3013', {
      message: `expected a file with a private key at "${written}", found none that can be read`,
      hint: 'private_key_path is relative to sluice.yml',
    })
  }
}

/** A key in an environment variable often has lost its line ends, or all but its letters. */
function pemOf(written: string): string {
  const text = written.replaceAll('\\n', '\n').trim()
  const match = /^-----BEGIN ((?:ENCRYPTED )?PRIVATE KEY)-----(.*)-----END \1-----$/s.exec(text)
  const label = match?.[1] ?? 'PRIVATE KEY'
  const letters = (match?.[2] ?? text).replaceAll(/\s/g, '')
  if (!/^[A-Za-z0-9+/]+=*$/.test(letters))
    throw new SluiceError('SLU3013', {
      message: 'expected a private key in PEM (PKCS#8), found other text',
      hint: 'openssl genrsa 2048 | openssl pkcs8 -topk8 -nocrypt makes one',
    })
  return `-----BEGIN ${label}-----\n${letters.match(/.{1,64}/g)?.join('\n')}\n-----END ${label}-----\n`
}

function tokenOf(text: Text): string {
  return text('token') ?? needed(text, 'password', 'token')
}

function clientCredentials(text: Text): Partial<ConnectionOptions> {
  const url = needed(text, 'oauth_token_request_url')
  return given({
    authenticator: 'OAUTH_CLIENT_CREDENTIALS',
    oauthClientId: needed(text, 'oauth_client_id'),
    oauthClientSecret: needed(text, 'oauth_client_secret'),
    oauthTokenRequestUrl: url,
    oauthScope: text('oauth_scope'),
    // Of this machine only: a fake, or a helper that logs in.
    oauthHttpAllowed: isLoopback(url),
  })
}

function workloadIdentity(text: Text): Partial<ConnectionOptions> {
  return given({
    authenticator: 'WORKLOAD_IDENTITY',
    workloadIdentityProvider: needed(text, 'workload_identity_provider').toUpperCase(),
    workloadIdentityAzureEntraIdResource: text('workload_identity_entra_resource'),
    token: text('token'),
  })
}

/** dbt's accounts may have underscores, names of hosts may not. */
function accountOf(written: string): string {
  return written.replaceAll('_', '-')
}

function accessUrlOf(text: Text): string | undefined {
  const url = text('access_url')
  const host = text('host')
  if (url === undefined && host === undefined) return undefined
  const whole =
    url ?? `${text('protocol') ?? 'https'}://${host}${text('port') === undefined ? '' : `:${text('port')}`}`
  if (!URL.canParse(whole))
    throw new SluiceError('SLU3013', { message: `expected an address of Snowflake, found "${whole}"` })
  if (new URL(whole).protocol === 'https:' || isLoopback(whole)) return whole.replace(/\/$/, '')
  throw new SluiceError('SLU3013', {
    message: `expected an address of Snowflake that is encrypted, found "${whole}"`,
    hint: 'write it with https',
  })
}

function isLoopback(url: string): boolean {
  return /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:\/|$)/.test(url)
}

function reader({ settings }: OpenRequest): Text {
  return (name) => {
    const value = settings.get(name)
    return value === undefined || value === '' ? undefined : String(value)
  }
}

function needed(text: Text, name: string, told = name): string {
  const value = text(name)
  if (value !== undefined) return value
  throw new SluiceError('SLU3013', {
    message: `expected ${told} of a Snowflake target, found none`,
    hint: 'see the page on warehouses for the ways to log in',
  })
}

function numberOf(text: Text, name: string): number | undefined {
  const written = text(name)
  if (written === undefined) return undefined
  const number = Number(written)
  if (Number.isInteger(number) && number > 0) return number
  throw new SluiceError('SLU3013', { message: `expected a whole number as ${name}, found "${written}"` })
}

/** Without what is undefined, which the client takes for a setting that is wrong. */
function given<T extends object>(options: T): Partial<T> & ConnectionOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as Partial<T> & ConnectionOptions
}
