import { type Instant, instantOf } from '../../base/instant.ts'
import type { TableName } from '../../dialect/dialect.ts'
import { type Fragment, lit, sql, timestamp } from '../../dialect/fragment.ts'
import type { CompileContext } from '../context.ts'
import { tableOf } from '../sources/relation.ts'
import { temporaryName } from '../temporary.ts'
import { concatenation, partColumns, rememberedColumns, type TypedModel } from './typed-model.ts'

/** What a plan is made against. Tables that are not there yet are undefined: then nothing stands in them. */
export interface PlanInput {
  readonly model: TypedModel
  readonly snapshot: TableName | undefined
  /** Snapshots of other syncs whose rows are the same things at the destination. */
  readonly siblings: readonly TableName[]
  readonly receipts: TableName | undefined
  /** Rejected rows whose next try lies after this wait. ISO. */
  readonly now: string
  /** Rows applied before it are sent again; undefined: none for that. ISO. */
  readonly resendBefore: Instant | undefined
  /** The snapshot's `field_hashes` are of the fields that the sync maps now. */
  readonly fieldsKnown: boolean
  /** Nobody leaves: the audience would refuse to become so small. */
  readonly keepsAll?: boolean
  /** The model is taken as delivered: whatever else stands in the snapshot goes, without being sent. */
  readonly adopt: boolean
  readonly batch: BatchLimits
  /** Plans of more rows are cut into these batches instead, each of them a job. Undefined: none are. */
  readonly bulk: (BatchLimits & { readonly aboveRows: number }) | undefined
}

export interface BatchLimits {
  readonly items: number
  readonly bytes: number
}

/** The temporary tables of a plan, in the order in which they are made. */
export interface PlanTables {
  readonly compared: TableName
  readonly decided: TableName
  /** Of audiences, where somebody leaves or changes. */
  readonly leaving: TableName
  readonly plan: TableName
}

export function planTables(context: CompileContext, sync: string): PlanTables {
  const table = (name: string) => context.tables.temporary(temporaryName(name, sync))
  return {
    compared: table('compared'),
    decided: table('decided'),
    leaving: table('leaving'),
    plan: table('planned'),
  }
}

/** What was acknowledged, to stand after `from`; no rows where there is no snapshot yet. */
export function snapshotOf(context: CompileContext, input: PlanInput): Fragment {
  if (input.snapshot !== undefined) return tableOf(input.snapshot)
  const { fn } = context.dialect
  const text = fn.asText(lit(''))
  const parts = concatenation(partsOf(input.model).map((part) => sql`, ${text} as ${part}`))
  const remembered = concatenation(
    rememberedColumns(input.model).map((column) => sql`, ${text} as ${column}`),
  )
  return sql`(select ${text} as key${parts}, ${fn.rowHash([text])} as hash, ${text} as entity_id, ${lit(false)} as gone,
    ${timestamp(instantOf(0))} as sent_at${remembered}
    from (select 1 as one) as one where ${lit(false)})`
}

/** `part_1..n` of the key, none when it has one field. */
export function partsOf(model: TypedModel): readonly Fragment[] {
  return partColumns(model.raw.keys.length)
}
