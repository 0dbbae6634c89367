import { type Fragment, lit, sql } from '../../dialect/fragment.ts'
import type { BoundSync } from '../../graph/graph.ts'

/** What is done with a key that left the model. */
export type Removal = 'nothing' | 'clear' | 'delete'

/**
 * As the sync says it. Inserted events are never taken back: what falls out of the window is forgotten, not removed.
 * A sync without mapped fields has nothing to clear.
 */
export function removalOf(bound: BoundSync): Removal {
  const { sync } = bound
  if (isEventInsert(bound)) return 'nothing'
  if (sync.mode.value === 'mirror') return 'delete'
  return sync.onRemove === 'clear' && sync.map.length === 0 ? 'nothing' : sync.onRemove
}

/** Keys that left the model are dropped from the snapshot. */
export function isEventInsert(bound: BoundSync): boolean {
  return bound.sync.mode.value === 'insert' && bound.source?.occurredAt !== undefined
}

/**
 * The fate of a leaver: `c` is its row, `s` who else wants it, `w` its earlier reject. `keepsAll`: it stays, because the
 * audience would become too small without it.
 */
export function leaverRule(bound: BoundSync, keepsAll: boolean): Fragment {
  if (removalOf(bound) === 'nothing') return sql`case when c.gone then 'kept' else 'left' end`
  return sql`case
        when w.op = ${lit('remove')} then 'retry_later'
        when s.key is not null then 'wanted_by'
        else ${lit(keepsAll ? 'below_fewest' : 'remove')}
      end`
}
