import type { TableName } from '../../dialect/dialect.ts'
import { type Fragment, id, join, lit, sql } from '../../dialect/fragment.ts'
import type { Entity } from '../../spec/project.ts'
import { Expressions, idColumn } from '../conditions/statement.ts'
import type { CompileContext } from '../context.ts'
import { fieldReachSteps } from '../reach/reach-steps.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { temporaryName } from '../temporary.ts'
import { FIELD_FORM, type FieldStamp, fieldColumns, fieldRows, recordHash } from './field-rows.ts'
import { fieldSteps } from './profile-steps.ts'

/**
 * The fields of those entities whose records or rows are not as they were when the published profile was made. Its other
 * rows stay.
 */
export interface ChangedFields {
  /** A question, `form`, `engine`, `rules`, `run_id`: what the published fields are of. */
  readonly state: Step
  readonly isSame: (found: Readonly<Record<string, unknown>>) => boolean
  /** `(c, e, n)`: rows that are new, changed or gone; `n` of them there are now. */
  readonly diff: Made
  /** `(entity_id)`: entities that the identity of this run made, ended or changed, for where its stitch does not tell. */
  readonly moved: Made
  /** `(<entity>_id)`: whose fields are computed again. `touched`: `(entity_id)`, those that the stitch made, ended or changed. */
  changed(touched: TableName | undefined): Made
  /** The records of these, then their fields into `made`. */
  readonly records: Made
  readonly fields: readonly Step[]
  readonly made: TableName
  /** A question, `published`, `made`: whether columns are of the same types. */
  readonly shapes: Step
  /** A question, `published`: how many of them the published profile has. */
  readonly check: Step
  /** Every entity with its fields, as a select, and as a view of this session. */
  readonly all: Fragment
  readonly view: Made
  /** The same of the published ones. */
  readonly published: Fragment
  /** For the publishing transaction: of a profile that is nothing but fields, of the rows, and of the build. */
  readonly patch: readonly Step[]
  readonly patchRows: readonly Step[]
  patchState(runId: string): Step
}

type Made = Step & { readonly creates: TableName }

export function changedFields(context: CompileContext, entity: Entity, stamp: FieldStamp): ChangedFields {
  const scope = scopeOf(context, entity)
  const all = allOf(context, entity, scope)
  const { records, made, view } = scope.tables
  const inner = among(context, entity, records, made)
  const profile = tableOf(context.tables.published(entity.name))
  const state = tableOf(context.tables.published(`${entity.name}_field_state`))
  const one = `one row a ${entity.name}`
  return {
    ...stateQuestion(scope, state, stamp),
    ...findSteps(context, entity, scope),
    fields: [...fieldReachSteps(inner, entity), ...fieldSteps(inner, entity)],
    made,
    ...checks(context, entity, scope),
    all,
    view: { ...scope.step('view', `Each ${entity.name} with its fields`, one, all), creates: view },
    published: sql`select ${fieldColumns(entity)}\nfrom ${profile} as p`,
    patch: patchSteps(context, entity, scope),
    patchRows: rowSteps(context, entity, scope),
    patchState: (runId) =>
      scope.step(
        'publish_state',
        'Says which build the fields are of',
        'one row',
        sql`update ${state} set run_id = ${lit(runId)} where true`,
      ),
  }
}

/** The text of all steps, for reading. */
export function printedChangedFields(context: CompileContext, entity: Entity): readonly Step[] {
  const plan = changedFields(context, entity, { engine: 'engine', rules: 'fingerprint', runId: 'run' })
  const touched = context.tables.temporary('touched')
  return [
    plan.state,
    plan.diff,
    plan.moved,
    plan.changed(touched),
    plan.records,
    ...plan.fields,
    plan.shapes,
    plan.check,
    plan.view,
    ...plan.patch,
    ...plan.patchRows,
    plan.patchState('next_run'),
  ]
}

