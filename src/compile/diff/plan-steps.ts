import type { TableName } from '../../dialect/dialect.ts'
import { EMPTY, type Fragment, id, lit, sql, timestamp } from '../../dialect/fragment.ts'
import { valuesOf } from '../../dialect/values/values.ts'
import type { CompileContext } from '../context.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { changedJson, FIELD_HASHES, SENT_HASHES } from './field-hashes.ts'
import { foundColumns, IDENTIFIED, isAudience, LEAVING } from './identified.ts'
import { planOnly, withLeaving } from './leaving-step.ts'
import { type BatchLimits, type PlanInput, partsOf, planTables, snapshotOf } from './plan-input.ts'
import { recordsDigest, rulesetsOf, typedOf } from './raw-identifiers.ts'
import { CONSENTS, DESTINATION_CONSENTS, ENTITY_ID, ORDER, reachedColumns } from './raw-model.ts'
import { leaverRule, type Removal, removalOf } from './removal.ts'
import { movedTooFar, numbersMoved, toleratedFields } from './tolerance.ts'
import {
  carriedColumns,
  clearedJson,
  concatenation,
  fieldsJson,
  modelQuery,
  rememberedColumns,
  sentColumns,
  type TypedModel,
  typeOf,
} from './typed-model.ts'

/**
 * Counts the model, and sums all of it that a plan depends on: equal for equal rows, whatever their order. Values are
 * taken as they stand, without rounding or normalising, because most runs only ask whether nothing moved.
 */
export function modelDigestStep(context: CompileContext, model: TypedModel): Step {
  const { fn } = context.dialect
  const { raw, types, bound } = model
  const typed = typedOf(raw.identifiers)
  const columns = [
    ...raw.keys,
    ...raw.fields,
    ...raw.identifiers
      .filter(({ type }) => type === undefined)
      .map(({ column, mapping }) => ({ field: mapping.field, column })),
  ]
  const rulesets = rulesetsOf(bound)
  const exact = columns.flatMap(({ column }) => fn.exact(sql`t.${id(column)}`, typeOf(model, column)))
  const shape = columns.map(({ field, column }) => [field, types.get(column)])
  const row = fn.rowHash([
    fn.asText(lit(JSON.stringify(rulesets === undefined ? shape : [shape, rulesets]))),
    ...exact,
    ...[ENTITY_ID, CONSENTS, DESTINATION_CONSENTS].map((column) => sql`t.${id(column)}`),
    ...reachedColumns(raw).map((column) => sql`t.${column}`),
  ])
  return {
    name: `sync.${bound.sync.name}.model_digest`,
    summary: `How many rows ${bound.sync.name} has, and a digest of them`,
    creates: undefined,
    grain: 'one row',
    query: sql`select count(*) as model_rows, ${fn.hashSum(row)}${typed.length === 0 ? EMPTY : sql` || ' ' || (${recordsDigest(context, typed)})`} as digest
from (
${raw.plain}
) as t`,
  }
}

/**
 * Model and snapshot, joined by key. `keysAreShared`: rows of the model that have a key together are looked for, which
 * costs as much as all else; without, they are taken as if there were none, and `comparedStep` shows it.
 */
export function compareStep(context: CompileContext, input: PlanInput, keysAreShared: boolean): Step {
  const { model } = input
  const parts = partsOf(model)
  const carried = carriedColumns(model)
  const all = fieldsJson(context, model, sql`j`)
  const step = 'diff/compare.sql'
  return {
    name: `sync.${model.bound.sync.name}.compare`,
    summary: 'Model and snapshot, joined by key',
    creates: planTables(context, model.bound.sync.name).compared,
    file: context.templates.fileOf(step),
    grain: 'one row a key that is not unchanged, and one row a held row',
    query: context.templates.fill(step, {
      inlined: context.dialect.inlined ?? EMPTY,
      model: withShared(modelQuery(context, model), keysAreShared),
      snapshot: snapshotOf(context, input),
      op: opOf(context, input),
      joined_parts: concatenation(parts.map((part) => sql`, coalesce(d.${part}, s.${part}) as ${part}`)),
      joined_values: concatenation([
        ...[...sentColumns(model.raw).map(({ column }) => id(column)), ...carried].map(
          (column) => sql`, d.${column}`,
        ),
        ...(input.fieldsKnown ? [SENT] : []),
      ]),
      parts: concatenation([...parts, ...carried].map((column) => sql`, j.${column}`)),
      fields: input.fieldsKnown ? changedJson(context, model, all) : all,
      ...unidentified(model),
      no_text: context.dialect.fn.asText(lit(null)),
      true: lit(true),
      false: lit(false),
    }),
  }
}

