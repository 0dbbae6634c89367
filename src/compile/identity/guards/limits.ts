import { type Fragment, join, sql } from '../../../dialect/fragment.ts'
import type { IdentifierRule, Identity } from '../../../spec/project.ts'
import { typeNumbers } from '../slots.ts'

/**
 * What one entity may hold at most. Each limit has a number: that of its identifier type; 0 for records, each of which
 * counts as a value of its own; below 0 for the lists of `block`, whose records are values of which one may be held.
 */
export interface Limits {
  readonly types: readonly LimitedType[]
  /** `max_entity_size`. */
  readonly records: number | undefined
  /** How many lists of records that are to be kept apart. */
  readonly blocks: number
}

export interface LimitedType {
  readonly number: number
  readonly name: string
  readonly most: number
}

/** The reason of values that one record holds too many of. */
export const ALONE = 'record_over_limit'

/** The number of the limit on records. */
export const RECORDS = 0

export function limitsOf(identity: Identity): Limits {
  const types = [...typeNumbers(identity)].flatMap(([name, number]) => {
    const most = identity.identifiers.get(name)?.maxPerEntity
    return most === undefined ? [] : [{ number, name, most }]
  })
  return { types, records: identity.maxEntitySize, blocks: identity.block.length }
}

export function hasLimits({ types, records, blocks }: Limits): boolean {
  return types.length > 0 || records !== undefined || blocks > 0
}

/** The most that the limit whose number stands in `number` allows. */
export function mostOf({ types, records }: Limits, number: Fragment): Fragment {
  const cases = [
    ...types.map((type) => sql`when ${number} = ${type.number} then ${type.most}`),
    ...(records === undefined ? [] : [sql`when ${number} = ${RECORDS} then ${records}`]),
  ]
  return cases.length === 0 ? sql`1` : sql`case ${join(cases, ' ')} else 1 end`
}

/**
 * Which identifiers are believed first, by type: 1, 2, ... By `priority`; types without one come last, those with a
 * limit of their own before others. Two types may be equal: then only the values decide, never the order in a file.
 */
export function tiersOf(identity: Identity): ReadonlyMap<string, number> {
  const rules = [...identity.identifiers.values()]
  const places = [...new Map(rules.map((rule) => [keyOf(rule), placeOf(rule)])).entries()]
    .sort(([, a], [, b]) => a[0] - b[0] || a[1] - b[1])
    .map(([key]) => key)
  return new Map(rules.map((rule) => [rule.type, places.indexOf(keyOf(rule)) + 1]))
}

function placeOf({ priority, maxPerEntity }: IdentifierRule): readonly [number, number] {
  return [priority ?? Number.MAX_SAFE_INTEGER, maxPerEntity === undefined ? 1 : 0]
}

function keyOf(rule: IdentifierRule): string {
  return placeOf(rule).join(' ')
}
