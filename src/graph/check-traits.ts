import type { Entity, Trait, TraitOperator } from '../spec/project.ts'
import { checkCondition } from './check-conditions.ts'
import { type RowChecks, sourcePart } from './check-rows.ts'
import { checkProfileSql, checkRowSql } from './check-sql.ts'
import { type RowsUse, rowSqlsOf } from './condition-uses.ts'
import type { Scope } from './scope.ts'

export function checkTraits(scope: Scope, rows: RowChecks): void {
  for (const trait of scope.project.traits) {
    const entity = scope.resolve('entity', trait.entity, scope.project.entities)
    if (entity !== undefined) checkTrait(scope, trait, entity, rows)
  }
}

/** The rows that a trait is computed from; undefined for one that is computed from the profile. */
export function rowsOfTrait({ operator, via, within }: Trait): RowsUse | undefined {
  const source = sourceOf(operator)
  if (source === undefined) return undefined
  return { source, via, timed: within === undefined ? undefined : { what: 'within', at: within.at } }
}

function sourceOf(operator: TraitOperator): RowsUse['source'] | undefined {
  if (operator.kind === 'case' || operator.kind === 'sql') return undefined
  if (operator.kind === 'count') return operator.source
  return sourcePart(operator.column)
}

function checkTrait(scope: Scope, trait: Trait, entity: Entity, rows: RowChecks): void {
  const { operator } = trait
  const used = rowsOfTrait(trait)
  if (used !== undefined) rows.check(used, entity)
  for (const sql of rowSqlsOf(trait.where)) checkRowSql(scope, sql)
  if (operator.kind === 'sql') checkProfileSql(scope, operator.sql, entity)
  if (operator.kind !== 'case') return
  for (const branch of operator.branches) checkCondition(scope, branch.when, entity, rows)
}
