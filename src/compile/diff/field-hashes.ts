import type { ColumnType } from '../../dialect/dialect.ts'
import { EMPTY, type Fragment, id, join, lit, sql } from '../../dialect/fragment.ts'
import type { BoundSync } from '../../graph/graph.ts'
import type { CompileContext } from '../context.ts'
import type { RawModel } from './raw-model.ts'

/** One hash a mapped field, by name, with commas between: of what is sent, or was sent last. */
export const FIELD_HASHES = 'field_hashes'
/** The snapshot's, beside those of the model. */
export const SENT_HASHES = 'sent_hashes'

/** What is known of the fields of a model. */
interface ModelFields {
  readonly bound: BoundSync
  readonly raw: RawModel
  readonly types: ReadonlyMap<string, ColumnType>
}

/** What a missing value means to the destination is part of what was sent. */
export function fieldHashesText(context: CompileContext, { bound, raw, types }: ModelFields): Fragment {
  const { fn } = context.dialect
  const nulls = fn.asText(lit(bound.sync.nulls))
  const hashes = raw.fields.map(({ column }) => {
    const value = fn.canonical(sql`t.${id(column)}`, types.get(column) ?? 'other')
    return fn.asText(fn.rowHash([nulls, value]))
  })
  const [first = lit(''), ...more] = hashes
  return more.reduce((all, hash) => sql`${all} || ',' || ${hash}`, first)
}

/**
 * JSON of the fields that differ from what was sent last, in a changed row `j`; `all` in any other row, where what was
 * sent is not known, and where nothing is left to be said: a request without a field is a mistake to some destinations.
 */
export function changedJson(context: CompileContext, model: ModelFields, all: Fragment): Fragment {
  const { fn } = context.dialect
  const { raw, bound, types } = model
  if (raw.fields.length === 0) return all
  const entries = raw.fields.map(({ field, column }, index) => {
    const value = fn.jsonValue(sql`j.${id(column)}`, types.get(column) ?? 'other')
    const hash = (hashes: string) => fn.splitPart(sql`j.${id(hashes)}`, ',', index + 1)
    const isThere = bound.sync.nulls === 'skip' ? sql` and ${value} <> 'null'` : EMPTY
    return sql`case when ${hash(FIELD_HASHES)} <> ${hash(SENT_HASHES)}${isThere} then ${lit(`,${JSON.stringify(field)}:`)} || ${value} else '' end`
  })
  const changed = sql`'{' || substring(${join(entries, ' || ')}, 2) || '}'`
  return sql`coalesce(case when j.op = 'change' and j.${id(SENT_HASHES)} is not null then nullif(${changed}, '{}') end, ${all})`
}
