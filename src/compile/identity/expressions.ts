import type { Position } from '../../base/position.ts'
import { type Fragment, sql } from '../../dialect/fragment.ts'
import type { IdentifierValue, Source, SqlText } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { expandSql, sqlFor } from '../references/expand-sql.ts'

/** The user's own SQL among the identifiers of a source, with its place. */
export function identifierExpressions(
  context: CompileContext,
  source: Source,
): readonly { readonly at: Position; readonly value: Fragment }[] {
  const texts = [...context.graph.project.entities.values()]
    .flatMap((entity) => entity.identity?.from ?? [])
    .filter((records) => records.source.value === source.name)
    .flatMap((records) => [...records.ids, ...records.facts].flatMap(({ value }) => sqlTexts(value)))
  return texts.map((text) => ({
    at: sqlFor(context, text).at,
    value: identifierExpression(context, text),
  }))
}

/** The line break ends a comment that the text may end with. */
export function identifierExpression(context: CompileContext, text: SqlText): Fragment {
  return sql`(${expandSql(context, text, () => undefined)}\n)`
}

function sqlTexts(value: IdentifierValue): readonly SqlText[] {
  switch (value.kind) {
    case 'sql':
      return [value.sql]
    case 'any':
      return value.values.flatMap(sqlTexts)
    case 'column':
    case 'composite':
      return []
  }
}
