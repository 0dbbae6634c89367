import type { BoundSync } from '../graph/graph.ts'
import type { PlanCounts } from '../ledger/ledger.ts'
import type { GuardVerdict } from './results.ts'

type Guard = BoundSync['sync']['guard']
type Limit = NonNullable<Guard['maxRemove']>

/** What the guards are judged on. */
export interface GuardedFigures extends PlanCounts {
  /** Removes of people who withdrew their consent: they go whatever the limit. */
  readonly refused: number
  /** The model is the one that was committed last: nothing was compared, and there is no plan to number. */
  readonly rests?: boolean
}

/**
 * The first guard that a plan breaks. Percentages are of the snapshot before the run, and say nothing of an empty
 * one. The default of `max_remove` lets 10 removes through whatever their share; a limit of the project's own is
 * taken as it stands.
 */
export function brokenGuard(guard: Guard, figures: GuardedFigures): GuardVerdict | undefined {
  const { snapshotRows } = figures
  const least = guard.minRows ?? 1
  if (snapshotRows > 0 && figures.modelRows < least)
    return { name: 'min_rows', limit: least, value: figures.modelRows }
  const removes = figures.remove - figures.refused
  if (guard.maxRemove === undefined) {
    if (snapshotRows > 0 && removes > LET_THROUGH && removes > shareOf(DEFAULT_REMOVE, snapshotRows))
      return verdict('max_remove', DEFAULT_REMOVE, removes)
  } else if (isOver(guard.maxRemove, removes, snapshotRows))
    return verdict('max_remove', guard.maxRemove, removes)
  const changes = figures.change - (figures.resync ?? 0)
  if (guard.maxChange !== undefined && isOver(guard.maxChange, changes, snapshotRows))
    return verdict('max_change', guard.maxChange, changes)
  // Held rows alone send nothing: there is nothing to stop, and no plan that someone could accept.
  const sends = figures.add + figures.change + figures.remove > 0
  if (sends && guard.maxHeld !== undefined && isOver(guard.maxHeld, figures.held, snapshotRows))
    return verdict('max_held', guard.maxHeld, figures.held)
  return undefined
}

/** Whether more rows were rejected than may be: a share of what was sent; by default 10 rows are let through. */
export function tooManyRejected(guard: Guard, rejected: number, sent: number): GuardVerdict | undefined {
  if (guard.maxRejected !== undefined)
    return isOver(guard.maxRejected, rejected, sent)
      ? verdict('max_rejected', guard.maxRejected, rejected)
      : undefined
  return rejected > LET_THROUGH && rejected > shareOf(DEFAULT_REJECTED, sent)
    ? verdict('max_rejected', DEFAULT_REJECTED, rejected)
    : undefined
}

/** `5%`, or a number of rows. */
function limitText(limit: Limit): string | number {
  return limit.kind === 'percent' ? `${limit.value}%` : limit.value
}

const DEFAULT_REMOVE: Limit = { kind: 'percent', value: 20 }
const DEFAULT_REJECTED: Limit = { kind: 'percent', value: 1 }
const LET_THROUGH = 10

function isOver(limit: Limit, value: number, whole: number): boolean {
  if (limit.kind === 'rows') return value > limit.value
  return whole > 0 && value > shareOf(limit, whole)
}

function shareOf(limit: Limit, whole: number): number {
  return (limit.value * whole) / 100
}

function verdict(name: GuardVerdict['name'], limit: Limit, value: number): GuardVerdict {
  return { name, limit: limitText(limit), value }
}
