import type { Condition, Destination, Entity, Sync } from '../spec/project.ts'
import { checkBuiltUses } from './check-conditions.ts'
import { type ConditionUses, usesOf } from './condition-uses.ts'
import { referencesOf } from './references.ts'
import type { Scope } from './scope.ts'
import { modelOf } from './sync-model.ts'

/** Consent is asked when a plan is made, of what a build left: profiles and segments, no rows of sources. */
export function checkConsent(scope: Scope): void {
  const { destinations, syncs } = scope.project
  const asked = new Map<string, Map<string, Entity>>()
  for (const sync of syncs.values()) {
    const destination = destinations.get(sync.to.destination.value)
    const { entity } = modelOf(scope.project, sync)
    if (sync.from.kind === 'source') checkHasProfile(scope, sync, destination)
    if (entity === undefined) continue
    if (sync.consent !== undefined) checkConsentOf(scope, sync.consent, [entity])
    const entities = asked.get(sync.to.destination.value) ?? new Map<string, Entity>()
    asked.set(sync.to.destination.value, entities.set(entity.name, entity))
  }
  for (const { name, consent } of destinations.values())
    if (consent !== undefined) checkConsentOf(scope, consent, [...(asked.get(name)?.values() ?? [])])
}

function checkHasProfile(scope: Scope, sync: Sync, destination: Destination | undefined): void {
  if (sync.consent === undefined && destination?.consent === undefined) return
  scope.report.error('SLU2012', {
    message: 'expected a sync of a segment or an entity where consent is required, found one of a source',
    at: sync.from.name.at,
    hint: 'rows of a source have no traits that could say yes',
  })
}

function checkConsentOf(scope: Scope, consent: Condition, entities: readonly Entity[]): void {
  const uses = usesOf(consent)
  for (const entity of entities) checkBuiltUses(scope, uses, entity)
  if (entities.length === 0) checkUnasked(scope, uses)
  for (const { source } of uses.rows)
    scope.report.error('SLU2012', {
      message: `expected traits, profile fields, segments or SQL in a consent, found rows of ${source.value}`,
      at: source.at,
      hint: 'make it a segment, and require that: {segment: NAME}',
    })
}

/** Without a sync to the destination it is not known of which entity; some entity must have what is named. */
function checkUnasked(scope: Scope, { values, segments, sqls }: ConditionUses): void {
  const [first, ...others] = scope.project.entities.values()
  if (first === undefined) return
  const isKnown = (name: string) => others.some((entity) => scope.columnsOf(entity.name).has(name))
  for (const { name, at, key } of values)
    if (!isKnown(name)) scope.column(first, name, () => scope.places.inMapping(at, key))
  for (const reference of sqls.flatMap(referencesOf))
    if (!isKnown(reference.name)) scope.column(first, reference.name, () => scope.placeOf(reference))
  for (const { name, at } of segments)
    scope.resolve(
      'segment',
      { value: name, at: scope.places.inMapping(at, 'segment') },
      scope.project.segments,
    )
}
