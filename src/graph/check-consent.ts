import type { Position } from '../base/position.ts'
import type { Condition, Destination, Entity, Sync } from '../spec/project.ts'
import { checkProfileSql } from './check-sql.ts'
import { usesOf } from './condition-uses.ts'
import { referencesOf } from './references.ts'
import type { Scope } from './scope.ts'
import { modelOf } from './sync-model.ts'

/** Consent is asked of a row of the profile table when a plan is made, so it can name nothing else. */
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
  const { values, rows, segments, sqls } = usesOf(consent)
  for (const entity of entities) {
    for (const { name, at, key } of values)
      if (key === 'trait') scope.column(entity, name, () => scope.places.inMapping(at, key))
    for (const sql of sqls) checkProfileSql(scope, sql, entity)
  }
  if (entities.length === 0) checkUnasked(scope, consent)
  for (const { source } of rows) tellNotHere(scope, source.at, 'rows of a source')
  for (const { at } of segments) tellNotHere(scope, scope.places.inMapping(at, 'segment'), 'a segment')
  for (const { at, key } of values)
    if (key !== 'trait') tellNotHere(scope, scope.places.inMapping(at, key), 'a rank')
}

/** Without a sync to the destination it is not known of which entity; some entity must have what is named. */
function checkUnasked(scope: Scope, consent: Condition): void {
  const entities = [...scope.project.entities.values()]
  const isKnown = (name: string) => entities.some((entity) => scope.columnsOf(entity.name).has(name))
  const [first] = entities
  if (first === undefined) return
  const { values, sqls } = usesOf(consent)
  for (const { name, at, key } of values)
    if (!isKnown(name)) scope.column(first, name, () => scope.places.inMapping(at, key))
  for (const reference of sqls.flatMap(referencesOf))
    if (!isKnown(reference.name)) scope.column(first, reference.name, () => scope.placeOf(reference))
}

function tellNotHere(scope: Scope, at: Position, what: string): void {
  scope.report.error('SLU2012', {
    message: `expected traits, profile fields or SQL in a consent, found ${what}`,
    at,
    hint: 'make it a trait: {case: [{when: CONDITION, then: true}, {else: false}]}, and require that',
  })
}
