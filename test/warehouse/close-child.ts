/**
 * A process that closes a DuckDB file while work on it is under way, opens it again, writes, and is killed. What it
 * wrote is judged by the test. Takes the folder in the first argument.
 */
import { openWarehouse } from '../../src/warehouse/open.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { endWithParent } from '../support/child.ts'

endWithParent()
const { directory } = JSON.parse(process.argv[2] ?? '') as { readonly directory: string }

const first = await open()
await first.execute({ step: 'test', sql: 'create table t as select 0 as a' })
const abandoned = [first, await first.openSession()].map(busy)
await new Promise((resolve) => setTimeout(resolve, 200))
await first.close()
const second = await open()
await second.execute({ step: 'test', sql: 'insert into t values (1)' })
const ends = await Promise.all(abandoned)
await second.execute({ step: 'test', sql: 'insert into t values (2)' })
process.stdout.write(JSON.stringify(ends))
// Nothing is written out: the next process finds what stands in the log.
setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100)

function open(): Promise<Warehouse> {
  return openWarehouse({
    type: 'duckdb',
    directory,
    settings: new Map([['path', 'w.duckdb']]),
    runId: 'test',
  })
}

/** What nobody waits for any more, and would take minutes; gives the code of the error that ended it. */
async function busy(warehouse: Warehouse): Promise<unknown> {
  const rows = `select count(*) from range(1000000) as a, range(1000000) as b where (a.range * b.range) % 7 = 8`
  const work = warehouse.transaction(async () => {
    await warehouse.execute({ step: 'test', sql: 'insert into t values (3)' })
    await warehouse.execute({ step: 'test', sql: rows }).catch(() => {})
    await warehouse.execute({ step: 'test', sql: 'insert into t values (3)' })
  })
  return work.then(
    () => 'done',
    (error: unknown) => (error as { readonly code?: string }).code,
  )
}
