import { SluiceError } from '../../base/errors.ts'
import type { ColumnType } from '../../dialect/dialect.ts'
import { EMPTY, type Fragment, id, join, lit, sql } from '../../dialect/fragment.ts'
import type { BoundSync } from '../../graph/graph.ts'
import type { CompileContext } from '../context.ts'
import { normalizeText } from '../normalize/text.ts'
import { FIELD_HASHES, fieldHashesText } from './field-hashes.ts'
import { detailsOf, IDENTIFIED, IDENTIFIERS, identifiedRows, isAudience } from './identified.ts'
import { rulesetsOf } from './raw-identifiers.ts'
import {
  CONSENTS,
  DESTINATION_CONSENTS,
  ENTITY_ID,
  ORDER,
  type RawColumn,
  type RawModel,
} from './raw-model.ts'
import { checkTolerated, NUMBERS, numbersText, toleratedFields } from './tolerance.ts'

/** A raw model whose columns' types are known. */
export interface TypedModel {
  readonly bound: BoundSync
  readonly raw: RawModel
  readonly types: ReadonlyMap<string, ColumnType>
}

/** Throws SLU9001 when the warehouse described other columns, SLU4311 for a tolerance of what is no number. */
export function typedModel(
  bound: BoundSync,
  raw: RawModel,
  described: readonly { readonly name: string; readonly type: ColumnType }[],
): TypedModel {
  const types = new Map([
    ...described.map(({ name, type }) => [name, type] as const),
    ...detailsOf(raw).map(({ column }) => [column, 'text'] as const),
  ])
  const order = raw.order === undefined ? [] : [raw.order]
  const missing = [...raw.keys, ...raw.fields, ...raw.identifiers, ...order].find(
    ({ column }) => !types.has(column),
  )
  if (missing !== undefined)
    throw new SluiceError('SLU9001', {
      message: `expected the warehouse to describe the field "${missing.mapping.field}", found it does not`,
    })
  checkTolerated(bound, raw, types)
  return { bound, raw, types }
}

/**
 * The rows that are compared. Columns: `key` (canonical text; null when a part is missing), `part_1..n` where the
 * key has several fields, `entity_id` (in a `source:` sync the key, which is what tells its rows apart), `hash` over
 * the names of the mapped fields and the canonical values of those without a tolerance, `consents`,
 * `destination_consents`, the raw values `m_1..n`, and `carriedColumns`.
 * Under `nulls: skip` a missing value is hashed too: one that becomes missing is a change that sends the others.
 */
export function modelQuery(context: CompileContext, model: TypedModel): Fragment {
  const { raw, bound } = model
  const parts = partColumns(raw.keys.length)
  const values = sentColumns(raw).map(({ column }) => sql`, t.${id(column)}`)
  const inner = sql`select ${join(normalizedParts(context, model), ', ')}, t.${id(ENTITY_ID)}, t.${id(CONSENTS)}, t.${id(DESTINATION_CONSENTS)},
    ${hashOf(context, model)} as hash${concatenation([...values, ...carriedValues(context, model)])}
  from (
${identifiedRows(context, bound, raw, model.types)}
  ) as t`
  const key = keyOf(raw.keys.map((_, index) => sql`n.${id(`p_${index + 1}`)}`))
  return sql`select ${key} as key${concatenation(parts.map((part, index) => sql`, n.${id(`p_${index + 1}`)} as ${part}`))},
  ${bound.source === undefined ? sql`n.${id(ENTITY_ID)}` : key} as entity_id,
  n.hash, n.${id(CONSENTS)}, n.${id(DESTINATION_CONSENTS)}${concatenation([...sentColumns(raw).map(({ column }) => id(column)), ...carriedColumns(model)].map((column) => sql`, n.${column}`))}
from (
  ${inner}
) as n`
}

/** What rows carry beside what is always there, from the model to where it is used. */
export function carriedColumns(model: TypedModel): readonly Fragment[] {
  const { bound, raw } = model
  const found = !isAudience(bound) ? [id(IDENTIFIERS), id(IDENTIFIED)] : [id(IDENTIFIED)]
  return [
    ...(raw.order === undefined ? [] : [id(ORDER)]),
    ...rememberedColumns(model),
    ...(rulesetsOf(bound) === undefined ? [] : found),
  ]
}

/** What is sent of a row, by field: mapped fields, then details of the person. */
export function sentColumns(raw: RawModel): readonly { readonly field: string; readonly column: string }[] {
  return [...raw.fields, ...detailsOf(raw)]
}

/** Those of them that the plan keeps, and the snapshot of what was applied. */
export function rememberedColumns({ bound }: TypedModel): readonly Fragment[] {
  const { tolerance, fields } = bound.sync
  return [
    ...(tolerance.length === 0 ? [] : [id(NUMBERS)]),
    ...(fields === 'all' ? [] : [id(FIELD_HASHES)]),
    ...(isAudience(bound) ? [id(IDENTIFIERS)] : []),
  ]
}

/** `part_1..n`; none when the key has one field. */
export function partColumns(fields: number): readonly Fragment[] {
  return fields < 2 ? [] : Array.from({ length: fields }, (_, index) => id(`part_${index + 1}`))
}

/**
 * JSON of the mapped fields of a row of the model called `alias`, as it is sent. `nulls: skip` leaves out those that
 * are missing.
 */
