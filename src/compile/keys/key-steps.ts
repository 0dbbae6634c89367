import type { ColumnType } from '../../dialect/dialect.ts'
import { type Fragment, id, join, lit, sql } from '../../dialect/fragment.ts'
import type { Source } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { masked } from '../mask/mask.ts'
import { columnOf, relationOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'

/** `records`, `hashes`, `keyless`: the key is right when all records have a hash of their own and none is keyless. */
export function keyFiguresStep(context: CompileContext, source: Source): Step {
  const { fn } = context.dialect
  return question(source, 'figures', 'Whether the primary key is present and unique', {
    grain: 'one row',
    query: sql`select count(*) as records, count(distinct case when keyless then null else h end) as hashes,
  coalesce(sum(case when keyless then 1 else 0 end), 0) as keyless
from (select ${isKeyless(source)} as keyless, ${fn.rowHash(keyTexts(context, source))} as h
  from ${relationOf(context, source)} as x) as keys`,
  })
}

/** The columns of the key as the warehouse types them. */
export function keyColumnsStep(context: CompileContext, source: Source): Step {
  const columns = source.primaryKey.map(({ value }, index) => sql`x.${columnOf(value)} as ${part(index)}`)
  return question(source, 'columns', 'The columns of the primary key', {
    grain: 'one row a row of the source',
    query: sql`select ${join(columns, ', ')}
from ${relationOf(context, source)} as x`,
  })
}

/** `keys`: how many values of the key stand more than once. */
export function repeatedKeysStep(context: CompileContext, source: Source): Step {
  return question(source, 'repeated', 'Values of the primary key that stand more than once', {
    grain: 'one row',
    query: sql`select count(*) as keys
from (${repeated(context, source)}) as repeated`,
  })
}

/**
 * The first of them, as a person may see them: `example`, `records`. `types`: of the key's columns. A column that is
 * `pii: none` is shown as it stands.
 */
export function exampleKeysStep(
  context: CompileContext,
  source: Source,
  types: readonly ColumnType[],
  limit: number,
): Step {
  const { dialect } = context
  const shown = source.primaryKey.map(({ value }, index) => {
    const column = part(index)
    if (source.columns.get(value)?.pii === 'none') return column
    return dialect.fn.asText(masked(column, types[index] === 'integer' ? 'integer' : 'text', dialect))
  })
  const order = source.primaryKey.map((_, index) => sql`${dialect.fn.byBytes(part(index))} nulls last`)
  return question(source, 'examples', 'Some of them, masked', {
    grain: 'one row a value of the primary key',
    query: sql`select ${shown.reduce((all, one) => sql`${all} || ${lit(', ')} || ${one}`)} as example, records
from (${repeated(context, source)}) as repeated
order by records desc nulls last, ${join(order, ', ')}
limit ${limit}`,
  })
}

function repeated(context: CompileContext, source: Source): Fragment {
  const texts = keyTexts(context, source)
  const columns = texts.map((text, index) => sql`${text} as ${part(index)}`)
  return sql`select ${join(columns, ', ')}, count(*) as records
  from ${relationOf(context, source)} as x
  where not ${isKeyless(source)}
  group by ${join(texts, ', ')}
  having count(*) > 1`
}

function keyTexts(context: CompileContext, source: Source): readonly Fragment[] {
  return source.primaryKey.map(({ value }) => context.dialect.fn.asText(sql`x.${columnOf(value)}`))
}

function isKeyless(source: Source): Fragment {
  return sql`(${join(
    source.primaryKey.map(({ value }) => sql`x.${columnOf(value)} is null`),
    ' or ',
  )})`
}

function part(index: number): Fragment {
  return id(`key_${index + 1}`)
}

function question(
  source: Source,
  name: string,
  summary: string,
  of: { readonly grain: string; readonly query: Fragment },
): Step {
  return { name: `source.${source.name}.key_${name}`, summary, creates: undefined, ...of }
}
