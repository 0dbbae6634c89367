import { nearestHint } from '../base/nearest.ts'
import type { Position } from '../base/position.ts'
import type { Entity, Mapping, Source, Sync } from '../spec/project.ts'
import type { RowChecks } from './check-rows.ts'
import { idColumnOf, rowNameOf } from './map-names.ts'
import { referencesOf } from './references.ts'
import type { Scope } from './scope.ts'
import type { SyncModel } from './sync-model.ts'

/** The values of `match`, `map` and `identifiers`: that their names are there, and that the key tells rows apart. */
export function checkMappings(scope: Scope, sync: Sync, model: SyncModel, rows: RowChecks): void {
  checkKey(scope, sync)
  const names = [...sync.match, ...sync.map, ...sync.identifiers].flatMap((mapping) =>
    namesOf(scope, mapping),
  )
  for (const name of names) {
    if (model.entity !== undefined) checkProfileName(scope, name, model.entity)
    else if (model.source !== undefined) checkRowName(scope, name, model.source, rows)
  }
}

interface Name {
  readonly name: string
  readonly at: () => Position
  /** In braces of SQL. */
  readonly inSql: boolean
}

function namesOf(scope: Scope, { value }: Mapping): readonly Name[] {
  if (value.kind === 'name') return [{ name: value.name, at: () => value.at, inSql: false }]
  if (value.kind === 'literal') return []
  return referencesOf(value.sql).map((reference) => ({
    name: reference.name,
    at: () => scope.placeOf(reference),
    inSql: true,
  }))
}

/** A profile field, a trait, or the entity's id. */
function checkProfileName(scope: Scope, { name, at }: Name, entity: Entity): void {
  if (name === idColumnOf(entity)) return
  const prefix = `${entity.name}.`
  if (!name.startsWith(prefix)) {
    scope.column(entity, name, at, [idColumnOf(entity)])
    return
  }
  scope.report.error('SLU2003', {
    message: `expected a trait or profile field of ${entity.name}, found "${name}"`,
    at: at(),
    hint: `write "${name.slice(prefix.length)}": every name here is of ${entity.name}`,
  })
}

function checkRowName(scope: Scope, written: Name, source: Source, rows: RowChecks): void {
  const { at, inSql } = written
  const meant = rowNameOf(written.name)
  if (meant.kind === 'column') {
    if (inSql) tellColumnInBraces(scope, written, source)
    return
  }
  const { entities } = scope.project
  const entity = entities.get(meant.entity)
  if (entity === undefined) {
    if (scope.disabled.entity.has(meant.entity)) {
      scope.resolve('entity', { value: meant.entity, at: at() }, entities)
      return
    }
    scope.report.error('SLU2001', {
      message: `expected the name of an entity before the dot, found "${meant.entity}"`,
      at: at(),
      hint: nearestHint(meant.entity, entities.keys()) ?? 'a column with a dot in it stands in double quotes',
    })
    return
  }
  if (meant.name !== idColumnOf(entity)) scope.column(entity, meant.name, at, [idColumnOf(entity)])
  rows.reach({ value: source.name, at: at() }, entity, undefined)
}

function tellColumnInBraces(scope: Scope, { name, at }: Name, source: Source): void {
  scope.report.error('SLU2011', {
    message: `expected an entity's trait or field in braces, such as {customer.email}, found "{${name}}"`,
    at: at(),
    hint: `a column of ${source.name} is written without braces`,
  })
}

function checkKey(scope: Scope, { match }: Sync): void {
  for (const { field, at, value } of match)
    if (value.kind === 'literal' && value.value === null)
      scope.report.error('SLU2018', {
        message: `expected a value for the key "${field}", found null, so no row could be sent`,
        at,
      })
  const [first] = match
  if (first === undefined || match.some(({ value }) => value.kind !== 'literal' || value.value === null))
    return
  scope.report.error('SLU2018', {
    message: 'expected a key that tells rows apart, found one that is the same for all',
    at: first.at,
    hint: 'match a field of the destination with a profile field, a trait or the id of the entity',
  })
}
