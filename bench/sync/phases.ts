import { CONNECTORS } from '../../connectors/index.ts'
import { compileContext } from '../../src/build/compile-context.ts'
import { publishedTables } from '../../src/build/published-tables.ts'
import type { RunContext } from '../../src/build/run-context.ts'
import { textReader } from '../../src/compile/diff/destination-text.ts'
import { resolveSettings } from '../../src/connector/settings.ts'
import type { BoundSync, Graph } from '../../src/graph/graph.ts'
import { DEFAULT_DELIVERY } from '../../src/sync/options.ts'
import type { Body } from '../../src/sync/plan/body.ts'
import type { Piece } from '../../src/sync/plan/piece.ts'
import type { PieceReader, PlanSource } from '../../src/sync/plan/plan-source.ts'
import { warehousePlans } from '../../src/sync/plan/warehouse-plans.ts'
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
  /** All bodies, read once more than is needed and not sent. */
  readonly extract: Spent
  /** From the first statement about batches to the last answer written down; batches of 1,000. */
  readonly deliver: Spent
  readonly commit: Spent
  readonly whole: Spent
  readonly result: SyncResult
  readonly statements: number
  /** Bytes that left the warehouse while it delivered. */
  readonly bytesLeft: number
}

/** `kept` takes bodies while it has room. */
export async function syncOnce(
  warehouse: Warehouse,
  graph: Graph,
  meter: Meter,
  kept: Body[] = [],
): Promise<Phases> {
  const watching = watched(warehouse)
  const run = await runOf(watching.warehouse, graph)
  await run.ledger.prepare()
  watching.steps.length = 0
  const spent: Spent[] = []
  let [end, twice, bytes] = [meter(), 0, 0]
  const next = () => {
    spent.push(end())
    end = meter()
  }
  const plans = (_: RunContext, bound: BoundSync) =>
    readTwice(plansOf(run, bound), kept, {
      before: () => {
        next()
        twice = watching.steps.length
      },
      after: () => {
        next()
        bytes = watching.bytesLeft
        twice = watching.steps.length - twice
      },
    })
  watching.onStep = (step) => {
    if (spent.length !== 2 || step !== 'ledger.commit_counts') return
    next()
    bytes = watching.bytesLeft - bytes
  }
  const [result] = await runSyncs(run, publishedTables(run), [SYNC], CONNECTORS, { plans })
  next()
  if (result?.status !== 'done')
    throw new Error(`expected the sync to be done, found ${result?.error?.message}`)
  const [plan = NOTHING, extract = NOTHING, deliver = NOTHING, commit = NOTHING] = spent
  const whole = sum([plan, deliver, commit])
  const statements = watching.steps.length - twice
  return { plan, extract, deliver, commit, whole, result, statements, bytesLeft: bytes }
}

function plansOf(run: RunContext, bound: BoundSync): PlanSource {
  const context = compileContext(run, publishedTables(run).tables)
  const settings = resolveSettings(bound.manifest, bound.destination, textReader(run.env))
  return warehousePlans(run, context, bound, settings)
}

/** The same plans, but all bodies are read for nothing before they are delivered. */
function readTwice(
  plans: PlanSource,
  kept: Body[],
  tell: { readonly before: () => void; readonly after: () => void },
): PlanSource {
  const twice = (reader: PieceReader): PieceReader => ({
    bodies: (pieces) => reader.bodies(pieces),
    async *pieces(done) {
      tell.before()
      for await (const page of pagesOf(reader.pieces(done))) {
        const bodies = await reader.bodies(page)
        kept.push(...bodies.slice(0, MOST_KEPT - kept.length))
      }
      tell.after()
      yield* reader.pieces(done)
    },
  })
  return {
    hashVersion: () => plans.hashVersion(),
    draft: (...given) => plans.draft(...given),
    refusedSince: (plan) => plans.refusedSince(plan),
    reader: (plan, turn) => twice(plans.reader(plan, turn)),
  }
}

/** As many at once as delivery takes: twice what may be in flight. */
const PAGE = 2 * DEFAULT_DELIVERY.window

const MOST_KEPT = PAGE

async function* pagesOf(pieces: AsyncIterable<Piece>): AsyncGenerator<readonly Piece[]> {
  let page: Piece[] = []
  for await (const piece of pieces) {
    page.push(piece)
    if (page.length < PAGE) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}

const NOTHING: Spent = { cpu: 0, wall: 0 }

/** As `sluice plan` does it. */
export async function planOnce(warehouse: Warehouse, graph: Graph): Promise<void> {
  const run = await runOf(warehouse, graph)
  const [plan] = await planSyncs(run, publishedTables(run), [SYNC], CONNECTORS, { sample: 0 })
  if (plan === undefined || plan.error !== undefined)
    throw new Error(`expected a plan, found ${plan?.error?.message}`)
}
