import { EMPTY, type Fragment, id, join, sql } from '../dialect/fragment.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { PlanRecord } from './ledger.ts'

/** The columns of a key with several fields; a key of one field has none. */
export function partColumns(keyFields: readonly string[]): readonly Fragment[] {
  return keyFields.length < 2 ? [] : keyFields.map((_, index) => id(`part_${index + 1}`))
}

/** What rows of a plan bring for the snapshot beside what all plans do. */
export function rememberedColumns({ numberFields, fieldNames, rulesets }: PlanRecord): readonly Fragment[] {
  return [
    ...(numberFields === undefined ? [] : [id('numbers')]),
    ...(fieldNames === undefined ? [] : [id('field_hashes')]),
    ...(rulesets === undefined ? [] : [id('identifiers')]),
  ]
}

/** Where a row of an audience may be in it by both, both are kept: what is taken out is what may be there. */
export function bothIdentifiers(
  { dialect }: Pick<Warehouse, 'dialect'>,
  held: Fragment,
  sent: Fragment,
): Fragment {
  return sql`case
    when ${held} is null then ${sent}
    when ${sent} is null or ${dialect.fn.contains(held, sent)} then ${held}
    else ${held} || ' ' || ${sent}
  end`
}

/** `, a, b`; empty for none. */
export function listed(fragments: readonly Fragment[]): Fragment {
  return fragments.length === 0 ? EMPTY : sql`, ${join(fragments, ', ')}`
}
