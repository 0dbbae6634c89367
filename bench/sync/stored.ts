import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { SYNC } from './shop.ts'

/** How many bytes the snapshot takes on disk for each byte of the model. */
export async function snapshotShare(warehouse: Warehouse): Promise<number> {
  if (warehouse.dialect.name === 'duckdb')
    await warehouse.execute({ step: 'bench.checkpoint', sql: 'checkpoint' })
  const size = async (table: string): Promise<number> => {
    const [row] = await warehouse.read({ step: 'bench.stored', sql: storedSql(warehouse, table) })
    return Number(row?.stored)
  }
  return (await size(`sluice.snapshot_${SYNC}`)) / (await size('data.people'))
}

/** DuckDB counts in blocks, of which a small table has few. */
function storedSql({ dialect }: Warehouse, table: string): string {
  if (dialect.name === 'duckdb')
    return `select count(distinct block_id) * 262144 as stored from pragma_storage_info('${table}') where block_id >= 0`
  return `select pg_total_relation_size('${table}') as stored`
}
