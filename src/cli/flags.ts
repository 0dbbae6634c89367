import { type Command, InvalidArgumentError, Option } from 'commander'

/** The flags that every command takes, as commander leaves them. */
export interface GlobalFlags {
  readonly projectDir?: string
  readonly target?: string
  readonly select?: readonly string[]
  readonly exclude?: readonly string[]
  readonly output: 'text' | 'json'
  readonly asOf?: string
  readonly allowPast?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  /** `--no-input` makes it false. */
  readonly input: boolean
  readonly yes?: boolean
}

export type Environment = Readonly<Record<string, string | undefined>>

export const GLOBAL_OPTIONS: readonly Option[] = [
  new Option('-C, --project-dir <folder>', 'the folder with sluice.yml (default: search upward from here)'),
  new Option('-t, --target <name>', "the warehouse connection (default: the project's default_target)"),
  new Option(
    '-s, --select <names>',
    'what to work on: a name, kind:name, tag:name, +graph+; may be repeated',
  ).argParser(collect),
  new Option('-x, --exclude <names>', 'what to leave out of the selection; may be repeated').argParser(
    collect,
  ),
  new Option('-o, --output <format>', 'what stdout holds').choices(['text', 'json']).default('text'),
  new Option('--as-of <time>', 'see the world as it was at this time (default: now)'),
  new Option('--allow-past', 'accept a time before the last published one'),
  new Option('--quiet', 'no progress and no log on stderr'),
  new Option('-v, --verbose', 'more log on stderr'),
  new Option('--no-input', 'never ask'),
  new Option('--yes', 'answer every question with yes (never lifts a guard)'),
]

/**
 * Gives every flag that the command line did not set the value of its `SLUICE_<FLAG>`: `--full-refresh` reads
 * `SLUICE_FULL_REFRESH`. The command line wins.
 */
export function applyEnvironment(command: Command, env: Environment): void {
  for (let at: Command | null = command; at !== null; at = at.parent)
    for (const option of at.options) applyOption(at, option, env)
}

export function wholeNumber(value: string): number {
  const number = Number(value)
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number))
    throw new InvalidArgumentError('Expected a whole number, 0 or more.')
  return number
}

/** `90`, `90s`, `5m`, `1h` as milliseconds; a bare number is seconds. */
export function duration(value: string): number {
  const match = /^(\d{1,6})\s*(s|m|h)?$/.exec(value)
  if (match === null) throw new InvalidArgumentError('Expected a time such as 90s, 5m or 1h.')
  const msPerUnit = { s: 1_000, m: 60_000, h: 3_600_000 }[match[2] as 's' | 'm' | 'h'] ?? 1_000
  return Number(match[1]) * msPerUnit
}

/** dbt's grammar: names in one value are a union, and so are repeated flags. */
function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, ...value.split(/\s+/).filter((name) => name !== '')]
}

function applyOption(command: Command, option: Option, env: Environment): void {
  const variable = `SLUICE_${(option.long ?? '').replace(/^--/, '').replaceAll('-', '_').toUpperCase()}`
  const text = env[variable]
  const source = command.getOptionValueSource(option.attributeName())
  if (text === undefined || text === '' || (source !== undefined && source !== 'default')) return
  command.setOptionValueWithSource(option.attributeName(), valueFrom(command, option, variable, text), 'env')
}

function valueFrom(command: Command, option: Option, variable: string, text: string): unknown {
  if (!option.required && !option.optional) return truth(command, variable, text) !== option.negate
  try {
    return option.parseArg === undefined ? text : option.parseArg(text, option.defaultValue)
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    return command.error(
      `error: the variable ${variable} holds '${text}', which is invalid. ${error.message}`,
    )
  }
}

function truth(command: Command, variable: string, text: string): boolean {
  if (/^(?:1|true|yes|on)$/i.test(text)) return true
  if (/^(?:0|false|no|off)$/i.test(text)) return false
  return command.error(`error: the variable ${variable} holds '${text}'. Expected 1 or 0, true or false.`)
}

/** What stdout must hold, told from the bare arguments: also for those that do not parse. */
export function outputFormat(argv: readonly string[], env: Environment): 'text' | 'json' {
  for (const [index, word] of argv.entries()) {
    if (word === '--') break
    const value =
      /^(?:-o=?|--output=)(.+)$/.exec(word)?.[1] ?? (isOutputFlag(word) ? argv[index + 1] : undefined)
    if (value !== undefined) return value === 'json' ? 'json' : 'text'
  }
  return env.SLUICE_OUTPUT === 'json' ? 'json' : 'text'
}

function isOutputFlag(word: string): boolean {
  return word === '-o' || word === '--output'
}
