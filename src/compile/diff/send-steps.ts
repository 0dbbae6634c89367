import type { TableName } from '../../dialect/dialect.ts'
import { EMPTY, type Fragment, id, join, lit, sql } from '../../dialect/fragment.ts'
import type { CompileContext } from '../context.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { concatenation, modelQuery, partColumns, type TypedModel } from './typed-model.ts'

/** A frozen plan, wherever it stands. */
export interface FrozenPlan {
  readonly sync: string
  readonly table: TableName
  readonly keyFields: readonly string[]
  /** Its columns `identifiers` and `leaving`, as far as it has them. */
  readonly found: readonly string[]
}

/** Rows of a plan that are sent together: ranges of `seq`, both ends included, that overlap with no other piece's. */
export interface PieceRanges {
  readonly piece: number
  readonly ranges: readonly { readonly lo: number; readonly hi: number }[]
}

/** Where the next batches begin and end. */
export function batchesStep(context: CompileContext, plan: FrozenPlan, after: number, most: number): Step {
  return {
    name: `sync.${plan.sync}.batches`,
    summary: 'Where batches begin and end',
    creates: undefined,
    file: context.templates.fileOf('diff/batches.sql'),
    grain: 'one row a batch',
    query: context.templates.fill('diff/batches.sql', {
      plan: tableOf(plan.table),
      after: sql`${after}`,
      most: sql`${most}`,
    }),
  }
}

/**
 * The JSON of some pieces, built in the warehouse so that what is sent is moved as text: `body` of each `part`, in the
 * order of parts, with commas between, is the inside of the piece's array.
 */
export function bodiesStep(context: CompileContext, plan: FrozenPlan, pieces: readonly PieceRanges[]): Step {
  const bounds = pieces.flatMap(({ ranges }) => ranges)
  return {
    name: `sync.${plan.sync}.bodies`,
    summary: 'Changes as JSON, some batches at a time',
    creates: undefined,
    file: context.templates.fileOf('diff/bodies.sql'),
    grain: 'one row a part of a piece',
    query: context.templates.fill('diff/bodies.sql', {
      plan: tableOf(plan.table),
      pieces: join(
        pieces.map(({ piece, ranges }) => sql`      when ${isWithin(ranges)} then ${piece}`),
        '\n',
      ),
      // Said again as constants, so that only this part of the plan is read.
      first: sql`${Math.min(...bounds.map(({ lo }) => lo))}`,
      last: sql`${Math.max(...bounds.map(({ hi }) => hi))}`,
      rows: sql`${context.dialect.mostRowsJoined ?? ROWS_A_PART}`,
      changes: sql`${context.dialect.fn.joinText(openChange(context, plan), '},', sql`w.seq`)} || '}'`,
    }),
  }
}

/** About 30 kB where rows are usual: memory for larger texts is taken from the system each time. */
const ROWS_A_PART = 100

/** Conditions nest, and the depth of that is limited; the rows of a batch that are sent again may lie anywhere. */
const MOST_RANGES = 20

function isWithin(ranges: PieceRanges['ranges']): Fragment {
  if (ranges.length <= MOST_RANGES)
    return join(
      ranges.map(({ lo, hi }) => sql`p.seq between ${lo} and ${hi}`),
      ' or ',
    )
  const numbers = ranges.flatMap(({ lo, hi }) =>
    Array.from({ length: hi - lo + 1 }, (_, place) => lo + place),
  )
  return sql`p.seq in (${join(
    numbers.map((seq) => sql`${seq}`),
    ', ',
  )})`
}

/** Rows of a frozen plan that the consent of today no longer lets through. */
export function refusedStep(context: CompileContext, plan: FrozenPlan, model: TypedModel): Step {
  return {
    name: `sync.${plan.sync}.refused`,
    summary: 'Rows of the plan that may no longer be sent',
    creates: undefined,
    file: context.templates.fileOf('diff/refused.sql'),
    grain: 'one row a row of the plan',
    query: context.templates.fill('diff/refused.sql', {
      inlined: context.dialect.inlined ?? EMPTY,
      plan: tableOf(plan.table),
      model: modelQuery(context, model),
    }),
  }
}

/**
 * `{"op":..,"key":..,"fields":..` without the last brace, so that the fields, which are nearly all of it, are copied as
 * few times as can be. A leaver that is cleared is a change to nothing but nulls.
 */
function openChange(context: CompileContext, plan: FrozenPlan): Fragment {
  const { fn } = context.dialect
  const op = sql`case when w.op = 'remove' and w.fields = '{}' then 'remove' when w.op = 'add' then 'add' else 'change' end`
  const parts = partColumns(plan.keyFields.length)
  const key = plan.keyFields.map(
    (field, index) => [field, fn.jsonValue(sql`w.${parts[index] ?? sql`key`}`, 'text')] as const,
  )
  const found = plan.found.map((column) => {
    const value = sql`w.${id(column)}`
    return sql` || case when ${value} is null then '' else ${lit(`,"${column}":`)} || ${fn.jsonValue(value, 'text')} end`
  })
  return sql`'{"op":"' || ${op} || '","key":' || ${fn.jsonObject(key)}${concatenation(found)} || ',"fields":' || w.fields`
}
