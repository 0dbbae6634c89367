import { type Fragment, id, join, lit, sql } from '../../dialect/fragment.ts'
import type { BoundSync } from '../../graph/graph.ts'
import type { Entity, Mapping } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import type { Step } from '../step.ts'
import { consentOf } from './consent.ts'
import { type RawIdentifier, rawIdentifiers, tokensQuery, typedOf } from './raw-identifiers.ts'
import { type ModelRows, modelRows, valueSql } from './rows.ts'

/** The columns of a raw model, so that the warehouse can say of what type each is before anything is computed of it. */
export interface RawModel {
  readonly step: Step
  /** The same without tokens of identifiers: nothing of a record is read for it. */
  readonly plain: Fragment
  /** One a field of the key, in the order of `match`. */
  readonly keys: readonly RawColumn[]
  /** One a mapped field, by name: the order in a project's file means nothing. */
  readonly fields: readonly RawColumn[]
  /** What finds the people that the rows are of; none where the object takes no identifiers. */
  readonly identifiers: readonly RawIdentifier[]
  /** What rows are ordered by before their key; undefined: nothing. */
  readonly order: RawColumn | undefined
}

export interface RawColumn {
  /** The destination's field. */
  readonly field: string
  readonly column: string
  readonly mapping: Mapping
}

export const ENTITY_ID = 'entity_id'
export const CONSENTS = 'consents'
export const DESTINATION_CONSENTS = 'destination_consents'
export const ORDER = 'order_value'

/**
 * What a sync sends, as its project says it, before normalising and hashing. Grain: one row a row of the sync's
 * segment, entity or source (inside its window). `entity_id` is null in a `source:` sync. `inOrder`: with the value
 * that a first run orders by, where the sync has one.
 */
export function rawModel(context: CompileContext, bound: BoundSync, inOrder: boolean): RawModel {
  const { sync } = bound
  const keys = sync.match.map((mapping, index) => rawColumn(mapping, `k_${index + 1}`))
  const byName = [...sync.map].sort((a, b) => (a.field < b.field ? -1 : 1))
  const fields = byName.map((mapping, index) => rawColumn(mapping, `m_${index + 1}`))
  const order = inOrder ? orderColumn(bound) : undefined
  const identifiers = rawIdentifiers(context, bound)
  const others = order === undefined ? [] : [order]
  const rows = modelRows(
    context,
    bound,
    [...others, ...identifiers].map(({ mapping }) => mapping),
  )
  const consent = consentOf(context, bound, rows)
  const columns = [
    ...[...keys, ...fields, ...others, ...identifiers.filter(({ type }) => type === undefined)].map(
      ({ column, mapping }) => selected(context, rows, mapping, column),
    ),
    ...entitiesOf(identifiers).map((entity) => sql`${rows.entityIdOf(entity)} as ${idColumn(entity)}`),
    sql`${rows.entityId ?? context.dialect.fn.asText(lit(null))} as ${id(ENTITY_ID)}`,
    sql`${consent.both} as ${id(CONSENTS)}`,
    sql`${consent.destination} as ${id(DESTINATION_CONSENTS)}`,
  ]
  const plain = sql`select ${join(columns, ',\n  ')}\nfrom ${rows.from}`
  return {
    ...{ keys, fields, identifiers, order, plain },
    step: {
      name: `sync.${sync.name}.model`,
      summary: `What ${sync.name} sends of each row, as the project maps it`,
      creates: undefined,
      query: withTokens(context, identifiers, plain),
      grain: 'one row a row of the model',
    },
  }
}

/** How many rows the model has, counted without any of what is computed of them. */
export function modelCountStep(context: CompileContext, bound: BoundSync): Step {
  return {
    name: `sync.${bound.sync.name}.model_rows`,
    summary: `How many rows ${bound.sync.name} has`,
    creates: undefined,
    query: sql`select count(*) as model_rows\nfrom ${modelRows(context, bound).from}`,
    grain: 'one row',
  }
}

/** Beside each row the tokens of its entity's identifiers. */
function withTokens(
  context: CompileContext,
  identifiers: readonly RawIdentifier[],
  rows: Fragment,
): Fragment {
  const typed = typedOf(identifiers)
  if (typed.length === 0) return rows
  const tokens = typed.map((one, index) => {
    const alias = id(`x_${index + 1}`)
    return {
      column: sql`, ${alias}.tokens as ${id(one.column)}`,
      join: sql`\nleft join (${tokensQuery(context, one)}) as ${alias} on ${alias}.entity_id = b.${idColumn(one.type.entity)}`,
    }
  })
  return sql`select b.*${join(
    tokens.map((one) => one.column),
    '',
  )}
from (${rows}) as b${join(
    tokens.map((one) => one.join),
    '',
  )}`
}

/** The ids of entities that its rows are or reach, whose identifiers are sent. */
export function reachedColumns({ identifiers }: RawModel): readonly Fragment[] {
  return entitiesOf(identifiers).map(idColumn)
}

function entitiesOf(identifiers: readonly RawIdentifier[]): readonly Entity[] {
  return [...new Set(identifiers.flatMap(({ type }) => type?.entity ?? []))]
}

function idColumn(entity: Entity): Fragment {
  return id(`e_${entity.name}`)
}

function orderColumn({ sync }: BoundSync): RawColumn | undefined {
  if (sync.backfill === undefined) return undefined
  const { value: name, at } = sync.backfill.orderBy
  return rawColumn({ field: ORDER, at, value: { kind: 'name', name, at } }, ORDER)
}

function rawColumn(mapping: Mapping, column: string): RawColumn {
  return { field: mapping.field, column, mapping }
}

function selected(context: CompileContext, rows: ModelRows, mapping: Mapping, column: string): Fragment {
  return sql`${valueSql(context, rows, mapping)} as ${id(column)}`
}
