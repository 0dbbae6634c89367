import * as z from 'zod'
import { isMapping } from '../mapping.ts'
import { TARGET_TYPES } from '../vocabulary.ts'
import { choice } from './choice.ts'
import { definitionShape, envText, expecting, text } from './common.ts'

/** One shape for every type of target once it was checked. */
export interface RawTarget extends RawShared {
  readonly type: (typeof TARGET_TYPES)[number]
}

/** One whose connection dbt's `profiles.yml` describes. */
export interface RawProfileTarget extends RawShared {
  readonly dbt_profile: string
  readonly dbt_target?: string
}

interface RawShared {
  readonly state_schema?: string
  readonly send?: 'real' | 'sandbox' | 'refuse'
  readonly description?: string
  readonly owner?: string
  readonly tags?: readonly string[]
  readonly meta?: Readonly<Record<string, unknown>>
  readonly enabled?: boolean
}

const SERVER = {
  host: 'Name or address of the server.',
  port: 'Its port.',
  user: 'Who connects.',
  password: 'Read it from the environment.',
  database: 'The database to connect to.',
  sslmode: 'disable, require, verify-ca or verify-full.',
  sslrootcert: 'The file of the authority that signed the certificate of the server, relative to sluice.yml.',
  statement_timeout_seconds: 'The server stops a statement that takes longer.',
}

/** The connection's own settings, with what they are. What a warehouse cannot do without stands in `NEEDED`. */
const SETTINGS: Readonly<Record<RawTarget['type'], Readonly<Record<string, string>>>> = {
  duckdb: {
    path: 'The database file, relative to sluice.yml; created when missing.',
    memory_limit: 'Such as 4GB.',
    threads: 'How many.',
  },
  postgres: {
    ...SERVER,
    sslcert: 'The file of the certificate by which the user is known, relative to sluice.yml.',
    sslkey: 'The file of its key, relative to sluice.yml.',
  },
  redshift: {
    ...SERVER,
    query_group: 'By which Redshift chooses the queue. Default: sluice and the id of the run.',
  },
  snowflake: {
    account: 'The account identifier, such as myorg-myaccount.',
    user: 'Who connects.',
    authenticator: 'How it is proven who connects, where the other settings do not tell.',
    private_key_path: 'The file of the key, relative to sluice.yml.',
    private_key: 'The key itself. Read it from the environment.',
    private_key_passphrase: 'Read it from the environment.',
    token: 'A programmatic access token, or one of OAuth or a workload. Read it from the environment.',
    password: 'Read it from the environment.',
    oauth_client_id: 'Who asks for a token of OAuth.',
    oauth_client_secret: 'Read it from the environment.',
    oauth_token_request_url: 'Where a token of OAuth is asked for.',
    oauth_scope: 'What is asked for.',
    workload_identity_provider: 'aws, azure, gcp or oidc.',
    workload_identity_entra_resource: 'Of Azure.',
    role: 'The role to use.',
    warehouse: 'The compute to use.',
    database: 'The database to use.',
    schema:
      'Where temporary tables stand until there is the state schema. Default: that of the user, or PUBLIC.',
    host: 'Of a private link.',
    port: 'Its port.',
    access_url: 'The whole address, instead of host and port.',
    proxy_host: 'A proxy for http.',
    proxy_port: 'Its port.',
    statement_timeout_seconds: 'Snowflake stops a statement that takes longer.',
  },
  bigquery: {
    project: 'The project whose datasets are meant by names without one.',
    execution_project: "Where jobs run and are billed. Default: project's.",
    quota_project: 'Whose quota requests count against.',
    dataset: 'Where tables are that stand in the project without a dataset.',
    location: 'Where the datasets are, such as EU or europe-west1.',
    keyfile: 'The file of the service account or of other credentials, relative to sluice.yml.',
    keyfile_json: 'What stands in it. Read it from the environment.',
    impersonate_service_account: 'The address of a service account that is used instead.',
    refresh_token: 'Of OAuth, with client_id and client_secret. Read it from the environment.',
    client_id: 'Of OAuth.',
    client_secret: 'Read it from the environment.',
    token: 'An access token that somebody else renews. Read it from the environment.',
    scopes: 'More than that of BigQuery, with spaces between.',
    priority: 'interactive (the default) or batch.',
    maximum_bytes_billed: 'A statement that would be billed for more is refused.',
    job_execution_timeout_seconds: 'A statement that takes longer is stopped.',
    api_endpoint: 'Of a private network, or of a stand-in.',
  },
  databricks: {
    host: 'The workspace.',
    http_path: 'Of the SQL warehouse; or warehouse_id.',
    warehouse_id: 'Of the SQL warehouse; or http_path.',
    catalog: "The catalog to use. Default: the workspace's own.",
    schema: 'Where tables without a schema are.',
    auth_type: 'pat or oauth-m2m. Default: by which of their settings are there.',
    token: 'Read it from the environment.',
    client_id: 'Of the service principal.',
    client_secret: 'Read it from the environment.',
    statement_timeout_seconds: 'A statement that takes longer is cancelled.',
  },
}

