import { EMPTY, type Fragment, id, join, sql } from '../dialect/fragment.ts'
import type { PlanRecord } from './ledger.ts'

/** The columns of a key with several fields; a key of one field has none. */
export function partColumns(keyFields: readonly string[]): readonly Fragment[] {
  return keyFields.length < 2 ? [] : keyFields.map((_, index) => id(`part_${index + 1}`))
}

/** What rows of a plan bring for the snapshot beside what all plans do. */
export function rememberedColumns({ numberFields, fieldNames }: PlanRecord): readonly Fragment[] {
  return [
    ...(numberFields === undefined ? [] : [id('numbers')]),
    ...(fieldNames === undefined ? [] : [id('field_hashes')]),
  ]
}

/** `, a, b`; empty for none. */
export function listed(fragments: readonly Fragment[]): Fragment {
  return fragments.length === 0 ? EMPTY : sql`, ${join(fragments, ', ')}`
}
