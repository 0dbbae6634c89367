import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { TABLES } from './people.ts'

/** Of 1,000 records: those that come late, in two batches that have none in common. */
const LATE = { tenth: 1, one: 10 } as const

type Late = keyof typeof LATE

/** Takes the late records out of `data.<table>` into `data.late_<batch>_<table>`. */
export async function holdBack(warehouse: Warehouse): Promise<void> {
  for (const { name } of TABLES)
    for (const batch of ['tenth', 'one'] as const) {
      const kept = `data.late_${batch}_${name}`
      const where = `${SCATTERED} between ${batch === 'tenth' ? '0 and 0' : `1 and ${LATE.one}`}`
      await run(warehouse, `drop table if exists ${kept}`)
      await run(warehouse, `create table ${kept} as select * from data.${name} where ${where}`)
      await run(warehouse, `delete from data.${name} where ${where}`)
    }
}

export async function bring(warehouse: Warehouse, batch: Late): Promise<void> {
  for (const { name } of TABLES)
    await run(warehouse, `insert into data.${name} select * from data.late_${batch}_${name}`)
}

/** Of an id such as c-123456 a number below 1,000: the same records each time, of all persons. */
const SCATTERED = "(cast(split_part(id, '-', 2) as bigint) * 7919 + 104729) % 1000"

async function run(warehouse: Warehouse, sql: string): Promise<void> {
  await warehouse.execute({ step: 'bench.late', sql })
}
