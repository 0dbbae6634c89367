import { Random } from '../support/random.ts'
import type { Entry } from './journal.ts'
import { isPoison, startOracle } from './oracle.ts'
import type { Engine } from './orders.ts'
import {
  lateRequestsIn,
  lossesIn,
  type Repeats,
  repeatsIn,
  soundRowsIn,
  staleRequestsIn,
  type Verdict,
} from './verdict.ts'
import { type CrashOrder, World } from './world.ts'

export interface CrashFigures {
  readonly engine: Engine
  readonly seed: number
  readonly kills: number
  /** Kills of a process that had requests or answers of a plan that were not committed. */
  readonly killsWhileSending: number
  readonly pauses: number
  /** Of the pauses: those between the last look at the lease and the socket. */
  readonly pausesInTheGap: number
  /** Pauses in which another process took the lease. */
  readonly takenOverInPause: number
  readonly rivals: string
  readonly runs: number
  /** By how they ended: the status, and the code of its error. */
  readonly endings: Readonly<Record<string, number>>
  readonly requests: number
  /** Of the requests: those that arrived after another process had the lease. */
  readonly lateRequests: number
  /** Of the requests before the last, peaceful runs. */
  readonly faultPercent: number
  readonly rowsAtTheEnd: number
  readonly poisonRowsAtTheEnd: number
  readonly repeats: Repeats
  readonly verdict: Verdict
  /** What the bugs were. */
  readonly told: readonly string[]
  readonly seconds: number
}

/**
 * Kills and pauses engines at random moments while they send to a hostile destination and the model changes; then lets
 * one finish in peace, and judges. The same seed gives the same order of events, not the same moments: processes are
 * as fast as the machine lets them.
 */
export async function crashRun(order: CrashOrder): Promise<CrashFigures> {
  const startedAt = performance.now()
  const random = new Random(order.seed)
  const oracle = await startOracle(new Random(order.seed + 1))
  const world = new World(order, random, oracle)
  try {
    await world.quiet('fill')
    await world.disturb()
    return await judged(world, startedAt)
  } finally {
    await world.end()
    await oracle.close()
  }
}

async function judged(world: World, startedAt: number): Promise<CrashFigures> {
  const { order, oracle } = world
  const before = oracle.asked.length
  const { model = [], explained = [], again, synced } = await world.quiet('finish')
  const rows = new Map(model.map(([id = '', city = '']) => [id, city]))
  const journals = world.journals()
  const ends = journals.flat().flatMap((entry) => (entry.kind === 'synced' ? [entry] : []))
  const { repeatedAcknowledged, overfullWindows, ...repeats } = repeatsIn(journals)
  const last = oracle.asked.slice(before).filter(({ runId }) => runId.endsWith('x2'))
  const losses = lossesIn(rows, oracle.rows, new Set(explained))
  for (const end of [synced, again])
    if (end?.code !== undefined) world.told.push(`the last runs: ${end.code} ${end.error}`)
  for (const { code, error } of ends)
    if (code === 'none' || code?.startsWith('SLU9')) world.told.push(`${code} ${error}`)
  const hostile = oracle.asked.filter(({ fault }) => fault !== undefined)
  const faults = hostile.filter(({ fault }) => fault !== 'none').length
  return {
    engine: order.engine,
    seed: order.seed,
    ...world.counts,
    rivals:
      order.engine === 'duckdb'
        ? 'none: another process cannot open the file, so a process that is paused has no rival'
        : 'two processes at once, one of them at the start of every pause',
    runs: ends.length,
    endings: endingsOf(ends),
    requests: oracle.asked.length,
    lateRequests: lateRequestsIn(journals, oracle.asked),
    faultPercent: Math.round((faults / hostile.length) * 1000) / 10,
    rowsAtTheEnd: rows.size,
    poisonRowsAtTheEnd: [...rows.values()].filter(isPoison).length,
    repeats,
    verdict: {
      ...losses,
      sentWithoutChange: soundRowsIn(last),
      staleRequests: staleRequestsIn(journals),
      repeatedAcknowledged,
      overfullWindows,
      changedUnderOneKey: oracle.changedUnderOneKey,
      bugs: world.told.length,
    },
    told: [...new Set(world.told)].slice(0, MOST_TOLD),
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
  }
}

/** An engine that is broken has little more to say than that. */
const MOST_TOLD = 10

function endingsOf(ends: readonly (Entry & { readonly kind: 'synced' })[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status, code, resumed } of ends) {
    const name = [status, code, resumed ? 'resumed' : undefined].filter((one) => one !== undefined).join(' ')
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