const NEEDED: Readonly<Record<RawTarget['type'], readonly string[]>> = {
  duckdb: ['path'],
  postgres: ['host', 'database'],
  redshift: ['host', 'database'],
  snowflake: ['account', 'warehouse', 'database'],
  bigquery: ['project'],
  databricks: ['host'],
}

const setting = z.union([envText, z.number(), z.boolean()], expecting('setting'))

const shared = {
  state_schema: z
    .string(expecting('schema_name'))
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, expecting('schema_name'))
    .optional()
    .meta({ description: 'The only schema that Sluice writes to.', default: 'sluice' }),
  send: z.enum(['real', 'sandbox', 'refuse']).optional().meta({
    description: 'real: to the destinations; sandbox: to their fakes; refuse: nothing.',
    default: 'real',
  }),
  ...definitionShape,
}

const options: ReadonlyMap<string, z.ZodType> = new Map(TARGET_TYPES.map((type) => [type, optionOf(type)]))
const type = z.enum(TARGET_TYPES)
const profile = z.strictObject({
  dbt_profile: text.meta({ description: "Of dbt's profiles.yml, which describes the connection." }),
  dbt_target: text.optional().meta({ description: 'Of the profile.', default: "the profile's own" }),
  ...shared,
})
const anyType = z.looseObject({ type }, expecting('mapping'))

export const target = choice<RawTarget | RawProfileTarget>(
  [...options.values(), profile],
  (value, report) => {
    if (
      isMapping(value) &&
      !Object.hasOwn(value, 'type') &&
      PROFILE_KEYS.some((key) => Object.hasOwn(value, key))
    )
      return profile
    const named = anyType.safeParse(value)
    if (named.success) return options.get(named.data.type)
    if (!isMapping(value) || Object.hasOwn(value, 'type')) return anyType
    const strange = Object.keys(value).filter((key) => !KNOWN_KEYS.has(key))
    if (strange.length > 0) report({ kind: 'unknown', keys: strange, known: ['type', ...PROFILE_KEYS] })
    else report({ kind: 'missing', keys: ['type'], anyTypo: true })
    return undefined
  },
)

const PROFILE_KEYS = ['dbt_profile', 'dbt_target']

/** Of any type: what else stands in a target without a type may be the type, misspelt. */
const KNOWN_KEYS: ReadonlySet<string> = new Set([
  ...Object.values(SETTINGS).flatMap((settings) => Object.keys(settings)),
  ...Object.keys(shared),
])

function optionOf(name: RawTarget['type']) {
  const settings = Object.entries(SETTINGS[name]).map(([key, description]) => {
    const described = setting.meta({ description })
    return [key, NEEDED[name].includes(key) ? described : described.optional()]
  })
  return z.strictObject({
    type: z.literal(name).meta({ description: 'The warehouse.' }),
    ...Object.fromEntries(settings),
    ...shared,
  })
}
