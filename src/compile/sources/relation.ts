import { isAbsolute, join as joinPath } from 'node:path'
import { assertNever, SluiceError } from '../../base/errors.ts'
import { tableId } from '../../dialect/common.ts'
import type { TableName } from '../../dialect/dialect.ts'
import { type Fragment, id, join, lit, name, splitName, sql } from '../../dialect/fragment.ts'
import { resolveEnvText } from '../../spec/env.ts'
import type { Source, SqlText } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { expandSql, referencesIn } from '../references/expand-sql.ts'
import type { Step } from '../step.ts'
import { temporaryName } from '../temporary.ts'
import { textColumns } from './columns.ts'

/**
 * What stands after `from` for a source: a table, this run's copy of a file, or a query in parentheses. The caller
 * adds `as x`. Throws: SLU1018 for a variable that is not set.
 */
export function relationOf(context: CompileContext, source: Source): Fragment {
  return relationWithin(context, source, [])
}

/**
 * Reads the files among the sources (and among those that their queries need) into temporary tables, so that a run
 * reads each file once and sees one state of it. Throws: SLU4303 where the warehouse reads no files.
 */
export function stageSteps(context: CompileContext, sources: readonly Source[]): readonly Step[] {
  const needed = new Map<string, Source>()
  for (const source of sources) collectFiles(context, source, needed, [])
  return [...needed.values()].map((source) => stageStep(context, source))
}

/** One column as the user wrote it. */
export function columnOf(written: string): Fragment {
  return name(written)
}

/**
 * `record_id`: the primary key as text, parts joined by `|` with `\` and `|` escaped. Null when a part is null.
 * `alias` is what the source's rows are called there.
 */
export function primaryKeyText(context: CompileContext, source: Source, alias: Fragment): Fragment {
  const parts = source.primaryKey.map((column) => {
    const text = context.dialect.fn.asText(sql`${alias}.${columnOf(column.value)}`)
    const escaped = sql`replace(replace(${text}, ${lit('\\')}, ${lit('\\\\')}), ${lit('|')}, ${lit('\\|')})`
    return escaped
  })
  return parts.reduce((all, one) => sql`${all} || ${lit('|')} || ${one}`)
}

/** A table of ours in a statement. */
export function tableOf(table: TableName): Fragment {
  return tableId(table)
}

function relationWithin(context: CompileContext, source: Source, outer: readonly Source[]): Fragment {
  const { relation } = source
  switch (relation.kind) {
    case 'table':
      return name(resolveEnvText(relation.table, context.env))
    case 'file':
      return tableOf(stagedTable(context, source))
    case 'query':
      return queryRelation(context, source, relation.query, outer)
    case 'dbt':
      if (relation.found !== undefined) return name(relation.found.table)
      throw new SluiceError('SLU9001', {
        message: `expected the manifest to be read before its models, found "${relation.model.value}"`,
        at: relation.model.at,
      })
    default:
      return assertNever(relation, 'kind of source')
  }
}

/**
 * Sources that a query names in braces: a table or a file stands there itself, another query as a common table
 * expression, so that the text may give it an alias or not.
 */
function queryRelation(
  context: CompileContext,
  source: Source,
  query: SqlText,
  outer: readonly Source[],
): Fragment {
  const inside = [...outer, source]
  const queries = new Map<string, Fragment>()
  const resolve = (reference: string): Fragment | undefined => {
    const found = context.graph.project.sources.get(reference)
    if (found === undefined) return undefined
    refuseCycle(found, inside)
    if (found.relation.kind !== 'query') return relationWithin(context, found, inside)
    const alias = id(`src_${found.name}`)
    const body = relationWithin(context, found, inside)
    queries.set(found.name, sql`${alias} as (select * from ${body} as q)`)
    return alias
  }
  const text = expandSql(context, withoutEnd(query), resolve)
  // The line break ends a comment that the text may end with.
  if (queries.size === 0) return sql`(${text}\n)`
  return sql`(with ${join([...queries.values()], ',\n')}
select * from (${text}\n) as q)`
}

/** Without the semicolon that would end our statement. */
function withoutEnd(query: SqlText): SqlText {
  const cut = (value: string) => value.replace(/[\s;]+$/, '')
  return {
    ...query,
    default: query.default && { ...query.default, value: cut(query.default.value) },
    byTarget: new Map([...query.byTarget].map(([type, text]) => [type, { ...text, value: cut(text.value) }])),
  }
}

function refuseCycle(found: Source, inside: readonly Source[]): void {
  const start = inside.indexOf(found)
  if (start < 0) return
  const way = [...inside.slice(start), found].map((one) => one.name).join(' -> ')
  throw new SluiceError('SLU9001', {
    message: `expected the graph to refuse queries that need each other, found ${way}`,
    at: found.at,
  })
}

function collectFiles(
  context: CompileContext,
  source: Source,
  found: Map<string, Source>,
  outer: readonly Source[],
): void {
  if (source.relation.kind === 'file') found.set(source.name, source)
  if (source.relation.kind !== 'query') return
  const inside = [...outer, source]
  for (const reference of referencesIn(context, source.relation.query)) {
    const needed = context.graph.project.sources.get(reference)
    if (needed === undefined) continue
    refuseCycle(needed, inside)
    collectFiles(context, needed, found, inside)
  }
}

function stageStep(context: CompileContext, source: Source): Step {
  const { relation } = source
  if (relation.kind !== 'file')
    throw new SluiceError('SLU9001', { message: `expected a file to stage, found a ${relation.kind}` })
  if (!context.dialect.supports.files)
    throw new SluiceError('SLU4303', {
      message: `expected a table or a query on a target of type ${context.targetType}, found a file`,
      at: relation.path.at,
      hint: 'load the file into a table of the warehouse; only DuckDB reads files itself',
    })
  const path = resolveEnvText(relation.path, context.env)
  const types = new Map([...source.types].map(([column, type]) => [exactName(column), type.value]))
  const texts = textColumns(context.graph, source).map(exactName)
  return {
    name: `source.${source.name}.stage`,
    summary: `Reads the file of ${source.name} once for this run`,
    creates: stagedTable(context, source),
    query: sql`select * from ${context.dialect.fn.readFile(absolute(context, path), texts, types)}`,
    grain: 'one row a row of the file',
  }
}

/** As it stands in the file's header, without the quotes that the user may have put around it. */
function exactName(written: string): string {
  return splitName(written)
    .map((part) => part.text)
    .join('.')
}

/** Relative to the project; an address such as `s3://bucket/a.parquet` stays one. */
function absolute(context: CompileContext, path: string): string {
  if (isAbsolute(path) || /^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return path
  return joinPath(context.graph.project.directory, path)
}

function stagedTable(context: CompileContext, source: Source): TableName {
  return context.tables.temporary(temporaryName('src', source.name))
}
