import { join } from 'node:path'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { TABLES } from './people.ts'

/**
 * Reads the files of people.ts into `data.<table>`, and all identifier values into `data.identifier_rows (source,
 * record_id, type, value)`: the same rows for what the stitch is compared with. Gives how many there are.
 */
export async function load(warehouse: Warehouse, folder: string): Promise<number> {
  const execute = (sql: string) => warehouse.execute({ step: 'bench.load', sql })
  await execute('create schema data')
  for (const { name, ids } of TABLES) {
    const columns = ['id', ...ids.map(({ type }) => type)]
    const path = join(folder, `${name}.csv`)
    const definitions = columns.map((column) => `${column} varchar`).join(', ')
    await execute(`create table data.${name} (${definitions}, happened_at timestamp)`)
    if (warehouse.dialect.name === 'duckdb')
      await execute(
        `insert into data.${name} select *, timestamp '2025-06-01' from read_csv('${path}', header = false, names = [${columns.map((column) => `'${column}'`).join(', ')}], all_varchar = true)`,
      )
    else {
      await execute(`copy data.${name} (${columns.join(', ')}) from '${path}' with (format csv)`)
      await execute(`update data.${name} set happened_at = timestamp '2025-06-01'`)
      await execute(`vacuum full analyze data.${name}`)
    }
  }
  const selects = TABLES.flatMap(({ name, ids }) =>
    ids.map(
      ({ type }) =>
        `select '${name}' as source, id as record_id, '${type}' as type, ${type} as value from data.${name} where ${type} is not null`,
    ),
  )
  await execute(`create table data.identifier_rows as ${selects.join(' union all ')}`)
  const [row] = await warehouse.read({
    step: 'bench.load',
    sql: 'select count(*) as n from data.identifier_rows',
  })
  return Number(row?.n)
}
