import { spawnSync } from 'node:child_process'
import { Client } from 'pg'
import type { ConnectorEntry, ConnectorFake, HeldRow } from '../../src/connector/types.ts'
import { freshPostgres } from './postgres.ts'

/** The connector postgres, whose fake is a real server: each one is a schema of its own with a table of customers. */
export function onRealPostgres(entry: ConnectorEntry): ConnectorEntry {
  return { ...entry, loadFake: async () => startRealPostgres }
}

let database: ReturnType<typeof freshPostgres> | undefined
let schemas = 0

export interface RealPostgres extends ConnectorFake {
  readonly schema: string
  query(text: string): Promise<readonly Record<string, unknown>[]>
}

export async function startRealPostgres(): Promise<RealPostgres> {
  database ??= freshPostgres()
  const target = await database
  const text = (name: string) => String(target.get(name))
  const login = {
    ...{ host: text('host'), port: Number(target.get('port')), user: text('user') },
    ...{ password: text('password'), database: text('database') },
  }
  schemas += 1
  const schema = `fake ${schemas}`
  const query = async (sql: string) => {
    const client = new Client(login)
    await client.connect()
    try {
      return (await client.query(sql)).rows as Record<string, unknown>[]
    } finally {
      await client.end()
    }
  }
  const table = `"${schema}".customers`
  await query(`create schema "${schema}"`)
  await query(`create table ${table} (
    customer_id text primary key, first_name text, town text check (town <> '${REFUSED}'), arrived bigint generated always as identity)`)
  return {
    schema,
    query,
    server: undefined,
    settings: { ...login, sslmode: 'disable', allow_private_network: true },
    objectNames: ['customers'],
    useOf: () => ({ schema }),
    held: () => heldRows(login, `select customer_id, first_name, town from ${table} order by arrived`),
    sample: (_, index) => row(index, `Pau canary ${index}`),
    refused: (_, index) => ({ ...row(index, REFUSED), key: { customer_id: `refused${index}` } }),
    close: async () => {
      await query(`drop schema "${schema}" cascade`)
    },
  }
}

/** No town is called so. */
const REFUSED = 'refused town'

function row(index: number, town: string): HeldRow {
  return { key: { customer_id: `c${index}` }, fields: { first_name: `Ada canary ${index}`, town } }
}

/** What a fake holds is asked for without waiting, so another process asks. */
function heldRows(login: object, query: string): readonly HeldRow[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', ASK], {
    cwd: import.meta.dirname,
    env: { ...process.env, LOGIN: JSON.stringify(login), QUERY: query },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(stderr)
  return (JSON.parse(stdout) as Record<string, string>[]).map(({ customer_id, ...fields }) => ({
    key: { customer_id: customer_id ?? '' },
    fields,
  }))
}

const ASK = `import pg from 'pg'
const client = new pg.Client(JSON.parse(process.env.LOGIN))
await client.connect()
const { rows } = await client.query(process.env.QUERY)
process.stdout.write(JSON.stringify(rows))
await client.end()`
