import { type Fragment, id, lit, sql } from '../../dialect/fragment.ts'
import type { CompileContext } from '../context.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { foundColumns, isAudience, LEAVING } from './identified.ts'
import { type PlanInput, partsOf, planTables, snapshotOf } from './plan-input.ts'
import { carriedColumns, concatenation, type TypedModel } from './typed-model.ts'

/** Of an audience, to be made where somebody leaves or changes. */
export function leavingStep(context: CompileContext, input: PlanInput): Step {
  const { fn } = context.dialect
  const { sync } = input.model.bound
  const tables = planTables(context, sync.name)
  const step = 'diff/leaving.sql'
  const sent = context.dialect.pieces(sql`o.identifiers`, 'sent_piece')
  const stays = context.dialect.pieces(sql`o.identifiers`, 'stays_piece')
  const siblings = input.siblings.map(
    (table) => sql`\n  union all\n  select identifiers from ${tableOf(table)} where not gone`,
  )
  return {
    name: `sync.${sync.name}.leaving`,
    summary: 'What is to be taken out of the audience',
    creates: tables.leaving,
    file: context.templates.fileOf(step),
    grain: 'one row a key with something to take out',
    query: context.templates.fill(step, {
      decided: tableOf(tables.decided),
      snapshot: snapshotOf(context, input),
      sent_piece: sent.piece,
      sent_pieces: sent.join,
      stays_piece: stays.piece,
      stays_pieces: stays.join,
      siblings: concatenation(siblings),
      token: fn.byBytes(sql`token`),
      joined: fn.joinText(sql`token`, ' ', sql`place`),
    }),
  }
}

/** Those of them that the snapshot does not keep. */
export function planOnly({ bound }: TypedModel): readonly string[] {
  return isAudience(bound) ? [LEAVING] : foundColumns(bound)
}

export function withLeaving(context: CompileContext, model: TypedModel, leaves: boolean): Fragment {
  const tables = planTables(context, model.bound.sync.name)
  const decided = tableOf(tables.decided)
  if (!leaves)
    return sql`(select d.*, ${context.dialect.fn.asText(lit(null))} as ${id(LEAVING)} from ${decided} as d)`
  const others = concatenation(
    [...partsOf(model), ...carriedColumns(model)].map((column) => sql`, d.${column}`),
  )
  return sql`(select d.op, d.reason, d.key${others}, d.entity_id, d.hash, d.fields, l.leaving,
  case when d.phase = 2 and l.leaving is not null then 1 else d.phase end as phase
  from ${decided} as d left join ${tableOf(tables.leaving)} as l on l.key = d.key and d.phase is not null)`
}