/**
 * What the comparison found, by op and reason, and how many of its rows stand in the snapshot (`matched`); then, by
 * op alone, how many rows the snapshot has, and how many keys are added twice.
 */
export function comparedStep(context: CompileContext, input: PlanInput): Step {
  const { sync } = input.model.bound
  const compared = tableOf(planTables(context, sync.name).compared)
  const none = context.dialect.fn.asText(lit(null))
  return {
    name: `sync.${sync.name}.compared`,
    summary: 'What the comparison found, by op and reason',
    creates: undefined,
    grain: 'one row an op and reason',
    query: sql`select op, reason, count(*) as row_count, count(gone) as matched
from ${compared}
group by op, reason
union all
select 'snapshot' as op, ${none} as reason, count(*) as row_count, 0 as matched
from ${snapshotOf(context, input)} as s
union all
select 'twice' as op, ${none} as reason, count(*) as row_count, 0 as matched
from (
  select key from ${compared} where op = 'add' and gone is null group by key having count(*) > 1
) as twice`,
  }
}

/** What becomes of those that left, and of those that wait. */
export function decideStep(context: CompileContext, input: PlanInput): Step {
  const { model } = input
  const { fn } = context.dialect
  const step = 'diff/decide.sql'
  const tables = planTables(context, model.bound.sync.name)
  const refusal: Removal = input.adopt ? 'nothing' : refusalOf(input)
  const removal: Removal = input.adopt ? 'delete' : removalOf(model.bound)
  const cleared = lit(clearedJson(model))
  return {
    name: `sync.${model.bound.sync.name}.decide`,
    summary: 'What becomes of those that left the model, and of those that wait for their next try',
    creates: tables.decided,
    file: context.templates.fileOf(step),
    grain: 'one row a row that is not unchanged',
    query: context.templates.fill(step, {
      compared: tableOf(tables.compared),
      any_destination_refuses: fn.anyTrue(sql`not destination_consents`),
      wanted: wantedOf(context, input),
      waiting: waitingOf(context, input),
      payload: payloadOf(context, model),
      cannot_remove: lit(refusal === 'nothing'),
      leaver: input.adopt ? lit('remove') : leaverRule(model.bound, input.keepsAll === true),
      refused_phase: refusal === 'clear' ? lit(1) : lit(0),
      refused_fields: refusal === 'clear' ? cleared : lit('{}'),
      removed_phase: removal === 'clear' ? lit(1) : lit(0),
      removed_fields: removal === 'clear' ? cleared : lit('{}'),
      parts: concatenation([...partsOf(model), ...carriedColumns(model)].map((column) => sql`, ${column}`)),
      false: lit(false),
    }),
  }
}

/**
 * The plan itself, numbered and cut into batches. `limit`: at most so many rows are sent, the rest is held. `leaves`: there
 * is a table of what leaves an audience; those who stay and lose something come before all others who stay.
 */
export function numberStep(
  context: CompileContext,
  model: TypedModel,
  batch: BatchLimits,
  { limit, leaves }: { readonly limit: number | undefined; readonly leaves: boolean },
): Step {
  const { fn } = context.dialect
  const step = 'diff/number.sql'
  const tables = planTables(context, model.bound.sync.name)
  const found = foundColumns(model.bound)
  const frame = [...model.raw.keys, ...sentColumns(model.raw)].reduce(
    (sum, { field }) => sum + field.length + 6,
    60,
  )
  return {
    name: `sync.${model.bound.sync.name}.number`,
    summary: 'The plan: numbered in the order of sending and cut into batches',
    creates: tables.plan,
    file: context.templates.fileOf(step),
    grain: 'one row a key that is sent, left, back or held',
    query: context.templates.fill(step, {
      decided: found.includes(LEAVING) ? withLeaving(context, model, leaves) : tableOf(tables.decided),
      found: concatenation(found.map((column) => sql`, ${id(column)}`)),
      // A key of quotes and backslashes doubles in JSON.
      bytes: sql`${fn.byteLength(sql`fields`)} + 2 * ${fn.byteLength(sql`key`)} + ${frame}${concatenation(
        found.map((column) => sql` + coalesce(${fn.byteLength(id(column))}, 0) + ${FOUND_FRAME}`),
      )}`,
      order: orderOf(context, model),
      within_limit: limit === undefined ? lit(true) : sql`seq <= ${limit}`,
      half: sql`${Math.max(1, Math.floor(batch.bytes / 2))}`,
      items: sql`${batch.items}`,
      parts: concatenation(
        [...partsOf(model), ...rememberedColumns(model), ...planOnly(model).map((column) => id(column))].map(
          (column) => sql`, d.${column}`,
        ),
      ),
    }),
  }
}

