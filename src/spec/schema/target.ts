import * as z from 'zod'
import { choice } from './choice.ts'
import { definitionShape, envText, expecting, TARGET_TYPES } from './common.ts'

/** One shape for every type of target once it was checked. */
export interface RawTarget {
  readonly type: (typeof TARGET_TYPES)[number]
  readonly state_schema?: string
  readonly send?: 'real' | 'sandbox' | 'refuse'
  readonly description?: string
  readonly owner?: string
  readonly tags?: readonly string[]
  readonly meta?: Readonly<Record<string, unknown>>
  readonly enabled?: boolean
}

const SERVER = ['host', 'port', 'user', 'password', 'database', 'sslmode']

/** The connection's own settings. What a warehouse cannot do without stands in `NEEDED`. */
const SETTINGS: Readonly<Record<RawTarget['type'], readonly string[]>> = {
  duckdb: ['path', 'memory_limit', 'threads'],
  postgres: SERVER,
  redshift: SERVER,
  snowflake: [
    'account',
    'user',
    'password',
    'authenticator',
    'private_key_path',
    'private_key_passphrase',
    'token',
    'role',
    'warehouse',
    'database',
  ],
  bigquery: ['project', 'location', 'keyfile', 'maximum_bytes_billed'],
  databricks: ['host', 'http_path', 'token', 'client_id', 'client_secret', 'catalog'],
}

const NEEDED: Readonly<Record<RawTarget['type'], readonly string[]>> = {
  duckdb: ['path'],
  postgres: ['host', 'database'],
  redshift: ['host', 'database'],
  snowflake: ['account', 'warehouse', 'database'],
  bigquery: ['project'],
  databricks: ['host', 'http_path'],
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
const anyType = z.looseObject({ type }, expecting('mapping'))

export const target = choice<RawTarget>([...options.values()], (value) => {
  const named = anyType.safeParse(value)
  return named.success ? options.get(named.data.type) : anyType
})

function optionOf(name: RawTarget['type']) {
  const settings = SETTINGS[name].map((key) => [
    key,
    NEEDED[name].includes(key) ? setting : setting.optional(),
  ])
  return z.strictObject(
    {
      type: z.literal(name).meta({ description: 'The warehouse.' }),
      ...Object.fromEntries(settings),
      ...shared,
    },
    expecting('mapping'),
  )
}
