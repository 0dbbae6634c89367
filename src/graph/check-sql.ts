import type { Entity, SqlText } from '../spec/project.ts'
import { referencesOf } from './references.ts'
import type { Scope } from './scope.ts'

/** That every `{name}` in SQL over a profile is a trait or field of it. */
export function checkProfileSql(scope: Scope, sql: SqlText, entity: Entity): void {
  for (const reference of referencesOf(sql))
    scope.column(entity, reference.name, () => scope.placeOf(reference))
}

/** That SQL over single rows refers to nothing but the run's time. */
export function checkRowSql(scope: Scope, sql: SqlText): void {
  for (const reference of referencesOf(sql))
    scope.report.error('SLU2011', {
      message: `expected only as_of in braces in SQL about a row, found "{${reference.name}}"`,
      at: scope.placeOf(reference),
      hint: 'columns of the row are written without braces; a brace that is no reference is written twice: {{',
    })
}