/** `,"identifiers":""`, and the like. */
const FOUND_FRAME = 20

/** How many rows of each op and reason. */
export function countStep(context: CompileContext, sync: string): Step {
  return {
    name: `sync.${sync}.count`,
    summary: 'Rows by op and reason',
    creates: undefined,
    grain: 'one row an op and reason',
    query: sql`select op, reason, count(*) as row_count
from ${tableOf(planTables(context, sync).decided)}
group by op, reason`,
  }
}

/** The same of the plan, with its last batch, and a digest of what is sent that does not depend on the order of rows. */
export function digestStep(context: CompileContext, sync: string): Step {
  const { fn } = context.dialect
  const change = sql`op || ' ' || key || ' ' || fields`
  return {
    name: `sync.${sync}.digest`,
    summary: 'Rows by op and reason, and a digest of what is sent',
    creates: undefined,
    grain: 'one row an op and reason',
    query: sql`select op, reason, count(*) as row_count, coalesce(max(batch), 0) as batches,
  ${fn.hashSum(sql`case when seq is not null then ${fn.hash64(change)} end`)} as digest
from ${tableOf(planTables(context, sync).plan)}
group by op, reason`,
  }
}

/** Tables of an earlier plan in the same session make room. */
export function dropStep(sync: string, table: TableName, context: CompileContext): Step {
  return {
    name: `sync.${sync}.drop`,
    summary: 'Drops a temporary table of a plan',
    creates: undefined,
    grain: 'nothing',
    query: context.dialect.table.dropIfExists(table),
  }
}

/** The plan as it is kept: in the order in which it is read, some batches at a time. */
export function keepSteps(context: CompileContext, sync: string, kept: TableName): readonly Step[] {
  const index = context.dialect.table.index?.(kept, 'seq')
  return [
    {
      name: `sync.${sync}.freeze`,
      summary: 'The plan as it is kept',
      creates: kept,
      grain: 'one row a row of the plan',
      query: sql`select * from ${tableOf(planTables(context, sync).plan)} order by seq nulls last`,
    },
    ...(index === undefined
      ? []
      : [
          {
            name: `sync.${sync}.index`,
            summary: 'Finds the rows of a batch',
            creates: undefined,
            grain: 'nothing',
            query: index,
          },
        ]),
  ]
}

/** Of a dirty row it is not known. */
const SENT: Fragment = sql`, case when s.hash is not null then s.${id(FIELD_HASHES)} end as ${id(SENT_HASHES)}`

/** Of a sync without identifiers nothing stands there. */
function unidentified({ bound }: TypedModel): Readonly<Record<string, Fragment>> {
  if (rulesetsOf(bound) === undefined)
    return { or_unidentified: EMPTY, and_identified: EMPTY, no_identifier: EMPTY }
  return {
    or_unidentified: sql` or not d.${id(IDENTIFIED)}`,
    and_identified: sql` and d.${id(IDENTIFIED)}`,
    no_identifier: sql`\n    when not j.${id(IDENTIFIED)} then 'no_identifier'`,
  }
}

/** What rows of one phase are sent by; keys tell all of them apart. */
function orderOf(context: CompileContext, { bound, raw }: TypedModel): Fragment {
  const byKey = sql`${context.dialect.fn.byBytes(sql`key`)} nulls last`
  if (raw.order === undefined) return byKey
  const direction = bound.sync.backfill?.descending === true ? 'desc' : 'asc'
  return sql`${valuesOf(context.dialect).sortKeys(id(ORDER), direction)}, ${byKey}`
}

