import { assertNever, SluiceError } from '../base/errors.ts'
import type { Position } from '../base/position.ts'
import type { SettingDefinition, Settings } from './types.ts'

/** A text as it was written; what it means is read when it is used, because it may name the environment. */
export interface WrittenText {
  readonly raw: string
  readonly at: Position
}

/** A setting as the project writes it. */
export type WrittenSetting =
  | WrittenText
  | number
  | boolean
  | readonly WrittenSetting[]
  | { readonly at: Position; readonly entries: ReadonlyMap<string, WrittenSetting> }

/** Reads the environment that a text names; throws a SluiceError when it cannot. */
export type ReadText = (text: WrittenText) => string

/** A value, or what is wrong with it. Nothing found is quoted: it may be a secret. */
export interface Reading {
  readonly value: Settings[string]
  readonly problems: readonly Problem[]
}

type Problem =
  | { readonly error: SluiceError }
  | {
      readonly expected: string
      readonly found: string
      readonly at?: Position | undefined
      readonly hint?: string | undefined
    }

/** One written setting as the kind that its definition says; a text from the environment may be any kind. */
export function readSetting(
  written: WrittenSetting,
  definition: SettingDefinition,
  readText: ReadText,
): Reading {
  const plain = plainOf(written, readText)
  if ('problems' in plain) return plain
  const { value } = plain
  switch (definition.type) {
    case 'text':
      return textOf(value)
    case 'integer':
      return integerOf(value, definition)
    case 'boolean':
      return booleanOf(value)
    case 'text_map':
      return textMapOf(value, readText)
    case 'text_list':
      return textListOf(value, readText)
    default:
      return assertNever(definition.type, 'type of a setting')
  }
}

/** Where it stands; a list, a number and a boolean have no place of their own. */
export function placeOf(written: WrittenSetting | undefined): Position | undefined {
  return typeof written === 'object' && !isList(written) ? written.at : undefined
}

function isList(written: WrittenSetting): written is readonly WrittenSetting[] {
  return Array.isArray(written)
}

type Plain = string | Exclude<WrittenSetting, WrittenText>

function plainOf(written: WrittenSetting, readText: ReadText): { readonly value: Plain } | Reading {
  if (typeof written !== 'object' || !('raw' in written)) return { value: written as Plain }
  try {
    return { value: readText(written) }
  } catch (error) {
    if (error instanceof SluiceError) return { value: undefined, problems: [{ error }] }
    throw error
  }
}

function textOf(value: Plain): Reading {
  if (typeof value === 'string' && value.trim() !== '') return { value, problems: [] }
  const hint = typeof value === 'number' || typeof value === 'boolean' ? 'put it in quotes' : undefined
  return wrong('a text', kindOf(value), hint)
}

function integerOf(value: Plain, { minimum, maximum }: SettingDefinition): Reading {
  const number = typeof value === 'string' && /^[+-]?\d+$/.test(value.trim()) ? Number(value) : value
  const range = rangeText(minimum, maximum)
  if (typeof number !== 'number') return wrong(`an integer${range}`, kindOf(value))
  if (!Number.isSafeInteger(number)) return wrong(`an integer${range}`, 'another number')
  if (number < (minimum ?? number) || number > (maximum ?? number))
    return wrong(`an integer${range}`, String(number))
  return { value: number, problems: [] }
}

function rangeText(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`
  if (minimum !== undefined) return ` of at least ${minimum}`
  return maximum === undefined ? '' : ` of at most ${maximum}`
}

function booleanOf(value: Plain): Reading {
  if (typeof value === 'boolean') return { value, problems: [] }
  const word = typeof value === 'string' ? value.trim().toLowerCase() : ''
  if (word === 'true' || word === 'false') return { value: word === 'true', problems: [] }
  return wrong('true or false', kindOf(value))
}

function textMapOf(value: Plain, readText: ReadText): Reading {
  if (typeof value !== 'object' || isList(value)) return wrong('a mapping of texts', kindOf(value))
  const entries: [string, string][] = []
  const problems: Problem[] = []
  for (const [name, written] of value.entries) {
    const reading = readSetting(written, { type: 'text', description: '' }, readText)
    if (typeof reading.value === 'string') entries.push([name, reading.value])
    problems.push(...reading.problems.map((problem) => placed(problem, name, placeOf(written) ?? value.at)))
  }
  return { value: problems.length > 0 ? undefined : Object.fromEntries(entries), problems }
}

function textListOf(value: Plain, readText: ReadText): Reading {
  if (!isList(value as WrittenSetting)) return wrong('a list of texts', kindOf(value))
  const readings = (value as readonly WrittenSetting[]).map((one) =>
    readSetting(one, { type: 'text', description: '' }, readText),
  )
  const problems = readings.flatMap((reading) => reading.problems)
  const texts = readings.flatMap((reading) => (typeof reading.value === 'string' ? [reading.value] : []))
  return { value: problems.length > 0 ? undefined : texts, problems }
}

function placed(problem: Problem, name: string, at: Position): Problem {
  return 'error' in problem ? problem : { ...problem, expected: `${problem.expected} at "${name}"`, at }
}

function wrong(expected: string, found: string, hint?: string): Reading {
  return { value: undefined, problems: [{ expected, found, hint }] }
}

function kindOf(value: Plain): string {
  if (typeof value === 'string') return value.trim() === '' ? 'an empty text' : 'another text'
  if (typeof value === 'number') return 'a number'
  if (typeof value === 'boolean') return String(value)
  return isList(value) ? 'a list' : 'a mapping'
}