interface Scope {
  readonly tables: Readonly<Record<'changed' | 'diff' | 'moved' | 'records' | 'made' | 'view', TableName>>
  step(name: string, summary: string, grain: string, query: Fragment): Step
}

function scopeOf(context: CompileContext, entity: Entity): Scope {
  const table = (short: string) => context.tables.temporary(temporaryName('fields', entity.name, short))
  return {
    tables: {
      changed: table('changed'),
      diff: table('diff'),
      moved: table('moved'),
      records: table('records'),
      made: table('made'),
      view: table('view'),
    },
    step: (name, summary, grain, query) => ({
      name: `profile.${entity.name}.changes.${name}`,
      summary,
      grain,
      creates: undefined,
      query,
    }),
  }
}

function stateQuestion(
  scope: Scope,
  state: Fragment,
  stamp: FieldStamp,
): Pick<ChangedFields, 'state' | 'isSame'> {
  return {
    state: scope.step(
      'state',
      'How the published fields were made',
      'one row',
      sql`select form, engine, rules, run_id from ${state}`,
    ),
    isSame: (found) =>
      Number(found.form) === FIELD_FORM &&
      found.engine === stamp.engine &&
      found.rules === stamp.rules &&
      found.run_id === stamp.runId,
  }
}

function findSteps(
  context: CompileContext,
  entity: Entity,
  scope: Scope,
): Pick<ChangedFields, 'diff' | 'moved' | 'changed' | 'records'> {
  const { changed, diff, moved, records } = scope.tables
  const entityId = idColumn(entity)
  const { name } = entity
  return {
    diff: {
      ...scope.step(
        'diff',
        'Rows that are not as they were when the fields were made',
        'one row a row, equal ones once',
        diffOf(context, entity),
      ),
      creates: diff,
    },
    moved: {
      ...scope.step(
        'moved',
        `Each ${name} that won or lost a record`,
        `one row a ${name}`,
        movedOf(context, entity),
      ),
      creates: moved,
    },
    changed: (touched) => ({
      ...scope.step(
        'changed',
        `Each ${name} whose records or rows are not as they were`,
        `one row a ${name}`,
        changedOf(context, entity, diff, touched),
      ),
      creates: changed,
    }),
    records: {
      ...scope.step(
        'records',
        'Their records',
        'one row a record',
        sql`select source, record_id, ${entityId}
from ${tableOf(context.tables.output(`${name}_identity`))}
where ${entityId} in (select ${entityId} from ${tableOf(changed)})`,
      ),
      creates: records,
    },
  }
}

function checks(
  context: CompileContext,
  entity: Entity,
  scope: Scope,
): Pick<ChangedFields, 'shapes' | 'check'> {
  const { changed, made } = scope.tables
  const published = context.tables.published(entity.name)
  const entityId = idColumn(entity)
  return {
    shapes: scope.step(
      'shapes',
      'Whether columns have the types that they had',
      'one row',
      sql`select (${shapeOf(context, entity, published)}) as published,
  (${shapeOf(context, entity, made)}) as made`,
    ),
    check: scope.step(
      'check',
      'How many of them are published',
      'one row',
      sql`select count(*) as published
from ${tableOf(published)}
where ${entityId} in (select ${entityId} from ${tableOf(changed)})`,
    ),
  }
}

/** The same build, where there are no other entities than these, and their profiles are made elsewhere. */
function among(context: CompileContext, entity: Entity, records: TableName, made: TableName): CompileContext {
  const others = new Map([
    [`${entity.name}_identity`, records],
    [entity.name, made],
  ])
  const output = (logicalName: string) => others.get(logicalName) ?? context.tables.output(logicalName)
  return { ...context, tables: { ...context.tables, output } }
}

function diffOf(context: CompileContext, entity: Entity): Fragment {
  const state = tableOf(context.tables.published(`${entity.name}_field_rows`))
  return sql`select coalesce(s.c, w.c) as c, coalesce(s.e, w.e) as e, coalesce(s.n, 0) as n
from (
${fieldRows(context, entity)}
) as s
full outer join ${state} as w on w.c = s.c and w.e = s.e
where s.n is null or w.n is null or s.n <> w.n`
}

