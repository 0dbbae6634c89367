import type { ObjectDefinition } from '../connector/types.ts'
import type { Sync } from '../spec/project.ts'
import { checkEventWindow, checkFields, checkIdentifiers } from './check-identifiers.ts'
import { checkSettings } from './check-settings.ts'
import type { Scope } from './scope.ts'

/** That the destination's object can do what the sync asks of it. */
export function checkObjectUse(scope: Scope, sync: Sync, object: ObjectDefinition): void {
  const name = `${sync.to.destination.value}.${sync.to.object.value}`
  checkMode(scope, sync, object, name)
  checkKeys(scope, sync, object, name)
  if (sync.fields === 'changed' && object.wholeRows === true)
    scope.report.error('SLU2016', {
      message: `expected "fields: all", because what ${name} holds of a row is replaced by what is sent, found changed`,
      at: scope.places.inDefinition(sync.at, ['fields'], 'value'),
      hint: 'take it out: all fields of a changed row are sent',
    })
  checkIdentifiers(scope, sync, object, name)
  checkFields(scope, sync, object, name)
  checkEventWindow(scope, sync, object, name)
  checkMembersOnly(scope, sync, object, name)
  checkSettingsOf(scope, sync, object, name)
}

function checkMembersOnly(scope: Scope, sync: Sync, object: ObjectDefinition, name: string): void {
  const [first] = sync.map
  if (object.membersOnly !== true || first === undefined) return
  scope.report.error('SLU2016', {
    message: `expected no "map", because ${name} holds that a row is there and nothing of it, found "${first.field}"`,
    at: first.at,
    hint: 'take it out; values are sent by a sync of another object of the destination',
  })
}

function checkSettingsOf(scope: Scope, sync: Sync, object: ObjectDefinition, name: string): void {
  const [setting] = sync.settings.keys()
  if (object.settings === undefined && setting !== undefined)
    scope.report.error('SLU2014', {
      message: `expected no "settings", which ${name} does not take, found "${setting}"`,
      at: scope.places.inDefinition(sync.at, ['settings', setting], 'key'),
      hint: 'settings of the account belong to the destination',
    })
  if (object.settings === undefined) return
  const connector = scope.project.destinations.get(sync.to.destination.value)?.connector.value ?? ''
  checkSettings(scope, {
    at: sync.at,
    settings: sync.settings,
    missingAt: scope.places.inDefinition(sync.at, ['settings'], 'key', sync.to.object.at),
    known: object.settings,
    owner: name,
    hint: `\`sluice connectors show ${connector}\` lists them`,
    ways: [],
  })
}

function checkMode(scope: Scope, sync: Sync, object: ObjectDefinition, name: string): void {
  const { mode, onRemove } = sync
  if (!object.modes.includes(mode.value)) {
    scope.report.error('SLU2016', {
      message: `expected a mode that ${name} can do, found ${mode.value}`,
      at: scope.places.inDefinition(sync.at, ['mode'], 'value', sync.to.object.at),
      hint: `it can ${object.modes.join(', ')}`,
    })
    return
  }
  if (onRemove === 'nothing' || mode.value === 'mirror') return
  const at = () => scope.places.inDefinition(sync.at, ['on_remove'], 'value')
  if (mode.value === 'insert')
    scope.report.error('SLU2019', {
      message: `expected "on_remove: nothing" with "mode: insert", which sends each key once, found ${onRemove}`,
      at: at(),
      hint: 'use mode: upsert',
    })
  else if (object.remove === 'none' || (onRemove === 'delete' && object.remove !== 'delete'))
    scope.report.error('SLU2016', {
      message: `expected what ${name} can do with one that leaves, found ${onRemove}`,
      at: at(),
      hint: object.remove === 'none' ? 'it can do nothing' : 'it can clear',
    })
}

function checkKeys(scope: Scope, { match }: Sync, object: ObjectDefinition, name: string): void {
  const { keys } = object
  if (keys === undefined) return
  for (const { field, at } of match)
    if (!keys.includes(field))
      scope.report.error('SLU2017', {
        message: `expected a field by which ${name} finds its rows, found "${field}"`,
        at,
        hint: scope.hint(field, keys),
      })
}
