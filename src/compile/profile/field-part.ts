import { EMPTY, type Fragment, id, join, sql } from '../../dialect/fragment.ts'
import { valuesOf } from '../../dialect/values/values.ts'
import type { Entity, ProfileField } from '../../spec/project.ts'
import { ordersPlainly } from '../conditions/measure.ts'
import { Expressions, idColumn } from '../conditions/statement.ts'
import type { Value } from '../conditions/value.ts'
import type { CompileContext } from '../context.ts'
import { RECENCY, RECORD_ID, reachedColumn, reachTable, reachTableName } from '../reach/reach-table.ts'
import { profileType } from '../sources/column-type.ts'
import { tableOf } from '../sources/relation.ts'
import { temporaryName } from '../temporary.ts'
import { ascending, type ProfilePart } from '../traits/aggregates.ts'

/** One field of the golden record: the value that wins, for each entity that has one. Missing and empty values never win. */
export function fieldPart(context: CompileContext, entity: Entity, field: ProfileField): ProfilePart {
  const entityId = idColumn(entity)
  const value: Value = {
    sql: sql`c.value`,
    type: profileType(context.graph, entity, field.name) ?? 'unknown',
  }
  const expressions = new Expressions(entity)
  let candidates = expressions.add('candidates', candidatesOf(context, entity, field))
  if (field.pick === 'most_frequent')
    candidates = expressions.add(
      'counted',
      sql`select ${entityId}, value, count(*) as times
from ${candidates}
group by ${entityId}, value`,
    )
  const ranked = expressions.add(
    'ranked',
    sql`select c.*, row_number() over (
    partition by c.${entityId} order by ${orderOf(context, field, value)}) as place
from ${candidates} as c`,
  )
  const query = sql`select ${entityId}, value as ${id(field.name)}
from ${ranked}
where place = 1`
  return {
    step: {
      name: `profile.${entity.name}.${field.name}`,
      summary: `The ${WORDS[field.pick]} value for ${field.name}`,
      creates: context.tables.temporary(temporaryName('profile', entity.name, field.name)),
      query: expressions.before(query),
      grain: `one row a ${entity.name} with a value`,
    },
    columns: [{ name: field.name, otherwise: undefined }],
  }
}

const WORDS: Readonly<Record<ProfileField['pick'], string>> = {
  most_recent: 'most recent',
  most_frequent: 'most frequent',
  first_source: "first source's",
  min: 'least',
  max: 'greatest',
  longest: 'longest',
}

/** Every value that may win, with what decides between them. */
function candidatesOf(context: CompileContext, entity: Entity, field: ProfileField): Fragment {
  const columns = field.from.map(({ source, column, at }) => {
    const table = reachTable(context, { value: source, at }, entity)
    return { table, value: reachedColumn(context, table, column) }
  })
  const asText = columns.length > 1 && columns.some(({ value }) => value.type === 'text')
  const { fn } = context.dialect
  const selects = columns.map(({ table, value }, index) => {
    const text = fn.asText(value.sql)
    const isEmpty = ordersPlainly(value) ? EMPTY : sql` and ${text} <> ''`
    // of the text in its own source: beside another type it may be printed longer
    const size = field.pick === 'longest' ? sql`\n  ${fn.length(text)} as size,` : EMPTY
    return sql`select r.${idColumn(entity)}, ${asText ? text : value.sql} as value, ${index + 1} as preference,${size}
  r.${id(RECENCY)} as recency, r.${id(RECORD_ID)} as record_id
from ${tableOf(reachTableName(context, table))} as r
where ${value.sql} is not null${isEmpty}`
  })
  return join(selects, '\nunion all\n')
}

function orderOf(context: CompileContext, field: ProfileField, value: Value): Fragment {
  const { fn } = context.dialect
  const recency = sql`c.recency desc nulls last`
  const preference = sql`c.preference asc nulls last`
  const record = sql`${fn.byBytes(sql`c.record_id`)} asc nulls last`
  switch (field.pick) {
    case 'most_recent':
      return join([recency, preference, record], ', ')
    case 'first_source':
      return join([preference, recency, record], ', ')
    case 'longest':
      return join([sql`c.size desc nulls last`, recency, preference, record], ', ')
    case 'min':
      return ascending(context, value)
    case 'max':
      return ordersPlainly(value)
        ? sql`${value.sql} desc nulls last`
        : valuesOf(context.dialect).sortKeys(value.sql, 'desc')
    case 'most_frequent':
      return join([sql`c.times desc nulls last`, ascending(context, value)], ', ')
  }
}
