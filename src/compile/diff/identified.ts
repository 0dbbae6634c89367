import type { ColumnType } from '../../dialect/dialect.ts'
import { type Fragment, id, join, lit, sql } from '../../dialect/fragment.ts'
import type { BoundSync } from '../../graph/graph.ts'
import type { CompileContext } from '../context.ts'
import { unescaped } from '../normalize/rules/rule.ts'
import { layered, type RawIdentifier, rulesetsOf } from './raw-identifiers.ts'
import type { RawModel } from './raw-model.ts'

/** What finds the row's person, hashed: `email:<hash> phone:<hash>`; null for nothing. */
export const IDENTIFIERS = 'identifiers'
/** What is to be taken out of the audience, written so; null for nothing. */
export const LEAVING = 'leaving'
/** Whether somebody can be found by the row: never null. */
export const IDENTIFIED = 'identified'

/** It keeps what each person is found by, to take it out again. */
export function isAudience({ object }: BoundSync): boolean {
  return object.audience !== undefined
}

/** Columns of a plan with what finds people, beside the fields; none where the object takes no identifiers. */
export function foundColumns(bound: BoundSync): readonly string[] {
  if (rulesetsOf(bound) === undefined) return []
  return isAudience(bound) ? [IDENTIFIERS, LEAVING] : [IDENTIFIERS]
}

/** A field that is sent beside identifiers, hashed by the warehouse as they are. */
export interface DetailColumn {
  readonly field: string
  readonly column: string
}

/** In the order in which `identifiedRows` has them. */
export function detailsOf({ identifiers }: RawModel): readonly DetailColumn[] {
  const names = identifiers.flatMap(({ role }) => (role.kind === 'detail' ? [role.name] : []))
  return names.map((field, index) => ({ field, column: `d_${index + 1}` }))
}

/** The model's rows with `identifiers`, `identified` and the details; as they are where the sync gives none. */
export function identifiedRows(
  context: CompileContext,
  bound: BoundSync,
  raw: RawModel,
  types: ReadonlyMap<string, ColumnType>,
): Fragment {
  const { identifiers } = raw
  if (identifiers.length === 0) return raw.step.query
  const { fn, fence } = context.dialect
  const single = identifiers.filter(({ type }) => type === undefined)
  const texts = single.map(
    ({ column }) =>
      sql`, ${fn.canonicalText(sql`t.${id(column)}`, types.get(column) ?? 'other')} as ${id(`${column}_0`)}`,
  )
  const first = sql`select t.*${join(texts, '')}\nfrom (\n${raw.step.query}\n) as t`
  const { query, columns } = layered(context, first, single)
  const finished = new Map(single.map((one, index) => [one, sql`f.${id(columns[index] ?? '')}`]))
  const details = detailsOf(raw).map(({ column }, index) => {
    const one = identifiers.filter(({ role }) => role.kind === 'detail')[index]
    return sql`, ${one === undefined ? lit(null) : detailOf(context, one, finished)} as ${id(column)}`
  })
  const found = sql`select f.*, ${tokensOf(context, identifiers, finished)} as ${id(IDENTIFIERS)}${join(details, '')}
from (${query}${fence}) as f`
  const fields = raw.fields.filter(
    ({ field }) => bound.object.identifiers?.orFields?.includes(field) === true,
  )
  const any = [sql`g.${id(IDENTIFIERS)}`, ...fields.map(({ column }) => sql`g.${id(column)}`)]
  const isThere = any.map((value) => sql`${value} is not null`)
  return sql`select g.*, (${join(isThere, ' or ')}) as ${id(IDENTIFIED)}\nfrom (${found}${fence}) as g`
}

type Finished = ReadonlyMap<RawIdentifier, Fragment>

/** Each has a blank before it, which is taken from the first. */
function tokensOf(context: CompileContext, all: readonly RawIdentifier[], finished: Finished): Fragment {
  const alone = all.flatMap((one) => {
    if (one.role.kind !== 'alone') return []
    const value = finished.get(one)
    if (value === undefined) return [sql`coalesce(' ' || f.${id(one.column)}, '')`]
    return [sql`coalesce(${lit(` ${one.role.name}:`)} || ${value}, '')`]
  })
  const names = new Set(all.flatMap(({ role }) => (role.kind === 'part' ? [role.of] : [])))
  const together = [...names].map((of) => {
    const parts = all
      .filter(({ role }) => role.kind === 'part' && role.of === of)
      .map((one) => partOf(context, one, finished))
    return sql`coalesce(${lit(` ${of}:`)} || ${join(withBars(parts), ' || ')}, '')`
  })
  return sql`nullif(substring(${join([...alone, ...together], ' || ')}, 2), '')`
}

/** Missing when a part is. */
function withBars(parts: readonly Fragment[]): readonly Fragment[] {
  return parts.flatMap((part, index) => (index === 0 ? [part] : [lit('|'), part]))
}

/** Only in a token are plain values escaped. */
function detailOf(context: CompileContext, one: RawIdentifier, finished: Finished): Fragment {
  const value = partOf(context, one, finished)
  return one.ruleset.isHashed ? value : unescaped(value)
}

/** Of several values the first. */
function partOf({ dialect }: CompileContext, one: RawIdentifier, finished: Finished): Fragment {
  const value = finished.get(one)
  if (value !== undefined) return value
  return dialect.fn.splitPart(dialect.fn.splitPart(sql`f.${id(one.column)}`, ' ', 1), ':', 2)
}
