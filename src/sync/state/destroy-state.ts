import { SluiceError } from '../../base/errors.ts'
import type { RunContext } from '../../build/run-context.ts'
import { outputsOf } from '../../compile/build-order.ts'
import type { Lease } from '../../ledger/ledger.ts'

/** What a destination goes on to hold, of which nobody will know any more. */
export interface LeftBehind {
  readonly sync: string
  /** Undefined when the sync is no longer in the project. */
  readonly destination: string | undefined
  /** As the connector told it. */
  readonly account: string
  readonly rows: number
}

export interface DestroyedState {
  readonly tables: readonly string[]
  /** False when something of others stands in the schema, or it is one that every database has. */
  readonly schemaDropped: boolean
}

/** Snapshots with rows, by destination. */
export async function leftBehind({ ledger, graph }: RunContext): Promise<readonly LeftBehind[]> {
  const snapshots = await ledger.syncs.snapshots()
  return snapshots
    .filter(({ rows }) => rows > 0)
    .map(({ sync, account, rows }) => ({
      sync,
      destination: graph.project.syncs.get(sync)?.to.destination.value,
      account,
      rows,
    }))
    .sort((a, b) => compare(a.destination ?? '', b.destination ?? '') || compare(a.sync, b.sync))
}

/** Throws SLU5007 (guard) while snapshots hold rows, unless they are given up. */
export function requireAbandoned(left: readonly LeftBehind[], abandon: boolean): void {
  if (left.length === 0 || abandon) return
  const told = left.map(
    ({ sync, destination, account, rows }) =>
      `${rows} rows of ${sync} at ${destination ?? 'a former destination'} (${account})`,
  )
  throw new SluiceError('SLU5007', {
    message: `expected snapshots without rows, found ${told.join('; ')}`,
    hint: 'without them nobody knows what is there, and nothing of it is ever removed: take it over with --adopt later, move it with "sluice state export", or give it up: --abandon',
  })
}

/**
 * Drops every table of ours in the state schema, and the schema when nothing else is in it. No run can be at work
 * meanwhile. Throws SLU5001 (busy) while one is, SLU5011 when views of others read a table of ours.
 */
export async function destroyState(run: RunContext): Promise<DestroyedState> {
  const { ledger } = run
  const tables = await ledger.own.list(builtNames(run))
  if (tables.length === 0) return { tables, schemaDropped: false }
  await refuseViews(run, tables)
  const leases: Lease[] = []
  try {
    for (const name of await leaseNames(run)) leases.push(await ledger.acquire(name, run.runId, 0))
    const schemaDropped = await ledger.own.drop(tables)
    return { tables, schemaDropped }
  } finally {
    for (const lease of leases) await lease.release()
  }
}

/** `build`, every sync that has a lease, and whatever else was ever leased. */
async function leaseNames({ ledger }: RunContext): Promise<readonly string[]> {
  const leases = await ledger.leases()
  return [...new Set(['build', ...leases.map(({ name }) => name)])]
}

function builtNames({ graph }: RunContext): readonly string[] {
  return [...graph.nodes.values()].flatMap((node) => outputsOf(graph, node))
}

async function refuseViews({ ledger, target }: RunContext, tables: readonly string[]): Promise<void> {
  const views = await ledger.own.viewsOn(tables)
  if (views.length === 0) return
  throw new SluiceError('SLU5011', {
    message: `expected that nobody reads the tables of "${target.stateSchema}", found the views ${views.join(', ')}`,
    hint: 'drop them first; nothing was dropped',
  })
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
