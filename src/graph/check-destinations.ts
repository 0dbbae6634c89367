import { nearest } from '../base/nearest.ts'
import type { Position } from '../base/position.ts'
import type { Manifest, SettingDefinition } from '../connector/types.ts'
import type { Destination, SettingMap, SettingValue } from '../spec/project.ts'
import type { Scope } from './scope.ts'

/** That every destination's connector is there and takes its settings. */
export function checkDestinations(scope: Scope): void {
  for (const destination of scope.project.destinations.values()) {
    const { connector } = destination
    const manifest = scope.manifests.get(connector.value)
    if (manifest !== undefined) checkSettings(scope, destination, manifest)
    else
      scope.report.error('SLU2013', {
        message: `expected the name of a connector, found "${connector.value}"`,
        at: connector.at,
        hint:
          scope.hint(connector.value, scope.manifests.keys()) ?? '`sluice connectors ls` lists what there is',
      })
  }
}

function checkSettings(scope: Scope, destination: Destination, manifest: Manifest): void {
  const { settings } = destination
  const known = Object.keys(manifest.settings)
  const strange = [...settings.keys()].filter((key) => !known.includes(key))
  for (const key of strange)
    scope.report.error('SLU2014', {
      message: `expected a setting of connector ${manifest.name}, found "${key}"`,
      at: scope.places.inDefinition(destination.at, ['settings', key], 'key'),
      hint: scope.hint(key, known) ?? `\`sluice connectors show ${manifest.name}\` lists them`,
    })
  for (const [key, definition] of Object.entries(manifest.settings)) {
    const value = settings.get(key)
    if (value !== undefined) checkSetting(scope, destination, { key, definition, value })
    // A misspelt setting is one mistake, not two.
    else if (definition.required === true && nearest(key, strange) === undefined)
      scope.report.error('SLU2014', {
        message: `expected the setting "${key}" of connector ${manifest.name}, found none`,
        at: settings.size === 0 ? destination.connector.at : destination.settingsAt,
        hint: definition.description,
      })
  }
}

interface Setting {
  readonly key: string
  readonly definition: SettingDefinition
  readonly value: SettingValue
}

/** The values themselves stay unsaid: any of them may be a secret. */
function checkSetting(scope: Scope, destination: Destination, { key, definition, value }: Setting): void {
  const place = (mark: 'key' | 'value', ...path: readonly string[]): Position =>
    scope.places.inDefinition(destination.at, ['settings', key, ...path], mark)
  if (isVariable(value)) return
  const found = kindOf(value)
  if (found !== WANTED[definition.type]) {
    const quoted = found === 'a text' && definition.type !== 'text_map'
    scope.report.error('SLU2014', {
      message: `expected ${definition.type === 'integer' ? 'a whole number' : WANTED[definition.type]} for "${key}", found ${found}`,
      at: place('value'),
      hint: quoted
        ? 'write it without quotes'
        : definition.type === 'text'
          ? 'put quotes around it'
          : undefined,
    })
  } else if (definition.type === 'integer') checkInteger(scope, place('value'), { key, definition, value })
  else if (definition.type === 'text_map') checkTextMap(scope, place, { key, definition, value })
}

const WANTED: Readonly<Record<SettingDefinition['type'], string>> = {
  text: 'a text',
  integer: 'a number',
  boolean: 'true or false',
  text_map: 'a mapping of texts',
  text_list: 'a list of texts',
}

/** A text with `${VAR}` in it may become anything; it is checked when it is read. */
function isVariable(value: SettingValue): boolean {
  return typeof value === 'object' && 'raw' in value && value.raw.includes('${')
}

function kindOf(value: SettingValue): string {
  if (typeof value === 'number') return 'a number'
  if (typeof value === 'boolean') return 'true or false'
  if ('raw' in value) return 'a text'
  if (isSettingMap(value)) return 'a mapping of texts'
  return isListOfTexts(value) ? 'a list of texts' : 'a list'
}

function isListOfTexts(value: SettingValue): boolean {
  return Array.isArray(value) && value.every((one: SettingValue) => typeof one === 'object' && 'raw' in one)
}

function isSettingMap(value: SettingValue): value is SettingMap {
  return typeof value === 'object' && 'entries' in value && !Array.isArray(value)
}

function checkInteger(scope: Scope, at: Position, { key, definition, value }: Setting): void {
  const { minimum, maximum } = definition
  if (typeof value !== 'number') return
  const wrong = !Number.isInteger(value)
    ? 'a whole number'
    : minimum !== undefined && value < minimum
      ? `at least ${minimum}`
      : maximum !== undefined && value > maximum
        ? `at most ${maximum}`
        : undefined
  if (wrong === undefined) return
  scope.report.error('SLU2014', {
    message: `expected ${wrong} for "${key}", found ${definition.secret === true ? 'another number' : value}`,
    at,
  })
}

function checkTextMap(
  scope: Scope,
  place: (mark: 'key' | 'value', ...path: readonly string[]) => Position,
  { key, value }: Setting,
): void {
  if (!isSettingMap(value)) return
  for (const [name, one] of value.entries)
    if (typeof one !== 'object' || !('raw' in one))
      scope.report.error('SLU2014', {
        message: `expected a text for "${key}.${name}", found ${kindOf(one)}`,
        at: place('value', name),
        hint: typeof one === 'object' ? undefined : 'put quotes around it',
      })
}
