/**
 * One run to a destination that takes jobs, in a process of its own, for tests that kill it. Takes its orders as JSON
 * in the first argument.
 */
import { CONNECTORS } from '../../connectors/index.ts'
import { JOBS_ENTRY } from '../support/async-destination.ts'
import { endWithParent } from '../support/child.ts'
import { openWithOwner } from '../support/least-role.ts'
import { FAST, labOn } from '../support/sync-lab.ts'

interface Orders {
  readonly engine: 'duckdb' | 'postgres'
  readonly directory: string
  readonly settings: readonly (readonly [string, string | number])[]
  readonly yaml: string
  readonly runId: string
  readonly sql: readonly string[]
  readonly query: string
}

endWithParent()
const orders = JSON.parse(process.argv[2] ?? '') as Orders
const warehouse = await openWithOwner({
  type: orders.engine,
  directory: orders.directory,
  settings: new Map(orders.settings),
  runId: orders.runId,
  waitMs: 5000,
})
const connectors = new Map([...CONNECTORS, ['jobs', JOBS_ENTRY]])
const lab = await labOn(warehouse, orders.engine, orders.yaml, {
  connectors,
  leaseSeconds: 4,
  runs: orders.runId,
})
await lab.sql(...orders.sql)
const result = await lab.sync('out', { delivery: FAST })
const rows = await lab.rows(orders.query)
await warehouse.close()
process.stdout.write(JSON.stringify({ result: { ...result, error: result.error?.message }, rows }))