export function fieldsJson(context: CompileContext, model: TypedModel, alias: Fragment): Fragment {
  const { fn } = context.dialect
  const value = ({ column }: Pick<RawColumn, 'column'>) =>
    fn.jsonValue(sql`${alias}.${id(column)}`, typeOf(model, column))
  if (model.bound.sync.nulls === 'clear')
    return fn.jsonObject(sentColumns(model.raw).map((field) => [field.field, value(field)]))
  const present = sentColumns(model.raw).map((field) => {
    const entry = sql`${lit(`,${JSON.stringify(field.field)}:`)} || ${value(field)}`
    return sql`case when ${value(field)} = 'null' then '' else ${entry} end`
  })
  if (present.length === 0) return lit('{}')
  return sql`'{' || substring(${join(present, ' || ')}, 2) || '}'`
}

/** JSON of a row that is cleared: every mapped field is null. */
export function clearedJson(model: TypedModel): string {
  return JSON.stringify(Object.fromEntries(model.raw.fields.map(({ field }) => [field, null])))
}

export function typeOf(model: TypedModel, column: string): ColumnType {
  return model.types.get(column) ?? 'other'
}

/** Fragments one after the other. */
export function concatenation(fragments: readonly Fragment[]): Fragment {
  return fragments.reduce((all, one) => sql`${all}${one}`, EMPTY)
}

/** Of the row `t`: what it is compared by, with the names of its fields and of the rules that its identifiers are made by. */
function hashOf(context: CompileContext, model: TypedModel): Fragment {
  const { fn } = context.dialect
  const { raw, bound } = model
  const tolerated = toleratedFields(bound, raw).map(({ field }) => field)
  const rulesets = rulesetsOf(bound)
  const shape = {
    fields: raw.fields.map(({ field }) => field),
    nulls: bound.sync.nulls,
    tolerance: tolerated.length === 0 ? undefined : tolerated,
    rulesets,
  }
  const compared = raw.fields.filter(({ field }) => !tolerated.includes(field))
  const found = rulesets === undefined ? [] : [IDENTIFIERS, ...detailsOf(raw).map(({ column }) => column)]
  return fn.rowHash([
    fn.asText(lit(JSON.stringify(shape))),
    ...compared.map(({ column }) => fn.canonical(sql`t.${id(column)}`, typeOf(model, column))),
    ...found.map((column) => sql`t.${id(column)}`),
  ])
}

/** Of the row `t`: what is in `carriedColumns`, each after a comma. */
function carriedValues(context: CompileContext, model: TypedModel): readonly Fragment[] {
  const { raw, bound } = model
  const tolerated = toleratedFields(bound, raw)
  const numbers = () => numbersText(context, tolerated, (column) => typeOf(model, column))
  return [
    ...(raw.order === undefined ? [] : [sql`, ${orderValue(context, model)} as ${id(ORDER)}`]),
    ...(tolerated.length === 0 ? [] : [sql`, ${numbers()} as ${id(NUMBERS)}`]),
    ...(bound.sync.fields === 'all'
      ? []
      : [sql`, ${fieldHashesText(context, model)} as ${id(FIELD_HASHES)}`]),
    ...(rulesetsOf(bound) === undefined ? [] : [sql`, t.${id(IDENTIFIERS)}`, sql`, t.${id(IDENTIFIED)}`]),
  ]
}

/** As it is sent, so that what is the same to the destination is ordered by key; but numbers are ordered as numbers. */
function orderValue(context: CompileContext, model: TypedModel): Fragment {
  const { fn } = context.dialect
  const value = sql`t.${id(ORDER)}`
  const type = typeOf(model, ORDER)
  // Hashed it may be a text of its digits, which has another order.
  if (type === 'float') return fn.asFloat(fn.canonical(value, type))
  if (type !== 'decimal') return fn.canonical(value, type)
  return sql`case when ${fn.canonicalText(value, type)} is not null then ${value} end`
}

function normalizedParts(context: CompileContext, model: TypedModel): readonly Fragment[] {
  const { fn } = context.dialect
  const { keyNormalizers } = model.bound.object
  return model.raw.keys.map(({ field, column, mapping }, index) => {
    const text = fn.canonicalText(sql`t.${id(column)}`, typeOf(model, column))
    const normalizer = Object.hasOwn(keyNormalizers, field) ? keyNormalizers[field] : undefined
    const normalized = normalizeText(fn, normalizer ?? 'none', text)
    const part = saysWho(model, mapping) ? fn.sha256Hex(normalized) : normalized
    return sql`${part} as ${id(`p_${index + 1}`)}`
  })
}

/** Of an audience nothing is kept plain that may be about a person; the ids of entities are ours. */
function saysWho({ bound }: TypedModel, { value }: RawColumn['mapping']): boolean {
  if (!isAudience(bound)) return false
  return value.kind !== 'name' || bound.entity === undefined || value.name !== `${bound.entity.name}_id`
}

/** Several parts are joined by `|`, with `\` and `|` escaped; null when one is. */
function keyOf(parts: readonly Fragment[]): Fragment {
  const [first] = parts
  if (first !== undefined && parts.length === 1) return first
  const escaped = parts.map(
    (part) => sql`replace(replace(${part}, ${lit('\\')}, ${lit('\\\\')}), '|', ${lit('\\|')})`,
  )
  return escaped.reduce((all, part) => sql`${all} || '|' || ${part}`)
}
