import type { Condition, Entity } from '../spec/project.ts'
import type { RowChecks } from './check-rows.ts'
import { checkProfileSql, checkRowSql } from './check-sql.ts'
import { type ConditionUses, type SegmentUse, usesOf } from './condition-uses.ts'
import type { Scope } from './scope.ts'

/** That everything a condition of this entity refers to is there and of this entity. */
export function checkCondition(scope: Scope, condition: Condition, entity: Entity, rows: RowChecks): void {
  const uses = usesOf(condition)
  checkBuiltUses(scope, uses, entity)
  for (const one of uses.rows) rows.check(one, entity)
  for (const sql of uses.rowSqls) checkRowSql(scope, sql)
}

/** The same of what a build leaves: profiles and segments. */
export function checkBuiltUses(scope: Scope, uses: ConditionUses, entity: Entity): void {
  for (const { name, at, key } of uses.values)
    scope.column(entity, name, () => scope.places.inMapping(at, key))
  for (const segment of uses.segments) checkSegmentUse(scope, segment, entity)
  for (const sql of uses.sqls) checkProfileSql(scope, sql, entity)
}

function checkSegmentUse(scope: Scope, { name, at }: SegmentUse, entity: Entity): void {
  const { segments } = scope.project
  const found = segments.get(name)
  if (found?.entity.value === entity.name) return
  const place = scope.places.inMapping(at, 'segment')
  if (found === undefined) {
    scope.resolve('segment', { value: name, at: place }, segments)
    return
  }
  // A segment of an entity that is not there is a mistake of that segment.
  if (!scope.project.entities.has(found.entity.value)) return
  scope.report.error('SLU2004', {
    message: `expected a segment of ${entity.name}, found "${name}", which is one of ${found.entity.value}`,
    at: place,
    hint: `all conditions here are about ${entity.name}`,
  })
}
