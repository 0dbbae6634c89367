import { EMPTY, type Fragment, id, join, sql } from '../dialect/fragment.ts'

/** The columns of a key with several fields; a key of one field has none. */
export function partColumns(keyFields: readonly string[]): readonly Fragment[] {
  return keyFields.length < 2 ? [] : keyFields.map((_, index) => id(`part_${index + 1}`))
}

/** `, a, b`; empty for none. */
export function listed(fragments: readonly Fragment[]): Fragment {
  return fragments.length === 0 ? EMPTY : sql`, ${join(fragments, ', ')}`
}
