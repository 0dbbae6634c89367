import { type Fragment, id, join, lit, sql } from '../../dialect/fragment.ts'
import type { BoundSync } from '../../graph/graph.ts'
import { type IdentityType, typesSent } from '../../graph/identity-types.ts'
import type { SentIdentifier } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { slotColumn } from '../identity/records-query.ts'
import { identityOf } from '../identity/slots.ts'
import { wholeRecords } from '../inspect/entity-records.ts'
import { callingCodeOf } from '../normalize/phone.ts'
import { type Ruleset, rulesetOf } from '../normalize/rulesets.ts'

/** What an identifier of a sync is to the object that takes it. */
type IdentifierRole =
  | { readonly kind: 'alone'; readonly name: string }
  /** The `place`-th part, from 0, of what finds people by all its parts together. */
  | { readonly kind: 'part'; readonly of: string; readonly place: number }
  /** A field that is sent beside. */
  | { readonly kind: 'detail'; readonly name: string }

/** One value that the project names, in one role. */
export interface RawIdentifier {
  /**
   * Of the raw model: the value as it stands; where `type` is given the finished tokens of all values, with blanks
   * between.
   */
  readonly column: string
  readonly role: IdentifierRole
  readonly ruleset: Ruleset
  readonly mapping: SentIdentifier
  readonly type: IdentityType | undefined
}

/**
 * In the order of the manifest, then as the project has them; none where the object takes no identifiers. Throws: SLU4201
 * for a default country without a calling code.
 */
export function rawIdentifiers(context: CompileContext, bound: BoundSync): readonly RawIdentifier[] {
  const { sync } = bound
  const types = typesSent(context.graph.project, bound, sync.identifiers)
  for (const { defaultCountry } of sync.identifiers)
    if (defaultCountry !== undefined) callingCodeOf(defaultCountry)
  const wanted = takenRoles(bound).flatMap((taken) =>
    sync.identifiers.filter(({ field }) => field === taken.field).map((mapping) => ({ ...taken, mapping })),
  )
  return wanted.map(({ role, ruleset, mapping }, index) => ({
    column: `i_${index + 1}`,
    role,
    ruleset: rulesetOf(ruleset),
    mapping,
    type: types.get(mapping),
  }))
}

/** Of all identifiers that the sync gives, by name: part of what its rows are. Undefined: it gives none. */
export function rulesetsOf(bound: BoundSync): readonly string[] | undefined {
  const given = givenNames(bound)
  const names = takenRoles(bound).flatMap(({ field, ruleset }) => (given.has(field) ? [ruleset] : []))
  return names.length === 0 ? undefined : [...new Set(names)].sort()
}

/** A value that stands in records. */
export type TypedIdentifier = RawIdentifier & { readonly type: IdentityType }

export function typedOf(identifiers: readonly RawIdentifier[]): readonly TypedIdentifier[] {
  return identifiers.flatMap(({ type, ...one }) => (type === undefined ? [] : [{ ...one, type }]))
}

/**
 * All values of a type that the records of each entity carry, as tokens: `entity_id`, `tokens`. A value that more than
 * `max_records` entities carry is left out: it is nobody's. Grain: one row an entity that has one.
 */
export function tokensQuery(
  context: CompileContext,
  { type, role, ruleset, mapping }: TypedIdentifier,
): Fragment {
  const known = sql`select w.entity_id, w.v_0
from (
  select d.entity_id, d.v_0, count(*) over (partition by d.v_0) as held_by
  from (
    select distinct v.entity_id, v.v_0
    from (
${valuesOf(context, type)}
    ) as v
    where v.v_0 is not null
  ) as d
) as w
where w.held_by <= ${maxRecordsOf(type)}`
  const { query, columns } = layered(context, known, [{ column: 'v', mapping, ruleset }])
  const name = role.kind === 'part' ? role.of : role.name
  const token = sql`${lit(`${name}:`)} || u.${id(columns[0] ?? '')}`
  const { fn } = context.dialect
  // Most have one, and to join texts in order costs many times all else.
  return sql`with placed as (
  select entity_id, token,
    row_number() over (partition by entity_id order by ${fn.byBytes(sql`token`)} nulls last) as place,
    count(*) over (partition by entity_id) as many
  from (
    select distinct u.entity_id, ${token} as token
    from (${query}) as u
  ) as tokens
  where token is not null
)
select entity_id, token as tokens
from placed
where many = 1
union all
select entity_id, ${fn.joinText(sql`token`, ' ', sql`place`)} as tokens
from placed
where many > 1
group by entity_id`
}

