import { lackOfWays, listed } from '../base/complete-way.ts'
import { nearest } from '../base/nearest.ts'
import type { Position } from '../base/position.ts'
import type { SettingDefinition } from '../connector/types.ts'
import type { SettingMap, SettingValue } from '../spec/project.ts'
import type { Scope } from './scope.ts'

/** The settings of one definition, and what they are to be. */
export interface SettingsUse {
  /** The definition's. */
  readonly at: Position
  readonly settings: ReadonlyMap<string, SettingValue>
  /** Where it is told that one is missing. */
  readonly missingAt: Position
  readonly known: Readonly<Record<string, SettingDefinition>>
  /** Who takes them: `connector http`. */
  readonly owner: string
  /** Where to see which there are. */
  readonly hint: string
  /** Lists of names of which one must be whole: ways to prove who asks. */
  readonly ways: readonly (readonly string[])[]
}

/** That settings are known, of the right kind, and all there that must be. */
export function checkSettings(scope: Scope, use: SettingsUse): void {
  const { settings, owner } = use
  const known = Object.keys(use.known)
  const strange = [...settings.keys()].filter((key) => !known.includes(key))
  for (const key of strange)
    scope.report.error('SLU2014', {
      message: `expected a setting of ${owner}, found "${key}"`,
      at: scope.places.inDefinition(use.at, ['settings', key], 'key'),
      hint: scope.hint(key, known) ?? use.hint,
    })
  for (const [key, definition] of Object.entries(use.known)) {
    const value = settings.get(key)
    if (value !== undefined) checkSetting(scope, use, { key, definition, value })
    // A misspelt setting is one mistake, not two.
    else if (definition.required === true && nearest(key, strange) === undefined)
      scope.report.error('SLU2014', {
        message: `expected the setting "${key}" of ${owner}, found none`,
        at: use.missingAt,
        hint: definition.description,
      })
  }
  checkWays(scope, use, strange)
}

/** One that must be there in any case, or is misspelt, is told by itself. */
function checkWays(scope: Scope, use: SettingsUse, strange: readonly string[]): void {
  const open = use.ways.map((names) => names.filter((name) => use.known[name]?.default === undefined))
  const lack = lackOfWays(open, (name) => use.settings.has(name))
  const isMisspelt = (name: string) => !use.settings.has(name) && nearest(name, strange) !== undefined
  const isTold = (name: string) => use.known[name]?.required === true
  if (lack === undefined || lack.missing.some(isTold) || open.flat().some(isMisspelt)) return
  scope.report.error('SLU2014', {
    message: `expected ${lack.expected} among the settings of ${use.owner}, found none complete`,
    at: use.missingAt,
    hint: `give ${listed(lack.missing)}`,
  })
}

interface Setting {
  readonly key: string
  readonly definition: SettingDefinition
  readonly value: SettingValue
}

/** The values themselves stay unsaid: any of them may be a secret. */
function checkSetting(scope: Scope, use: SettingsUse, { key, definition, value }: Setting): void {
  const place = (mark: 'key' | 'value', ...path: readonly string[]): Position =>
    scope.places.inDefinition(use.at, ['settings', key, ...path], mark)
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
