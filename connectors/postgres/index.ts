import { DestinationError } from '../../src/connector/errors.ts'
import { byKind } from '../../src/connector/rows.ts'
import type {
  Connection,
  Connector,
  ConnectorTools,
  DestinationField,
  ObjectUse,
  Settings,
} from '../../src/connector/types.ts'
import { POSTGRES_MANIFEST } from './manifest.ts'
import { Sessions } from './sessions.ts'
import type { Table } from './statements.ts'
import { removed, written } from './write.ts'

export const connector: Connector = { manifest: POSTGRES_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools, use?: ObjectUse): Connection {
  const sessions = new Sessions(settings, tools)
  const { host, port } = settings
  const table = use && { schema: String(use.settings.schema ?? 'public'), name: use.object }
  return {
    async account() {
      const [row] = await sessions.rows({ text: 'select current_database() as name', values: [] })
      const database = `${host}:${port}/${row?.name}`
      return table === undefined ? database : `${database}, table ${table.schema}.${table.name}`
    },
    async write(batch) {
      return byKind(batch, {
        removed: (rows) => removed(sessions, known(table), batch, rows),
        written: (rows) => written(sessions, known(table), batch, rows),
      })
    },
    fields: () => fieldsOf(sessions, known(table)),
    close: () => sessions.close(),
  }
}

function known(table: Table | undefined): Table {
  if (table !== undefined) return table
  throw new DestinationError('stop', { message: 'expected a table to write to, found none' })
}

/** Columns that the user may see, in the order of the table. */
async function fieldsOf(sessions: Sessions, { schema, name }: Table): Promise<readonly DestinationField[]> {
  const rows = await sessions.rows({ text: COLUMNS, values: [schema, name] })
  if (rows.length > 0)
    return rows.map((row) => ({ name: String(row.column_name), writable: row.writable === true }))
  throw new DestinationError('stop', {
    message: `expected a table ${schema}.${name} that the user may see, found none`,
    status: 404,
  })
}

const COLUMNS = `select column_name,
  is_updatable = 'YES' and is_generated = 'NEVER' and coalesce(identity_generation, '') <> 'ALWAYS' as writable
from information_schema.columns
where table_schema = $1 and table_name = $2
order by ordinal_position`
