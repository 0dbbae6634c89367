import { CONNECTORS } from '../../connectors/index.ts'
import { publishedTables } from '../../src/build/published-tables.ts'
import type { Graph } from '../../src/graph/graph.ts'
import { planSyncs } from '../../src/sync/plan-syncs.ts'
import type { SyncResult } from '../../src/sync/results.ts'
import { runSyncs } from '../../src/sync/run-syncs.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { runOf, SYNC } from './shop.ts'
import { type Meter, type Spent, sum } from './spent.ts'
import { watched } from './watched.ts'

/** One run of the sync, as the command does it, and what its parts took. */
export interface Phases {
  readonly plan: Spent
  /** From the first statement about batches to the last answer written down. */
  readonly deliver: Spent
  readonly commit: Spent
  readonly whole: Spent
  readonly result: SyncResult
  readonly statements: number
  /** Bytes that left the warehouse while it delivered. */
  readonly bytesLeft: number
}

export async function syncOnce(warehouse: Warehouse, graph: Graph, meter: Meter): Promise<Phases> {
  const watching = watched(warehouse)
  const run = await runOf(watching.warehouse, graph)
  await run.ledger.prepare()
  watching.steps.length = 0
  const spent: Spent[] = []
  let [end, bytesBefore, bytesLeft] = [meter(), 0, 0]
  const next = () => {
    spent.push(end())
    end = meter()
  }
  watching.onStep = (step) => {
    if (spent.length === 0 && step === `sync.${SYNC}.batches`) {
      next()
      bytesBefore = watching.bytesLeft
    }
    if (spent.length === 1 && step === 'ledger.commit_counts') {
      next()
      bytesLeft = watching.bytesLeft - bytesBefore
    }
  }
  const [result] = await runSyncs(run, publishedTables(run), [SYNC], CONNECTORS)
  next()
  if (result?.status !== 'done')
    throw new Error(`expected the sync to be done, found ${result?.error?.message}`)
  const [plan = NOTHING, deliver = NOTHING, commit = NOTHING] = spent
  const whole = sum(spent)
  return { plan, deliver, commit, whole, result, statements: watching.steps.length, bytesLeft }
}

const NOTHING: Spent = { cpu: 0, wall: 0 }

/** As `sluice plan` does it. */
export async function planOnce(warehouse: Warehouse, graph: Graph): Promise<void> {
  const run = await runOf(warehouse, graph)
  const [plan] = await planSyncs(run, publishedTables(run), [SYNC], CONNECTORS, { sample: 0 })
  if (plan === undefined || plan.error !== undefined)
    throw new Error(`expected a plan, found ${plan?.error?.message}`)
}
