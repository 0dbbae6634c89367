import { type Fragment, id, join, sql } from '../../dialect/fragment.ts'
import { united } from './record-steps.ts'
import { type IdentityScope, nullHash, textLiteral } from './scope.ts'

type ColumnKind = 'hash' | 'text' | 'number'

/** No rows with these columns, for where there may be no source of a kind. */
export function noRowsOf(scope: IdentityScope, columns: Readonly<Record<string, ColumnKind>>): Fragment {
  const { context } = scope
  const values: Readonly<Record<ColumnKind, Fragment>> = {
    hash: nullHash(context),
    text: textLiteral(context, ''),
    number: sql`0`,
  }
  const selected = Object.entries(columns).map(([name, kind]) => sql`${values[kind]} as ${id(name)}`)
  return sql`select ${join(selected, ', ')} from (select 1 as one) as one where 1 = 0`
}

/** Selects as one, to stand after `from`; without any no rows. */
export function unitedOr(
  scope: IdentityScope,
  selects: readonly Fragment[],
  columns: Readonly<Record<string, ColumnKind>>,
): Fragment {
  return united(selects.length > 0 ? selects : [noRowsOf(scope, columns)])
}