function withShared(model: Fragment, keysAreShared: boolean): Fragment {
  if (!keysAreShared) return sql`select m.*, ${lit(false)} as shared\nfrom (\n${model}\n) as m`
  const twice = sql`count(*) over (partition by case when m.consents then m.key end) > 1`
  return sql`select m.*, m.key is not null and m.consents and ${twice} as shared\nfrom (\n${model}\n) as m`
}

/** Each row of the model that may be sent, beside its row of the snapshot. */
function opOf(context: CompileContext, input: PlanInput): Fragment {
  const { bound } = input.model
  const numbers = numberOps(context, input)
  if (bound.sync.mode.value !== 'insert')
    return sql`case
        when s.key is null then 'add'
        when ${context.dialect.fn.isDistinct(sql`d.hash`, sql`s.hash`)} then 'change'${numbers.moved}
        when ${isStale(input)} then 'resync'${numbers.back}
        when s.gone then 'back'${numbers.near}
        else 'unchanged'
      end`
  // A key that was perhaps sent is sent again only where twice is the same as once.
  return sql`case
        when s.key is null then 'add'
        when s.hash is null then ${lit(bound.object.idempotent ? 'add' : 'unknown_fate')}
        when s.gone then 'back'
        else 'unchanged'
      end`
}

/**
 * What moves of numbers with a tolerance make of a row that is otherwise as it was sent. Adopted rows are taken as they
 * are now, so that later moves count from there.
 */
function numberOps(
  context: CompileContext,
  { model, adopt }: PlanInput,
): Readonly<Record<'moved' | 'back' | 'near', Fragment>> {
  const fields = toleratedFields(model.bound, model.raw)
  if (fields.length === 0) return { moved: EMPTY, back: EMPTY, near: EMPTY }
  const moved = adopt ? numbersMoved(context) : movedTooFar(context, fields)
  return {
    moved: sql`\n        when ${moved} then 'change'`,
    back: sql`\n        when s.gone and ${numbersMoved(context)} then 'back_near'`,
    near: sql`\n        when ${numbersMoved(context)} then 'near'`,
  }
}

/** Sent so long ago, or so long that nobody knows when, that it is sent again. */
function isStale({ resendBefore }: PlanInput): Fragment {
  if (resendBefore === undefined) return lit(false)
  return sql`s.sent_at is null or s.sent_at < ${timestamp(resendBefore)}`
}

/** How one is removed who may no longer be there: as far as the destination can. */
function refusalOf(input: PlanInput): Removal {
  const { object } = input.model.bound
  if (object.remove === 'clear') return input.model.raw.fields.length === 0 ? 'nothing' : 'clear'
  return object.remove === 'delete' ? 'delete' : 'nothing'
}

function wantedOf(context: CompileContext, input: PlanInput): Fragment {
  // Of an audience it is told identifier by identifier.
  const siblings = isAudience(input.model.bound) ? [] : input.siblings
  const none = sql`select ${context.dialect.fn.asText(lit(''))} as key from (select 1 as one) as one where ${lit(false)}`
  return siblings.reduce(
    (all, sibling) => sql`${all} union all select key from ${tableOf(sibling)} where not gone`,
    none,
  )
}

/** What was rejected is told by, and tried again at once when it is another: of the row `c`. As the ledger keeps it. */
function payloadOf(context: CompileContext, { bound }: TypedModel): Fragment {
  if (bound.sync.tolerance.length === 0) return sql`c.hash`
  return context.dialect.fn.rowHash([sql`c.hash`, sql`c.numbers`])
}

function waitingOf(context: CompileContext, input: PlanInput): Fragment {
  const { fn } = context.dialect
  const text = fn.asText(lit(''))
  if (input.receipts === undefined || input.adopt)
    return sql`  select ${text} as key, ${text} as op, ${fn.rowHash([text])} as hash from (select 1 as one) as one where ${lit(false)}`
  return sql`  select key, op, hash from ${tableOf(input.receipts)}
  where sync = ${lit(input.model.bound.sync.name)} and status = 'rejected' and key is not null
    and next_try_at > ${fn.asTimestamp(lit(input.now))}`
}
