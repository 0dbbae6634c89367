import { type Fragment, join, sql } from '../../dialect/fragment.ts'
import type { IdentityScope } from './scope.ts'
import { identityOf, typeNumbers } from './slots.ts'

/** `max_records` of the type in `s.t`. */
export function maxRecords(scope: IdentityScope): Fragment {
  const identity = identityOf(scope.entity)
  const limits = [...typeNumbers(identity)].map(([type, number]) => ({
    number,
    limit: identity.identifiers.get(type)?.maxRecords ?? 0,
  }))
  const [first] = limits
  if (first !== undefined && limits.every(({ limit }) => limit === first.limit)) return sql`${first.limit}`
  const cases = limits.map(({ number, limit }) => sql`when ${number} then ${limit}`)
  return sql`case s.t ${join(cases, ' ')} end`
}