function movedOf(context: CompileContext, entity: Entity): Fragment {
  const { output, published } = context.tables
  const name = `${entity.name}_identity`
  const entityId = idColumn(entity)
  const moved = new Expressions(entity)
  const records = moved.add(
    'moved',
    sql`select n.${entityId} as is_of, w.${entityId} as was_of
from ${tableOf(output(name))} as n
full outer join ${tableOf(published(name))} as w on w.record_id = n.record_id and w.source = n.source
where n.${entityId} is null or w.${entityId} is null or n.${entityId} <> w.${entityId}`,
  )
  return moved.before(sql`select is_of as entity_id from ${records} where is_of is not null
union
select was_of as entity_id from ${records} where was_of is not null`)
}

function changedOf(
  context: CompileContext,
  entity: Entity,
  diff: TableName,
  touched: TableName | undefined,
): Fragment {
  const entityId = idColumn(entity)
  const hash = recordHash(context, sql`i.source`, sql`i.record_id`)
  const reached = sql`select i.${entityId}
from ${tableOf(context.tables.output(`${entity.name}_identity`))} as i
where ${hash} in (select e from ${tableOf(diff)})`
  if (touched === undefined) return sql`select distinct ${entityId} from (${reached}) as reached`
  return sql`${reached}
union
select entity_id as ${entityId}
from ${tableOf(touched)}`
}

/** One text; null where there is no such table. */
function shapeOf(context: CompileContext, entity: Entity, table: TableName): Fragment {
  const { dialect } = context
  const listed = join(
    [`${entity.name}_id`, ...entity.profile.map(({ name }) => name)].map((name) => lit(name)),
    ', ',
  )
  const told = dialect.fn.joinText(sql`name || ' ' || type`, ', ', sql`position`)
  return sql`select ${told}
from (${dialect.table.columns(table)}) as columns_of
where name in (${listed})`
}

/** Those that stay, then those that were computed again. */
function allOf(context: CompileContext, entity: Entity, { tables }: Scope): Fragment {
  const entityId = idColumn(entity)
  return sql`select ${fieldColumns(entity)}
from ${tableOf(context.tables.published(entity.name))} as p
where not exists (select 1 from ${tableOf(tables.changed)} as t where t.${entityId} = p.${entityId})
union all
select ${fieldColumns(entity)}
from ${tableOf(tables.made)}`
}

function patchSteps(context: CompileContext, entity: Entity, scope: Scope): readonly Step[] {
  const profile = tableOf(context.tables.published(entity.name))
  const entityId = idColumn(entity)
  return [
    scope.step(
      'remove_profiles',
      'Takes out what was computed again',
      'one row a row that changes',
      sql`delete from ${profile}
where ${entityId} in (select ${entityId} from ${tableOf(scope.tables.changed)})`,
    ),
    scope.step(
      'add_profiles',
      'Adds what was computed again',
      'one row a row that changes',
      sql`insert into ${profile} (${fieldColumns(entity)})
select ${fieldColumns(entity)} from ${tableOf(scope.tables.made)}`,
    ),
  ]
}

function rowSteps(context: CompileContext, entity: Entity, scope: Scope): readonly Step[] {
  const rows = context.tables.published(`${entity.name}_field_rows`)
  // Redshift takes no other name for a table that it deletes from.
  const own = id(rows.name)
  const diff = tableOf(scope.tables.diff)
  return [
    scope.step(
      'remove_rows',
      'Takes out rows that are not as they were',
      'one row a row that changes',
      sql`delete from ${tableOf(rows)}
where exists (select 1 from ${diff} as g where g.c = ${own}.c and g.e = ${own}.e)`,
    ),
    scope.step(
      'add_rows',
      'Adds rows that are new',
      'one row a row that changes',
      sql`insert into ${tableOf(rows)} (c, e, n)
select c, e, n from ${diff} where n > 0`,
    ),
  ]
}
