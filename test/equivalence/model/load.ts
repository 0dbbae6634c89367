import type { Dialect, DialectName } from '../../../src/dialect/dialect.ts'
import type { Warehouse } from '../../../src/warehouse/warehouse.ts'
import { type Cell, type Kind, SHAPES, type World } from './world.ts'

const TYPES: Readonly<Record<Kind, Readonly<Record<DialectName, string>>>> = {
  // a collation of a language, so that an order that is not by bytes would show
  text: {
    duckdb: 'varchar',
    postgres: 'text collate "en-x-icu"',
    redshift: 'varchar(65535)',
    snowflake: 'varchar',
  },
  integer: { duckdb: 'integer', postgres: 'integer', redshift: 'integer', snowflake: 'integer' },
  decimal: {
    duckdb: 'decimal(10,2)',
    postgres: 'numeric(10,2)',
    redshift: 'decimal(10,2)',
    snowflake: 'decimal(10,2)',
  },
  float: {
    duckdb: 'double',
    postgres: 'double precision',
    redshift: 'double precision',
    snowflake: 'double precision',
  },
  boolean: { duckdb: 'boolean', postgres: 'boolean', redshift: 'boolean', snowflake: 'boolean' },
  timestamp: {
    duckdb: 'timestamp',
    postgres: 'timestamp',
    redshift: 'timestamp',
    snowflake: 'timestamp_ntz',
  },
  zoned: {
    duckdb: 'timestamptz',
    postgres: 'timestamptz',
    redshift: 'timestamptz',
    snowflake: 'timestamp_tz',
  },
  date: { duckdb: 'date', postgres: 'date', redshift: 'date', snowflake: 'date' },
}

/** Makes the world's tables, and the identity that a build would have made. */
export async function loadWorld(warehouse: Warehouse, world: World): Promise<void> {
  const { dialect } = warehouse
  for (const [source, { columns }] of Object.entries(SHAPES)) {
    const names = Object.entries(columns)
    const defined = names.map(([name, kind]) => `"${name}" ${TYPES[kind][dialect.name]}`)
    await run(warehouse, `create table ${source} (${defined.join(', ')})`)
    const rows = (world.rows[source] ?? []).map(
      (row) => `(${names.map(([name, kind]) => print(dialect, row[name] ?? null, kind)).join(', ')})`,
    )
    if (rows.length > 0) await run(warehouse, `insert into ${source} values ${rows.join(',\n')}`)
  }
  const text = dialect.name === 'postgres' ? 'text' : 'varchar'
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
  if (kind === 'timestamp') return `timestamp '${isoOf(cell).replace('Z', '')}'`
  if (kind === 'zoned') return `timestamptz '${isoOf(cell).replace('Z', '+00')}'`
  if (kind === 'date') return `date '${isoOf(cell).slice(0, 10)}'`
  if (kind === 'float') return `cast('${Object.is(cell, -0) ? '-0' : cell}' as ${TYPES.float[dialect.name]})`
  return dialect.literal(cell)
}

function isoOf(cell: Cell): string {
  return new Date(Number(cell)).toISOString()
}
