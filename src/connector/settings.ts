import { ProjectErrors, SluiceError } from '../base/errors.ts'
import { nearestHint } from '../base/nearest.ts'
import type { Position } from '../base/position.ts'
import { registerSecret } from '../base/redact.ts'
import { placeOf, type Reading, type ReadText, readSetting, type WrittenSetting } from './setting-values.ts'
import type { Manifest, SettingDefinition, Settings } from './types.ts'

export interface WrittenDestination {
  readonly name: string
  readonly settings: ReadonlyMap<string, WrittenSetting>
  readonly settingsAt: Position
}

/**
 * The settings of a destination as its connector takes them: typed, defaults filled in, the environment read.
 * What is secret is hidden everywhere from here on. Throws ProjectErrors with all that is wrong.
 */
export function resolveSettings(
  manifest: Manifest,
  destination: WrittenDestination,
  readText: ReadText,
): Settings {
  const { settings, errors } = checkSettings(manifest, destination, readText)
  if (errors.length > 0) throw new ProjectErrors(errors)
  return settings
}

/** The same with the mistakes as values; a setting with a mistake is left out. */
export function checkSettings(
  manifest: Manifest,
  destination: WrittenDestination,
  readText: ReadText,
): { readonly settings: Settings; readonly errors: readonly SluiceError[] } {
  const errors = unknownSettings(manifest, destination)
  const settings: Record<string, Settings[string]> = {}
  for (const [name, definition] of Object.entries(manifest.settings)) {
    const written = destination.settings.get(name)
    const reading =
      written === undefined
        ? defaultOf(name, definition, destination)
        : readSetting(written, definition, readText)
    errors.push(...reading.problems.map((problem) => errorOf(problem, name, destination)))
    if (reading.value === undefined) continue
    hideSecrets(reading.value, definition)
    settings[name] = reading.value
  }
  return { settings, errors }
}

function unknownSettings(manifest: Manifest, destination: WrittenDestination): SluiceError[] {
  const known = Object.keys(manifest.settings)
  return [...destination.settings]
    .filter(([name]) => !Object.hasOwn(manifest.settings, name))
    .map(
      ([name, written]) =>
        new SluiceError('SLU6003', {
          message: `expected a setting of the connector ${manifest.name}, found "${name}"`,
          at: placeOf(written) ?? destination.settingsAt,
          hint: nearestHint(name, known),
        }),
    )
}

function defaultOf(name: string, definition: SettingDefinition, destination: WrittenDestination): Reading {
  if (definition.required !== true) return { value: definition.default, problems: [] }
  const error = new SluiceError('SLU6002', {
    message: `expected the setting "${name}" of the destination ${destination.name}, found it is missing`,
    at: destination.settingsAt,
    hint: definition.description,
  })
  return { value: undefined, problems: [{ error }] }
}

function errorOf(
  problem: Reading['problems'][number],
  name: string,
  destination: WrittenDestination,
): SluiceError {
  if ('error' in problem) return problem.error
  return new SluiceError('SLU6001', {
    message: `expected ${problem.expected} for the setting "${name}" of the destination ${destination.name}, found ${problem.found}`,
    at: problem.at ?? placeOf(destination.settings.get(name)) ?? destination.settingsAt,
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
