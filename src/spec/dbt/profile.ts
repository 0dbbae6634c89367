import { isAbsolute, join } from 'node:path'
import { SluiceError } from '../../base/errors.ts'
import { nearestHint } from '../../base/nearest.ts'
import type { Position } from '../../base/position.ts'
import { isMapping } from '../mapping.ts'
import type { ProfileTarget, Target, TargetType } from '../project.ts'
import { TARGET_TYPES } from '../vocabulary.ts'
import { Places } from '../yaml/places.ts'
import { readYaml } from '../yaml/read-yaml.ts'
import { renderTemplate } from './template.ts'

export interface ProfileRequest {
  readonly target: ProfileTarget
  /** Of `profiles.yml`. */
  readonly text: string
  /** How messages call the file. */
  readonly shown: string
  /** Paths in it are relative to this folder: the dbt project's. */
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface ConnectionOfProfile {
  readonly target: Target
  /** Values that dbt never shows. */
  readonly secrets: readonly string[]
}

/**
 * The connection that a profile of dbt describes, as a target of ours. No message repeats a text of the file.
 * Throws: SLU1018, SLU1035, SLU1036, SLU7008.
 */
export function connectionOfProfile(request: ProfileRequest): ConnectionOfProfile {
  const { target } = request
  const reader = new ProfileReader(request)
  const output = reader.output()
  const type = typeOf(reader.needed(output, 'type'), target)
  const { at, name, description, owner, tags, meta, enabled, stateSchema, send } = target
  refuseUnread(reader, output, type)
  const settings = SETTINGS_OF[type]?.(reader, output) ?? new Map()
  return {
    target: {
      ...{ at, name, description, owner, tags, meta, enabled, stateSchema, send, settings },
      type: { value: type, at: target.profile.at },
    },
    secrets: reader.secrets,
  }
}

type Mapping = Readonly<Record<string, unknown>>
type Settings = ReadonlyMap<string, string | number | boolean>

/** Reads texts of one file with their variables, and says where each stands. */
class ProfileReader {
  readonly request: ProfileRequest
  readonly secrets: string[] = []
  readonly #places = new Places()

  constructor(request: ProfileRequest) {
    this.request = request
  }

  /** The mapping of the connection. */
  output(): Mapping {
    const { target, shown } = this.request
    const profile = this.#named(this.#root(), target.profile.value, 'profile', target.profile.at)
    const { outputs } = profile
    const name = target.output?.value ?? this.text(profile, 'target') ?? 'default'
    if (!isMapping(outputs)) throw this.unreadable(`expected "outputs" in profile of ${shown}`, profile)
    return this.#named(outputs, name, 'target', target.output?.at ?? target.profile.at)
  }

  needed(container: Mapping, key: string): string {
    const text = this.text(container, key)
    if (text !== undefined && text !== '') return text
    throw this.unreadable(`expected "${key}" in the target of the profile, found none`, container)
  }

  text(container: Mapping, key: string): string | undefined {
    const value = container[key]
    if (value === undefined || value === null) return undefined
    if (typeof value !== 'string') return String(value)
    const rendered = renderTemplate(value, this.request.env)
    const at = this.#places.value(container, key)
    if (rendered.kind === 'text') {
      this.secrets.push(...rendered.secrets)
      return rendered.text
    }
    if (rendered.kind === 'unset')
      throw new SluiceError('SLU1018', {
        message: `expected the environment variable "${rendered.name}" to be set, found it is not`,
        at,
        hint: `set ${rendered.name}: the dbt profile reads it`,
      })
    throw new SluiceError('SLU1036', {
      message: `expected a text or {{ env_var('NAME') }} for "${key}", found another template`,
      at,
      hint: 'of Jinja only env_var is read, with a default and | int or | as_number',
    })
  }

  unread(container: Mapping, key: string, hint: string): SluiceError {
    return new SluiceError('SLU1036', {
      message: `expected a dbt target that this version can use, found "${key}", which it cannot`,
      at: this.#places.key(container, key),
      hint,
    })
  }

