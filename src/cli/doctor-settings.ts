import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors.ts'
import { DestinationError } from '../connector/errors.ts'
import { createHttpTools } from '../connector/http-client.ts'
import { checkSettings } from '../connector/settings.ts'
import type { Connection, ConnectorEntry, Settings } from '../connector/types.ts'
import type { Graph } from '../graph/graph.ts'
import { type Check, check, failedCheck } from '../inspect/doctor-check.ts'
import { resolveEnvText } from '../spec/env.ts'
import { envParts } from '../spec/forms/env-text.ts'
import type { Destination, EnvText, SettingValue, Target } from '../spec/project.ts'
import type { Environment } from './flags.ts'

/** Whether the variables are set that the target and the sources name. Never says what one holds. */
export function environmentCheck(graph: Graph, target: Target, env: Environment): Check {
  const relations = [...graph.project.sources.values()].map(({ relation }) => relation)
  const texts = [
    ...[...target.settings.values()].flatMap(textsOf),
    ...relations.flatMap((one) =>
      one.kind === 'table' ? [one.table] : one.kind === 'file' ? [one.path] : [],
    ),
  ]
  const missing = missingVariables(texts, env)
  if (missing.length === 0)
    return { name: 'environment', status: 'ok', message: environmentWords(texts, env) }
  return { ...failedCheck('environment', notSet(missing, texts)), hint: `set ${missing.join(', ')}` }
}

function environmentWords(texts: readonly EnvText[], env: Environment): string {
  const named = [...new Set(texts.flatMap(variablesOf))]
  const set = named.filter((name) => env[name] !== undefined)
  const others = named.filter((name) => env[name] === undefined)
  return [
    ...(named.length === 0 ? ['no variable is needed'] : []),
    ...(set.length === 0 ? [] : [`set: ${set.join(', ')}`]),
    ...(others.length === 0 ? [] : [`by their defaults: ${others.join(', ')}`]),
  ].join('; ')
}

interface DestinationOptions {
  readonly clock: Clock
  readonly env: Environment
  readonly target: Target
  readonly directory: string
  /** Asks it which account it is. */
  readonly connect: boolean
}

/** Whether every setting is there and right; where nothing is really sent from the target, they need not be. */
export function destinationCheck(
  destination: Destination,
  entry: ConnectorEntry,
  options: DestinationOptions,
): Promise<Check> {
  const { send } = options.target
  return check(`destination ${destination.name}`, async () => {
    const { settings, error } = readSettings(destination, entry, options.env)
    if (error !== undefined && send === 'real') throw error
    if (error !== undefined)
      return { status: 'warning', message: `${error.message}; not needed with "send: ${send}"` }
    const complete = `${entry.manifest.title}: settings complete`
    if (!options.connect) return { message: complete }
    if (send !== 'real') return { message: `${complete}; not asked, because of "send: ${send}"` }
    return { message: `${complete}; account ${await accountOf(destination, entry, settings, options)}` }
  })
}

function readSettings(destination: Destination, entry: ConnectorEntry, env: Environment) {
  const texts = [...destination.settings.values()].flatMap(textsOf)
  const missing = missingVariables(texts, env)
  const { settings, errors } = checkSettings(entry.manifest, destination, (text) => resolveEnvText(text, env))
  return { settings, error: missing.length > 0 ? notSet(missing, texts) : errors[0] }
}

async function accountOf(
  destination: Destination,
  entry: ConnectorEntry,
  settings: Settings,
  { clock, directory }: DestinationOptions,
): Promise<string> {
  const http = createHttpTools({ clock, directory })
  let connection: Connection | undefined
  try {
    connection = (await entry.load()).connect(settings, http)
    return await connection.account()
  } catch (cause) {
    if (!(cause instanceof DestinationError)) throw cause
    throw new SluiceError('SLU5105', {
      message: `expected the destination to say which account it is, found: ${cause.message}`,
      at: destination.settingsAt,
      hint: 'check its settings and credentials',
      cause,
    })
  } finally {
    await connection?.close?.()
    await http.close()
  }
}

function textsOf(setting: SettingValue | string): readonly EnvText[] {
  if (typeof setting !== 'object') return []
  if ('raw' in setting) return [setting]
  if (isList(setting)) return setting.flatMap(textsOf)
  return [...setting.entries.values()].flatMap(textsOf)
}

function isList(setting: SettingValue): setting is readonly SettingValue[] {
  return Array.isArray(setting)
}

function variablesOf({ raw }: EnvText): readonly string[] {
  return (envParts(raw) ?? []).flatMap((part) => (part.kind === 'variable' ? [part.name] : []))
}

function missingVariables(texts: readonly EnvText[], env: Environment): readonly string[] {
  const missing = texts.flatMap(({ raw }) =>
    (envParts(raw) ?? []).flatMap((part) =>
      part.kind === 'variable' && part.fallback === undefined && env[part.name] === undefined
        ? [part.name]
        : [],
    ),
  )
  return [...new Set(missing)]
}

function notSet(missing: readonly string[], texts: readonly EnvText[]): SluiceError {
  const [first] = missing
  return new SluiceError('SLU1018', {
    message: `expected ${missing.join(', ')} in the environment, found ${missing.length === 1 ? 'it is' : 'they are'} not set`,
    at: texts.find((text) => variablesOf(text).includes(first ?? ''))?.at,
    hint: `set ${missing.join(', ')}`,
  })
}
