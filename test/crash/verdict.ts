import type { Entry } from './journal.ts'
import { type Asked, isPoison } from './oracle.ts'
import { BATCH_ROWS, WINDOW } from './orders.ts'

/** What came of it all: each of these must be 0, and 0 is what a user is promised. */
export interface Verdict {
  /** Rows of the model that the destination does not hold as they are. */
  readonly lostUpdates: number
  /** Keys that the destination holds and the model has no more. */
  readonly undeletedKeys: number
  /** Poison rows of the model without a receipt that says why. */
  readonly unexplainedRejects: number
  /** Rows that one more run sends although nothing changed. */
  readonly sentWithoutChange: number
  /** Requests that started when it was sure that another held the lease. */
  readonly staleRequests: number
  /** Rows of a plan that were sent again although their answer was surely in the ledger. */
  readonly repeatedAcknowledged: number
  /** Plans of which more rows were on their way at once than the window has room for. */
  readonly overfullWindows: number
  /** Idempotency keys that came with other changes than before. */
  readonly changedUnderOneKey: number
  /** Processes that ended by themselves, and runs that ended with our bug or an error without a code. */
  readonly bugs: number
}

export interface Repeats {
  /** Rows of interrupted plans that were sent again by the next holder, in all. */
  readonly rows: number
  /** After one interruption. */
  readonly most: number
  /** Times that a plan was taken up. */
  readonly plansTakenUp: number
  /** Rows of a plan that were on their way when a holder ended, at most. */
  readonly mostInFlight: number
}

/** What is held against what should be. */
export function lossesIn(
  model: ReadonlyMap<string, string>,
  held: ReadonlyMap<string, string>,
  explained: ReadonlySet<string>,
): Pick<Verdict, 'lostUpdates' | 'undeletedKeys' | 'unexplainedRejects'> {
  const rows = [...model]
  return {
    lostUpdates: rows.filter(([id, city]) => !isPoison(city) && held.get(id) !== city).length,
    undeletedKeys: [...held.keys()].filter((id) => !model.has(id)).length,
    unexplainedRejects: rows.filter(([id, city]) => isPoison(city) && !explained.has(id)).length,
  }
}

/** Rows of these requests that are no poison, which may be tried again. */
export function soundRowsIn(asked: readonly Asked[]): number {
  return asked.flatMap(({ changes }) => changes.filter(({ fields }) => !isPoison(fields.city))).length
}

/**
 * Requests of a token that started after a process knew that it had a larger one. A process is told after the warehouse
 * gave it the lease, so no request is counted that may have started before.
 */
export function staleRequestsIn(journals: readonly (readonly Entry[])[]): number {
  const entries = journals.flat().sort((a, b) => a.atMs - b.atMs)
  let largest = 0
  let stale = 0
  for (const entry of entries) {
    if (entry.kind === 'took') largest = Math.max(largest, entry.token)
    else if (entry.kind === 'sent' && entry.token < largest) stale += 1
  }
  return stale
}

/**
 * Requests that started under their lease and arrived after a process knew that it had a larger token: their sender
 * stood still between its last look at the lease and the socket. It must say so when it goes on.
 */
export function lateRequestsIn(journals: readonly (readonly Entry[])[], asked: readonly Asked[]): number {
  const entries = journals.flat().sort((a, b) => a.atMs - b.atMs)
  const sent = entries.flatMap((entry) => (entry.kind === 'sent' ? [entry] : []))
  const took = entries.flatMap((entry) => (entry.kind === 'took' ? [entry] : []))
  return asked.filter(({ port, atMs }) => {
    const token = sent.findLast((one) => one.port === port && one.atMs <= atMs)?.token
    return token !== undefined && took.some((one) => one.token > token && one.atMs <= atMs)
  }).length
}

/** What of interrupted plans was sent twice, judged by what the processes wrote down. */
export function repeatsIn(
  journals: readonly (readonly Entry[])[],
): Repeats & Pick<Verdict, 'repeatedAcknowledged' | 'overfullWindows'> {
  const counts = { rows: 0, most: 0, plansTakenUp: 0, mostInFlight: 0 }
  let [repeatedAcknowledged, overfullWindows] = [0, 0]
  for (const parts of partsByPlan(journals).values())
    for (const [index, part] of parts.entries()) {
      counts.mostInFlight = Math.max(counts.mostInFlight, part.inFlight)
      if (part.inFlight > WINDOW * BATCH_ROWS) overfullWindows += 1
      const [before, ...earlier] = parts.slice(0, index).reverse()
      if (before === undefined) continue
      counts.plansTakenUp += 1
      const repeated = [...part.rows.keys()].filter((id) => before.rows.has(id)).length
      counts.rows += repeated
      counts.most = Math.max(counts.most, repeated)
      repeatedAcknowledged += [...part.rows.keys()].filter((id) =>
        [before, ...earlier].some(({ rows }) => (rows.get(id) ?? 0) >= SURELY_WRITTEN),
      ).length
    }
  return { ...counts, repeatedAcknowledged, overfullWindows }
}

/** The first commit of answers after an answer may have begun before it; the second holds it. */
const SURELY_WRITTEN = 2

/** What one holder of the lease sent of one plan. */
interface Part {
  readonly token: number
  /** By id: how often answers were committed after the row was told to be applied; 0 also for a row that never was. */
  readonly rows: ReadonlyMap<string, number>
  /** Rows that were handed over and that nothing was told of when the holder ended. */
  readonly inFlight: number
}

/** By the plan's run, in the order of the tokens. */
function partsByPlan(journals: readonly (readonly Entry[])[]): ReadonlyMap<string, readonly Part[]> {
  const plans = new Map<string, Part[]>()
  for (const tenure of journals.flatMap(tenuresOf))
    for (const runId of new Set(tenure.flatMap((entry) => (entry.kind === 'asked' ? [entry.runId] : []))))
      plans.set(runId, [...(plans.get(runId) ?? []), partOf(tenure, runId)])
  return new Map([...plans].map(([runId, parts]) => [runId, parts.sort((a, b) => a.token - b.token)]))
}

/** A process takes the lease anew for each run. */
function tenuresOf(journal: readonly Entry[]): readonly (readonly Entry[])[] {
  const tenures: Entry[][] = [[]]
  for (const entry of journal) {
    if (entry.kind === 'took') tenures.push([])
    tenures.at(-1)?.push(entry)
  }
  return tenures
}

function partOf(tenure: readonly Entry[], runId: string): Part {
  const asked = tenure.flatMap((entry) => (entry.kind === 'asked' && entry.runId === runId ? [entry] : []))
  const numbers = new Set(asked.map(({ n }) => n))
  const rows = new Map(asked.flatMap(({ ids }) => ids).map((id) => [id, 0]))
  const settled = new Set<string>()
  for (const [at, entry] of tenure.entries()) {
    if (entry.kind !== 'told' || !numbers.has(entry.n)) continue
    const flushes = tenure.slice(at).filter(({ kind }) => kind === 'flushed').length
    for (const id of entry.applied) rows.set(id, flushes)
    for (const id of [...entry.applied, ...entry.refused]) settled.add(id)
  }
  const inFlight = [...rows.keys()].filter((id) => !settled.has(id)).length
  return { token: asked[0]?.token ?? 0, rows, inFlight }
}