/**
 * A digest of all values that `tokensQuery` reads for these, as a query of one value: another one wherever a token may be
 * another. It costs a fraction of them, and tells of values outside the model too.
 */
export function recordsDigest(context: CompileContext, typed: readonly TypedIdentifier[]): Fragment {
  const { fn } = context.dialect
  const values = typed.map(({ type: { entity, type }, column }, index) => {
    const alias = id(`v_${index + 1}`)
    const name = fn.asText(lit(`${column} ${entity.name} ${type}`))
    const hash = fn.rowHash([name, sql`${alias}.entity_id`, sql`${alias}.v_0`])
    return sql`select ${hash} as h from (\n${valuesOf(context, { entity, type })}\n) as ${alias}`
  })
  return sql`select ${fn.hashSum(sql`v.h`)} from (\n${join(values, '\nunion all\n')}\n) as v`
}

/** `entity_id`, `v_0`: the values of a type as identity compares them. Grain: one row a record and place of the type. */
function valuesOf(context: CompileContext, type: IdentityType): Fragment {
  const values = wholeRecords(context, type.entity).flatMap(({ records, rows }) =>
    records.slots
      .filter((slot) => slot.rule.type === type.type)
      .map((slot) => sql`select r.entity_id, r.${slotColumn(slot)} as v_0\nfrom (${rows}) as r`),
  )
  return join(values, '\nunion all\n')
}

function maxRecordsOf({ entity, type }: IdentityType): Fragment {
  return sql`${identityOf(entity).identifiers.get(type)?.maxRecords ?? 0}`
}

/** Rows with a column for each finished value, whose names are given in order; from columns with `_0` at the end. */
export function layered(
  context: CompileContext,
  from: Fragment,
  values: readonly (Pick<RawIdentifier, 'column' | 'ruleset'> & { readonly mapping: SentIdentifier })[],
): { readonly query: Fragment; readonly columns: readonly string[] } {
  const { fn, fence } = context.dialect
  const all = values.map(({ column, ruleset, mapping }) => ({
    column,
    stages: ruleset.stages(fn, { defaultCountry: mapping.defaultCountry?.value }),
  }))
  const most = Math.max(0, ...all.map(({ stages }) => stages.length))
  let query = from
  for (let layer = 0; layer < most; layer += 1) {
    const made = all.flatMap(({ column, stages }) => {
      const stage = stages[layer]
      const value = sql`q.${id(`${column}_${layer}`)}`
      return stage === undefined ? [] : [sql`, ${stage(value)} as ${id(`${column}_${layer + 1}`)}`]
    })
    query = sql`select q.*${join(made, '')}\nfrom (${query}${fence}) as q`
  }
  return { query, columns: all.map(({ column, stages }) => `${column}_${stages.length}`) }
}

interface TakenRole {
  readonly field: string
  readonly role: IdentifierRole
  readonly ruleset: string
}

function givenNames({ sync }: BoundSync): ReadonlySet<string> {
  return new Set(sync.identifiers.map(({ field }) => field))
}

/** What is not given with all its parts is none. */
function takenRoles(bound: BoundSync): readonly TakenRole[] {
  const { alone = {}, together = {}, details = {} } = bound.object.identifiers ?? {}
  const given = givenNames(bound)
  const wholes = Object.entries(together).filter(([, parts]) =>
    Object.keys(parts).every((one) => given.has(one)),
  )
  return [
    ...Object.entries(alone).map(([name, ruleset]) => ({
      field: name,
      role: { kind: 'alone', name } as const,
      ruleset,
    })),
    ...wholes.flatMap(([of, parts]) =>
      Object.entries(parts).map(([field, ruleset], place) => ({
        field,
        role: { kind: 'part', of, place } as const,
        ruleset,
      })),
    ),
    ...Object.entries(details).map(([name, ruleset]) => ({
      field: name,
      role: { kind: 'detail', name } as const,
      ruleset,
    })),
  ]
}
