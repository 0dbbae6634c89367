import { lackOfWays, listed } from '../base/complete-way.ts'
import { ProjectErrors, SluiceError } from '../base/errors.ts'
import { nearestHint } from '../base/nearest.ts'
import type { Position } from '../base/position.ts'
import { registerSecret } from '../base/redact.ts'
import { placeOf, type Reading, type ReadText, readSetting, type WrittenSetting } from './setting-values.ts'
import type { Manifest, ObjectDefinition, SettingDefinition, Settings } from './types.ts'

/** A destination, or a sync of an object that takes settings. */
export interface WrittenSettings {
  readonly name: string
  readonly settings: ReadonlyMap<string, WrittenSetting>
  readonly settingsAt: Position
}

interface Checked {
  readonly settings: Settings
  readonly errors: readonly SluiceError[]
}

/**
 * The settings of a destination as its connector takes them: typed, defaults filled in, the environment read.
 * What is secret is hidden everywhere from here on. Throws ProjectErrors with all that is wrong.
 */
export function resolveSettings(
  manifest: Manifest,
  destination: WrittenSettings,
  readText: ReadText,
): Settings {
  return withoutErrors(checkSettings(manifest, destination, readText))
}

/** The same with the mistakes as values; a setting with a mistake is left out. */
export function checkSettings(manifest: Manifest, destination: WrittenSettings, readText: ReadText): Checked {
  const owner = {
    definitions: manifest.settings,
    whose: `the destination ${destination.name}`,
    taker: `the connector ${manifest.name}`,
  }
  const checked = check(destination, owner, readText)
  const lack = lackOfAuth(manifest, destination)
  return lack === undefined ? checked : { ...checked, errors: [...checked.errors, lack] }
}

/** The settings of a sync as its object takes them; `object` is what the project calls it. Throws as `resolveSettings`. */
export function resolveUseSettings(
  definition: ObjectDefinition,
  object: string,
  sync: WrittenSettings,
  readText: ReadText,
): Settings {
  const whose = `the sync ${sync.name}`
  return withoutErrors(
    check(sync, { definitions: definition.settings ?? {}, whose, taker: object }, readText),
  )
}

interface Owner {
  readonly definitions: Readonly<Record<string, SettingDefinition>>
  /** `the destination crm`. */
  readonly whose: string
  /** `the connector hubspot`. */
  readonly taker: string
}

function withoutErrors({ settings, errors }: Checked): Settings {
  if (errors.length > 0) throw new ProjectErrors(errors)
  return settings
}

function check(written: WrittenSettings, owner: Owner, readText: ReadText): Checked {
  const errors = unknownSettings(written, owner)
  const settings: Record<string, Settings[string]> = {}
  for (const [name, definition] of Object.entries(owner.definitions)) {
    const one = written.settings.get(name)
    const reading =
      one === undefined ? defaultOf(name, definition, written, owner) : readSetting(one, definition, readText)
    errors.push(...reading.problems.map((problem) => errorOf(problem, name, written, owner)))
    if (reading.value === undefined) continue
    hideSecrets(reading.value, definition)
    settings[name] = reading.value
  }
  return { settings, errors }
}

function unknownSettings(written: WrittenSettings, { definitions, taker }: Owner): SluiceError[] {
  const known = Object.keys(definitions)
  return [...written.settings]
    .filter(([name]) => !Object.hasOwn(definitions, name))
    .map(
      ([name, one]) =>
        new SluiceError('SLU6003', {
          message: `expected a setting of ${taker}, found "${name}"`,
          at: placeOf(one) ?? written.settingsAt,
          hint: nearestHint(name, known),
        }),
    )
}

function defaultOf(
  name: string,
  definition: SettingDefinition,
  written: WrittenSettings,
  { whose }: Owner,
): Reading {
  if (definition.required !== true) return { value: definition.default, problems: [] }
  const error = new SluiceError('SLU6002', {
    message: `expected the setting "${name}" of ${whose}, found it is missing`,
    at: written.settingsAt,
    hint: definition.description,
  })
  return { value: undefined, problems: [{ error }] }
}

/** No way to prove who asks has all that it needs. One that lacks only what must be there in any case is told by that. */
function lackOfAuth(
  manifest: Manifest,
  { name, settings, settingsAt }: WrittenSettings,
): SluiceError | undefined {
  const ways = (manifest.auth ?? []).map(({ needs }) =>
    needs.filter((one) => manifest.settings[one]?.default === undefined),
  )
  const lack = lackOfWays(ways, (one) => settings.has(one))
  if (lack === undefined || lack.missing.some((one) => manifest.settings[one]?.required === true))
    return undefined
  return new SluiceError('SLU6002', {
    message: `expected ${lack.expected} among the settings of the destination ${name}, found none complete`,
    at: settingsAt,
    hint: `give ${listed(lack.missing)}`,
  })
}

function errorOf(
  problem: Reading['problems'][number],
  name: string,
  written: WrittenSettings,
  { whose }: Owner,
): SluiceError {
  if ('error' in problem) return problem.error
  return new SluiceError('SLU6001', {
    message: `expected ${problem.expected} for the setting "${name}" of ${whose}, found ${problem.found}`,
    at: problem.at ?? placeOf(written.settings.get(name)) ?? written.settingsAt,
    hint: problem.hint,
  })
}

/** Headers whose values everyone knows; hidden, they would blank out ordinary words. */
const PUBLIC_ENTRIES: ReadonlySet<string> = new Set([
  'accept',
  'accept-language',
  'content-type',
  'user-agent',
])

function hideSecrets(value: Settings[string], definition: SettingDefinition): void {
  if (definition.secret !== true) return
  if (typeof value === 'string') registerSecret(value)
  if (typeof value !== 'object') return
  for (const [name, text] of Object.entries(value)) {
    if (PUBLIC_ENTRIES.has(name.toLowerCase())) continue
    registerSecret(text)
    // `Bearer TOKEN`: the token alone is quoted too.
    registerSecret(text.slice(text.lastIndexOf(' ') + 1))
  }
}