  unreadable(message: string, container: Mapping): SluiceError {
    return new SluiceError('SLU1036', { message, at: this.#places.self(container) })
  }

  #root(): Mapping {
    const { shown, text } = this.request
    const { root, errors } = readYaml(shown, text, this.#places)
    const [first] = errors
    // Its message may repeat what stands there.
    if (first === undefined) return root ?? {}
    throw new SluiceError('SLU1036', {
      message: `expected ${shown} to be YAML that can be read, found a mistake`,
      at: first.at,
      hint: 'dbt debug says more',
    })
  }

  #named(container: Mapping, name: string, what: string, at: Position): Mapping {
    const found = Object.hasOwn(container, name) ? container[name] : undefined
    if (isMapping(found)) return found
    throw new SluiceError('SLU1035', {
      message: `expected the name of a ${what} in ${this.request.shown}, found "${name}"`,
      at,
      hint: nearestHint(name, Object.keys(container)) ?? `there is no such ${what}`,
    })
  }
}

function typeOf(written: string, target: ProfileTarget): TargetType {
  const type = TARGET_TYPES.find((one) => one === written)
  if (type !== undefined) return type
  throw new SluiceError('SLU7008', {
    message: `expected a target of type duckdb, postgres, redshift, snowflake, bigquery or databricks, found ${written}`,
    at: target.profile.at,
    hint: 'this version does not connect to others yet',
  })
}

/** Without these the session would be another one than dbt's. */
const UNREAD: Readonly<Partial<Record<TargetType, readonly string[]>>> = {
  duckdb: ['remote', 'is_ducklake'],
  postgres: ['role'],
  redshift: ['role'],
  snowflake: ['protocol'],
  bigquery: ['workload_pool_provider_path', 'token_endpoint', 'reservation'],
  databricks: ['azure_client_id', 'azure_client_secret', 'session_properties'],
}

function refuseUnread(reader: ProfileReader, output: Mapping, type: TargetType): void {
  for (const key of UNREAD[type] ?? [])
    if (output[key] !== undefined && output[key] !== null && output[key] !== false)
      throw reader.unread(output, key, `write the target in sluice.yml instead: {type: ${type}, ...}`)
}

/** Others than these are refused when they are connected to, as such a target in `sluice.yml` is. */
const SETTINGS_OF: Readonly<
  Partial<Record<TargetType, (reader: ProfileReader, output: Mapping) => Settings>>
> = {
  duckdb: duckdbSettings,
  postgres: postgresSettings,
  redshift: redshiftSettings,
  snowflake: snowflakeSettings,
  bigquery: bigquerySettings,
  databricks: databricksSettings,
}

function duckdbSettings(reader: ProfileReader, output: Mapping): Settings {
  const path = reader.needed(output, 'path')
  if (/^(?:md|motherduck|s3|gcs?|https?|ducklake):/.test(path) || path.startsWith(':memory:'))
    throw reader.unread(
      output,
      'path',
      'name the file of a database: others do not outlive the process of dbt',
    )
  const settings = new Map<string, string>([
    ['path', isAbsolute(path) ? path : join(reader.request.folder, path)],
  ])
  const inner = isMapping(output.settings) ? output.settings : {}
  for (const name of ['memory_limit', 'threads']) {
    const value = reader.text(inner, name)
    if (value !== undefined) settings.set(name, value)
  }
  return settings
}

function postgresSettings(reader: ProfileReader, output: Mapping): Settings {
  const sslmode = reader.text(output, 'sslmode')
  const file = (key: string) => {
    const path = reader.text(output, key)
    return path === undefined || isAbsolute(path) ? path : join(reader.request.folder, path)
  }
  return given({
    ...serverSettings(reader, output),
    // What these two ask for is what is done without a mode: encrypted where the server can.
    sslmode: sslmode === 'prefer' || sslmode === 'allow' ? undefined : sslmode,
    sslcert: file('sslcert'),
    sslkey: file('sslkey'),
    sslrootcert: file('sslrootcert'),
  })
}

function redshiftSettings(reader: ProfileReader, output: Mapping): Settings {
  const method = reader.text(output, 'method') ?? 'database'
  if (method !== 'database')
    throw reader.unread(
      output,
      'method',
      'this version logs in by user and password (method: database): a password for a while is one, too',
    )
  const sslmode = reader.text(output, 'sslmode') ?? 'prefer'
  return given({
    ...serverSettings(reader, output),
    // As dbt takes them: its driver knows nothing between no encryption and this.
    sslmode: ['allow', 'prefer', 'require'].includes(sslmode) ? 'verify-ca' : sslmode,
    query_group: reader.text(output, 'query_group'),
  })
}

/** Names of dbt that are ours too, as they are. */
const SNOWFLAKE_SAME = [
  ...['account', 'user', 'password', 'authenticator', 'private_key', 'private_key_passphrase', 'token'],
  ...[
    'oauth_client_id',
    'oauth_client_secret',
    'workload_identity_provider',
    'workload_identity_entra_resource',
  ],
  ...['role', 'warehouse', 'database', 'host', 'port', 'proxy_host', 'proxy_port'],
]

function snowflakeSettings(reader: ProfileReader, output: Mapping): Settings {
  const authenticator = reader.text(output, 'authenticator')
  if (authenticator === 'externalbrowser' || authenticator?.startsWith('https:'))
    throw reader.unread(
      output,
      'authenticator',
      'nobody is there to log in: give the target a key or a token',
    )
  // There a token to refresh stands beside the client; here the client's own right is asked for.
  if (authenticator === 'oauth' && output.oauth_client_id !== undefined)
    throw reader.unread(
      output,
      'oauth_client_id',
      'write the target in sluice.yml instead, with oauth_token_request_url or a token',
    )
  for (const key of ['account', 'database', 'warehouse']) reader.needed(output, key)
  const path = reader.text(output, 'private_key_path')
  const same = SNOWFLAKE_SAME.map((key) => [key, reader.text(output, key)] as const)
  return given({
    ...Object.fromEntries(same),
    private_key_path: path === undefined || isAbsolute(path) ? path : join(reader.request.folder, path),
  })
}

/** Names of dbt that are ours too, as they are. */
const BIGQUERY_SAME = [
  ...['execution_project', 'quota_project', 'location', 'api_endpoint', 'priority', 'maximum_bytes_billed'],
  ...['impersonate_service_account', 'token', 'refresh_token', 'client_id', 'client_secret'],
]

function bigquerySettings(reader: ProfileReader, output: Mapping): Settings {
  const either = (a: string, b: string) => reader.text(output, a) ?? reader.text(output, b)
  if (output.project === undefined) reader.needed(output, 'database')
  // Only what the method names is used: a keyfile may stand there from before.
  const method = reader.text(output, 'method')
  const keyfile = method === 'service-account' ? reader.needed(output, 'keyfile') : undefined
  const { keyfile_json: json, scopes } = output
  return given({
    ...Object.fromEntries(BIGQUERY_SAME.map((key) => [key, reader.text(output, key)])),
    project: either('project', 'database'),
    dataset: either('dataset', 'schema'),
    keyfile: keyfile === undefined || isAbsolute(keyfile) ? keyfile : join(reader.request.folder, keyfile),
    keyfile_json: method === 'service-account-json' ? jsonOf(reader, output, json) : undefined,
    scopes: Array.isArray(scopes) ? scopes.join(' ') : undefined,
    job_execution_timeout_seconds: either('job_execution_timeout_seconds', 'timeout_seconds'),
  })
}

function databricksSettings(reader: ProfileReader, output: Mapping): Settings {
  const wantsClient = reader.text(output, 'auth_type') === 'oauth'
  if (wantsClient && output.client_id === undefined)
    throw reader.unread(
      output,
      'auth_type',
      'nobody is there to log in with a browser: give the target a token, or a client_id and client_secret',
    )
  const either = (a: string, b: string) => reader.text(output, a) ?? reader.text(output, b)
  return given({
    host: reader.needed(output, 'host'),
    http_path: reader.needed(output, 'http_path'),
    catalog: either('catalog', 'database'),
    schema: reader.text(output, 'schema'),
    auth_type: wantsClient ? 'oauth' : undefined,
    token: reader.text(output, 'token'),
    client_id: reader.text(output, 'client_id'),
    client_secret: reader.text(output, 'client_secret'),
  })
}

/** dbt takes the file's text, or what stands in it as YAML. */
function jsonOf(reader: ProfileReader, output: Mapping, json: unknown): string {
  if (!isMapping(json)) return reader.needed(output, 'keyfile_json')
  // A key in YAML often has its line ends written out.
  const texts = Object.keys(json).map((key) => [key, reader.text(json, key)?.replaceAll('\\n', '\n')])
  const text = JSON.stringify(Object.fromEntries(texts))
  reader.secrets.push(text, ...['private_key'].flatMap((key) => reader.text(json, key) ?? []))
  return text
}

function serverSettings(reader: ProfileReader, output: Mapping) {
  const either = (a: string, b: string) => reader.text(output, a) ?? reader.text(output, b)
  return {
    host: reader.needed(output, 'host'),
    port: reader.text(output, 'port'),
    user: either('user', 'username'),
    password: either('password', 'pass'),
    database: either('dbname', 'database'),
  }
}

function given(settings: Readonly<Record<string, string | undefined>>): Settings {
  return new Map(
    Object.entries(settings).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
}
