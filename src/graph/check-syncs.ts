import type { Position } from '../base/position.ts'
import type { ObjectDefinition } from '../connector/types.ts'
import type { Destination, Sync } from '../spec/project.ts'
import { checkMappings } from './check-mappings.ts'
import { checkObjectUse } from './check-objects.ts'
import { checkPurposes } from './check-purposes.ts'
import type { RowChecks } from './check-rows.ts'
import { objectNamed } from './objects.ts'
import type { Scope } from './scope.ts'
import { modelOf, type SyncModel } from './sync-model.ts'

/** Models, destinations, objects, keys, values, consent and purposes of every sync. */
export function checkSyncs(scope: Scope, rows: RowChecks): void {
  const renamed = new Map<string, string>()
  for (const sync of scope.project.syncs.values()) {
    const { destinations } = scope.project
    const destination = scope.resolve('destination', sync.to.destination, destinations)
    const object = destination === undefined ? undefined : objectOf(scope, sync, destination)
    const model = resolveModel(scope, sync)
    if (object !== undefined) checkObjectUse(scope, sync, object)
    checkMode(scope, sync, model)
    checkInsert(scope, sync)
    checkTolerance(scope, sync)
    checkMappings(scope, sync, model, rows)
    checkPurposes(scope, sync, model, destination)
    checkRename(scope, sync, renamed)
  }
}

function resolveModel(scope: Scope, sync: Sync): SyncModel {
  const { kind, name } = sync.from
  const { segments, entities, sources } = scope.project
  scope.resolve<unknown>(kind, name, { segment: segments, entity: entities, source: sources }[kind])
  return modelOf(scope.project, sync)
}

function objectOf(scope: Scope, { to }: Sync, { connector }: Destination): ObjectDefinition | undefined {
  const manifest = scope.manifests.get(connector.value)
  // An unknown connector is a mistake of the destination.
  if (manifest === undefined) return undefined
  const { value, at } = to.object
  const object = objectNamed(manifest, value)
  if (object !== undefined) return object
  scope.report.error('SLU2015', {
    message: `expected an object of connector ${connector.value}, found "${value}"`,
    at,
    hint: scope.hint(value, Object.keys(manifest.objects)),
  })
  return undefined
}

function checkMode(scope: Scope, sync: Sync, { source }: SyncModel): void {
  const { within, mode, from } = sync
  if (within === undefined) return
  if (mode.value !== 'insert')
    scope.report.error('SLU2019', {
      message: `expected "within" beside "mode: insert" only, found mode ${mode.value}`,
      at: within.at,
      hint: 'other modes hold every row of the model; a segment can leave old ones out',
    })
  else if (from.kind !== 'source' || (source !== undefined && source.occurredAt === undefined))
    scope.report.error('SLU2019', {
      message: `expected "within" in a sync of an event source only, found one of ${from.kind} ${from.name.value}`,
      at: within.at,
      hint: from.kind === 'source' ? `give ${from.name.value} an "occurred_at"` : 'take it out',
    })
}

/** Inserted rows are never compared again, so nothing that asks for it goes with them. */
function checkInsert(scope: Scope, sync: Sync): void {
  const { mode, resync, tolerance, fields } = sync
  if (mode.value !== 'insert') return
  const asked = [
    ['resync', resync?.at] as const,
    ['tolerance', tolerance[0]?.field.at] as const,
    ['fields: changed', fields === 'changed' ? placeOfFields(scope, sync) : undefined] as const,
  ]
  for (const [key, at] of asked)
    if (at !== undefined)
      scope.report.error('SLU2019', {
        message: `expected "${key}" in a sync that sends a row again, found "mode: insert", which sends each key once`,
        at,
        hint: 'take it out, or use mode: upsert',
      })
}

function placeOfFields(scope: Scope, { at }: Sync): Position {
  return scope.places.inDefinition(at, ['fields'], 'value')
}

/** That they are numbers, only the warehouse knows. */
function checkTolerance(scope: Scope, { tolerance, map }: Sync): void {
  const mapped = map.map(({ field }) => field)
  for (const { field } of tolerance)
    if (!mapped.includes(field.value))
      scope.report.error('SLU2025', {
        message: `expected a field of "map", found "${field.value}"`,
        at: field.at,
        hint: scope.hint(field.value, mapped),
      })
}

function checkRename(scope: Scope, sync: Sync, renamed: Map<string, string>): void {
  const { renamedFrom: former } = sync
  if (former === undefined) return
  const other = renamed.get(former)
  renamed.set(former, sync.name)
  if (!scope.project.syncs.has(former) && other === undefined) return
  scope.report.error('SLU2021', {
    message: `expected the former name of this sync alone, found "${former}", which ${other === undefined ? 'is a sync of the project' : `"${other}" was renamed from too`}`,
    at: scope.places.inDefinition(sync.at, ['renamed_from'], 'value'),
    hint: 'a snapshot can move to one sync only; take "renamed_from" out',
  })
}
