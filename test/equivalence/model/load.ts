import type { Dialect, DialectName } from '../../../src/dialect/dialect.ts'
import type { Warehouse } from '../../../src/warehouse/warehouse.ts'
import { type Cell, type Kind, SHAPES, type World } from './world.ts'

const TYPES: Readonly<Record<DialectName, Readonly<Record<Kind, string>>>> = {
  duckdb: {
    ...{ text: 'varchar', integer: 'integer', decimal: 'decimal(10,2)', float: 'double', boolean: 'boolean' },
    ...{ timestamp: 'timestamp', zoned: 'timestamptz', date: 'date' },
  },
  postgres: {
    // a collation of a language, so that an order that is not by bytes would show
    ...{ text: 'text collate "en-x-icu"', integer: 'integer', decimal: 'numeric(10,2)' },
    ...{ float: 'double precision', boolean: 'boolean' },
    ...{ timestamp: 'timestamp', zoned: 'timestamptz', date: 'date' },
  },
  redshift: {
    ...{ text: 'varchar(65535)', integer: 'integer', decimal: 'decimal(10,2)' },
    ...{ float: 'double precision', boolean: 'boolean' },
    ...{ timestamp: 'timestamp', zoned: 'timestamptz', date: 'date' },
  },
  snowflake: {
    ...{ text: 'varchar', integer: 'integer', decimal: 'decimal(10,2)', float: 'double precision' },
    ...{ boolean: 'boolean', timestamp: 'timestamp_ntz', zoned: 'timestamp_tz', date: 'date' },
  },
  bigquery: {
    ...{ text: 'string', integer: 'int64', decimal: 'numeric(10,2)', float: 'float64', boolean: 'bool' },
    ...{ timestamp: 'timestamp', zoned: 'timestamp', date: 'date' },
  },
  databricks: {
    ...{ text: 'string', integer: 'int', decimal: 'decimal(10,2)', float: 'double', boolean: 'boolean' },
    ...{ timestamp: 'timestamp_ntz', zoned: 'timestamp', date: 'date' },
  },
}

/** Makes the world's tables, and the identity that a build would have made. */
export async function loadWorld(warehouse: Warehouse, world: World): Promise<void> {
  const { dialect } = warehouse
  for (const [source, { columns }] of Object.entries(SHAPES)) {
    const names = Object.entries(columns)
    const defined = names.map(
      ([name, kind]) => `${dialect.quote(dialect.stored(name))} ${TYPES[dialect.name][kind]}`,
    )
    await run(warehouse, `create table ${source} (${defined.join(', ')})`)
    const rows = (world.rows[source] ?? []).map(
      (row) => `(${names.map(([name, kind]) => print(dialect, row[name] ?? null, kind)).join(', ')})`,
    )
    if (rows.length > 0) await run(warehouse, `insert into ${source} values ${rows.join(',\n')}`)
  }
  const { text } = dialect.types
  await run(
    warehouse,
    `create table customer_identity (source ${text}, record_id ${text}, customer_id ${text})`,
  )
  const records = [...world.identity].map(([record, customer]) => {
    const [source = '', key = ''] = record.split(' ')
    return `('${source}', '${key}', '${customer}')`
  })
  await run(warehouse, `insert into customer_identity values ${records.join(', ')}`)
}

function run(warehouse: Warehouse, sql: string): Promise<number> {
  return warehouse.execute({ step: 'test', sql })
}

function print(dialect: Dialect, cell: Cell, kind: Kind): string {
  if (cell === null) return 'null'
  const typed = (text: string) => `cast(${dialect.literal(text)} as ${TYPES[dialect.name][kind]})`
  if (kind === 'timestamp') return dialect.timestampLiteral(isoOf(cell))
  if (kind === 'zoned') return typed(isoOf(cell).replace('Z', '+00:00'))
  if (kind === 'date') return typed(isoOf(cell).slice(0, 10))
  if (kind === 'float') return typed(Object.is(cell, -0) ? '-0' : String(cell))
  return dialect.literal(cell)
}

function isoOf(cell: Cell): string {
  return new Date(Number(cell)).toISOString()
}
