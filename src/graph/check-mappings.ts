import type { Position } from '../base/position.ts'
import type { Entity, Mapping, Sync } from '../spec/project.ts'
import type { RowChecks } from './check-rows.ts'
import { typesSent } from './identity-types.ts'
import { idColumnOf, rowNameOf } from './map-names.ts'
import { referencesOf } from './references.ts'
import type { Scope } from './scope.ts'
import type { SyncModel } from './sync-model.ts'

/** The values of `match`, `map`, `identifiers` and `backfill`: that their names are there, and that the key tells rows apart. */
export function checkMappings(scope: Scope, sync: Sync, model: SyncModel, rows: RowChecks): void {
  checkKey(scope, sync)
  const types = typesSent(scope.project, model, sync.identifiers)
  const others = [...(model.entity?.identity?.identifiers.keys() ?? [])]
  const names = [
    ...[...sync.match, ...sync.map].flatMap((mapping) => namesOf(scope, mapping)),
    ...sync.identifiers
      .filter((one) => !types.has(one))
      .flatMap((one) => namesOf(scope, one).map((name) => ({ ...name, others }))),
    ...orderOf(sync),
  ]
  const reached = new Map<Entity, Pick<Name, 'at'>>(
    model.source === undefined ? [] : [...types].map(([{ at }, { entity }]) => [entity, { at: () => at }]),
  )
  for (const name of names) {
    if (model.entity !== undefined) checkProfileName(scope, name, model.entity)
    else if (model.source !== undefined) {
      const entity = checkRowName(scope, name)
      if (entity !== undefined && !reached.has(entity)) reached.set(entity, name)
    }
  }
  for (const [entity, { at }] of reached)
    if (model.source !== undefined) rows.reach({ value: model.source.name, at: at() }, entity, null)
}

interface Name {
  readonly name: string
  readonly at: () => Position
  /** What it could be but for a field or a trait. */
  readonly others?: readonly string[]
}

function namesOf(scope: Scope, { value }: Mapping): readonly Name[] {
  if (value.kind === 'name') return [{ name: value.name, at: () => value.at }]
  if (value.kind === 'literal') return []
  return referencesOf(value.sql).map((reference) => ({
    name: reference.name,
    at: () => scope.placeOf(reference),
  }))
}

function orderOf({ backfill }: Sync): readonly Name[] {
  return backfill === undefined ? [] : [{ name: backfill.orderBy.value, at: () => backfill.orderBy.at }]
}

/** A profile field, a trait, or the entity's id. */
function checkProfileName(scope: Scope, { name, at, others = [] }: Name, entity: Entity): void {
  if (name === idColumnOf(entity)) return
  const prefix = `${entity.name}.`
  if (!name.startsWith(prefix)) {
    scope.column(entity, name, at, [idColumnOf(entity), ...others])
    return
  }
  scope.report.error('SLU2003', {
    message: `expected a trait or profile field of ${entity.name}, found "${name}"`,
    at: at(),
    hint: `write "${name.slice(prefix.length)}": every name here is of ${entity.name}`,
  })
}

/** A column of the source (that it is there, the warehouse knows), or `customer.email`: then its entity. */
function checkRowName(scope: Scope, { name, at }: Name): Entity | undefined {
  const meant = rowNameOf(name)
  if (meant.kind === 'column') return undefined
  const entity = scope.project.entities.get(meant.entity)
  if (entity === undefined) tellNoEntity(scope, meant.entity, at())
  else if (meant.name !== idColumnOf(entity)) scope.column(entity, meant.name, at, [idColumnOf(entity)])
  return entity
}

function tellNoEntity(scope: Scope, name: string, at: Position): void {
  const { entities } = scope.project
  if (scope.disabled.entity.has(name)) {
    scope.resolve('entity', { value: name, at }, entities)
    return
  }
  scope.report.error('SLU2001', {
    message: `expected the name of an entity before the dot, found "${name}"`,
    at,
    hint: scope.hint(name, entities.keys()) ?? 'a column with a dot in it stands in double quotes',
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
