import type { Located } from '../base/position.ts'
import type { Entity, IdentifierValue, Identity, SqlText } from '../spec/project.ts'
import { type RowChecks, sourcePart } from './check-rows.ts'
import { checkRowSql } from './check-sql.ts'
import type { Scope } from './scope.ts'

/** Identity, sources and profile fields of every entity. */
export function checkEntities(scope: Scope, rows: RowChecks): void {
  for (const entity of scope.project.entities.values()) {
    if (entity.source !== undefined) scope.resolve('source', entity.source, scope.project.sources)
    if (entity.identity !== undefined) checkIdentity(scope, entity, entity.identity)
    for (const column of entity.profile.flatMap((field) => field.from))
      rows.reach(sourcePart(column), entity, null)
  }
}

function checkIdentity(scope: Scope, entity: Entity, identity: Identity): void {
  const seen = new Set<string>()
  for (const { source, ids } of identity.from) {
    scope.resolve('source', source, scope.project.sources)
    if (seen.has(source.value)) tellTwice(scope, source)
    seen.add(source.value)
    for (const sql of ids.flatMap((id) => sqlsOf(id.value))) checkRowSql(scope, sql)
  }
  for (const [path, what] of unbuiltOf(identity))
    scope.report.error('SLU2020', {
      message: `expected an identity without ${what}, which this version does not build yet`,
      at: scope.places.inDefinition(entity.at, ['identity', ...path], 'key'),
      hint: 'take it out: without it records may be united that it would keep apart',
    })
}

function sqlsOf(value: IdentifierValue): readonly SqlText[] {
  if (value.kind === 'sql') return [value.sql]
  return value.kind === 'any' ? value.values.flatMap(sqlsOf) : []
}

/** Rules that would change who is who; to pass over them in silence would give wrong entities. */
function unbuiltOf(identity: Identity): readonly (readonly [readonly string[], string])[] {
  const rules = [...identity.identifiers.values()]
  return [
    ...rules.flatMap(({ type, maxPerEntity, priority }) => [
      ...given(maxPerEntity, ['identifiers', type, 'max_per_entity']),
      ...given(priority, ['identifiers', type, 'priority']),
    ]),
    ...given(identity.maxEntitySize, ['max_entity_size']),
    ...given(identity.block[0], ['block']),
    ...given(identity.candidates, ['candidates']),
  ]
}

function given(value: unknown, path: readonly string[]): readonly (readonly [readonly string[], string])[] {
  return value === undefined ? [] : [[path, `"${path.at(-1)}"`]]
}

function tellTwice(scope: Scope, { value, at }: Located<string>): void {
  scope.report.error('SLU2023', {
    message: `expected each source once in "from", found ${value} again`,
    at,
    hint: 'put all its ids into one entry; several values of one type are {any: [a, b]}',
  })
}
