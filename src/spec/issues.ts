import type * as z from 'zod'
import type { ErrorCode } from '../base/codes.ts'
import { SluiceError } from '../base/errors.ts'
import { nearest } from '../base/nearest.ts'
import type { Position } from '../base/position.ts'
import { describeFound, placeOf } from './describe.ts'
import { EXPECTED, type Expectation, type ExpectedKey } from './expected.ts'
import { MAX_ERRORS_PER_FILE } from './limits.ts'
import type { Problem } from './problem.ts'
import { synonymOf } from './synonyms.ts'
import type { Places } from './yaml/places.ts'

type Path = readonly (string | number)[]

/** A problem with the mapping or list that it is about; `path` leads to it from the file's root. */
interface Placed {
  readonly problem: Problem
  readonly container: object
  readonly path: Path
  /** The key or index in `container`; undefined: the container itself. */
  readonly last: string | number | undefined
}

/** Everything that zod and our rules found in one file, as errors with places; one error per mistake. */
export function errorsOf(
  issues: readonly z.core.$ZodIssue[],
  root: Readonly<Record<string, unknown>>,
  places: Places,
): readonly SluiceError[] {
  const placed = issues.flatMap(problemsOf).map((problem) => locate(problem, root))
  const own = placed.filter((one) => !isEcho(one, places))
  const groups = Map.groupBy(own, (one) => one.container)
  return [...groups.values()].flatMap((group) => unite(group)).map((one) => toError(one, root, places))
}

/** Zod's issue as a problem of ours. Which phrase belongs to it was decided by the schema or by `errorMap`. */
function problemsOf(issue: z.core.$ZodIssue): readonly Problem[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
  if (issue.code === 'custom' && issue.params?.problem !== undefined) {
    const problem = issue.params.problem as Problem
    return [{ ...problem, path }]
  }
  if (issue.code === 'unrecognized_keys')
    return [{ kind: 'unknown', keys: issue.keys, known: issue.message.split(' '), path }]
  if (issue.code === 'invalid_key') return [{ kind: 'badKey', key: issue.issues[0]?.message ?? 'text', path }]
  if (issue.code === 'invalid_value' && !Object.hasOwn(EXPECTED, issue.message))
    return [{ kind: 'oneOf', values: issue.values.map(String), path }]
  return [{ kind: 'expected', key: issue.message, path }]
}

/** What schemas without words of their own mean; unknown keys carry the known ones, for the nearest name. */
export const errorMap: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'unrecognized_keys') return knownKeys(issue.inst).join(' ')
  if (issue.code === 'invalid_value') return 'value'
  if (issue.code !== 'invalid_type') return 'text'
  return TYPE_KEYS[issue.expected] ?? 'text'
}

const TYPE_KEYS: Readonly<Record<string, ExpectedKey>> = {
  string: 'text',
  number: 'number',
  int: 'integer',
  boolean: 'boolean',
  array: 'list',
  object: 'mapping',
  record: 'mapping',
}

function knownKeys(schema: unknown): readonly string[] {
  const definition = (schema as { readonly _zod?: { readonly def?: { readonly shape?: object } } })._zod?.def
  return Object.keys(definition?.shape ?? {})
}

function locate(problem: Problem, root: object): Placed {
  let container: object = root
  const path = [...(problem.path ?? [])]
  const aboutKeys = problem.kind === 'missing' || problem.kind === 'unknown'
  const steps = aboutKeys ? path.length : path.length - 1
  for (const part of path.slice(0, Math.max(steps, 0))) {
    const next: unknown = (container as Readonly<Record<string | number, unknown>>)[part]
    if (typeof next !== 'object' || next === null) break
    container = next
  }
  const last = aboutKeys ? undefined : path.at(-1)
  const place = aboutKeys ? path : path.slice(0, -1)
  return { problem: asMissing(problem, container, last), container, path: place, last }
}

/** An error about the YAML itself has said it already. */
function isEcho({ problem, container, last }: Placed, places: Places): boolean {
  if (problem.kind === 'missing') return places.hasBroken(container)
  return last !== undefined && places.isBroken(container, last)
}

/** A value that is not there at all is a missing key, whatever it should have been. */
function asMissing(problem: Problem, container: object, last: string | number | undefined): Problem {
  const judged = problem.kind === 'expected' || problem.kind === 'oneOf'
  if (!judged || typeof last !== 'string' || Object.hasOwn(container, last)) return problem
  return { kind: 'missing', keys: [last], anyTypo: false }
}

/**
 * Judges the problems of one mapping together: an unknown key that is near to a missing one is one mistake, told as
 * the unknown key. Unknown keys come out one by one.
 */
function unite(group: readonly Placed[]): readonly Placed[] {
  const strange = group.flatMap((one) => (one.problem.kind === 'unknown' ? one.problem.keys : []))
  if (strange.length === 0) return group
  const missing = group.flatMap((one) => (one.problem.kind === 'missing' ? [one.problem] : []))
  const wanted = missing.flatMap((one) => one.keys)
  const listed = missing.flatMap((one) => (one.anyTypo ? one.keys : []))
  return group.flatMap((one): readonly Placed[] => {
    const { problem } = one
    if (problem.kind === 'missing') return isMeantBy(problem, strange) ? [] : [one]
    if (problem.kind !== 'unknown') return [one]
    return problem.keys
      .slice(0, MAX_ERRORS_PER_FILE)
      .filter((key) => !(one.path.length === 0 && key.startsWith('x-')))
      .map((key) => ({ ...one, problem: { ...problem, keys: [key], wanted, listed } }))
  })
}

function isMeantBy(missing: Extract<Problem, { kind: 'missing' }>, strange: readonly string[]): boolean {
  return missing.anyTypo || strange.some((key) => meantKey(key, missing.keys) !== undefined)
}

function meantKey(key: string, candidates: readonly string[]): string | undefined {
  return synonymOf(key, candidates) ?? nearest(key, candidates)
}

function toError(one: Placed, root: Readonly<Record<string, unknown>>, places: Places): SluiceError {
  const words = wordsOf(one, placeOf(one.path, root))
  return new SluiceError(words.code, { message: words.message, at: markOf(one, places), hint: words.hint })
}

interface Words {
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string | undefined
}

function wordsOf(one: Placed, where: string): Words {
  const { problem, container, last } = one
  switch (problem.kind) {
    case 'unknown':
      return unknownWords(problem, container, where)
    case 'missing':
      return missingWords(problem, where)
    case 'said':
      return {
        code: problem.code,
        message: `expected ${problem.expected} in ${where}, found ${problem.found}`,
        hint: problem.hint,
      }
    case 'badKey':
      return expectedWords(problem.key, last, ` as a key of ${where}`)
    case 'oneOf':
      return oneOfWords(problem.values, valueAt(container, last), inWords(last, where))
    case 'expected':
      return expectedWords(problem.key, valueAt(container, last), inWords(last, where))
  }
}

function unknownWords(
  problem: Extract<Problem, { kind: 'unknown' }>,
  container: object,
  where: string,
): Words {
  const key = problem.keys[0] ?? ''
  const { wanted = [], listed = [] } = problem
  const free = problem.known.filter((known) => !Object.hasOwn(container, known))
  const meant = meantKey(key, wanted) ?? meantKey(key, free)
  const found = JSON.stringify(key.slice(0, LONGEST_KEY))
  const hint =
    meant === undefined
      ? (spacingHint(key) ?? listHint(listed.length > 0 ? listed : free))
      : `did you mean "${meant}"?`
  return { code: 'SLU1002', message: `unknown key ${found} in ${where}`, hint }
}

/** `{b:c}` is the key "b:c". */
function spacingHint(key: string): string | undefined {
  return /^[a-z_]+:./.test(key) ? 'put a space after the ":"' : undefined
}

/** The longest key of ours has 22 letters. */
const LONGEST_KEY = 60

function listHint(keys: readonly string[]): string | undefined {
  if (keys.length === 0 || keys.length > LONGEST_LIST) return undefined
  return keys.length === 1 ? `there is "${keys[0]}"` : `there are ${keys.join(', ')}`
}

/** The tests of a value are 17; longer lists are for the docs. */
const LONGEST_LIST = 20

function missingWords(problem: Extract<Problem, { kind: 'missing' }>, where: string): Words {
  const { what, beside, hint } = problem
  const keys = problem.keys.map((key) => `"${key}"`).join(', ')
  const which = problem.keys.length === 1 ? keys : `one of ${keys}`
  const besides = beside === undefined ? '' : ` beside "${beside}"`
  const message = `expected ${what === undefined ? which : `an ${what}`}${besides} in ${where}, found none`
  return { code: 'SLU1003', message, hint: hint ?? (what === undefined ? undefined : listHint(problem.keys)) }
}

function oneOfWords(values: readonly string[], found: unknown, where: string): Words {
  const expected = values.map((value) => `"${value}"`).join(', ')
  const which = values.length === 1 ? expected : `one of ${expected}`
  const meant = typeof found === 'string' ? nearest(found, values) : undefined
  const hint = meant === undefined ? undefined : `did you mean "${meant}"?`
  return { code: 'SLU1001', message: `expected ${which}${where}, found ${describeFound(found)}`, hint }
}

function expectedWords(key: string, value: unknown, where: string): Words {
  const expectation: Expectation = Object.hasOwn(EXPECTED, key) ? EXPECTED[key as ExpectedKey] : EXPECTED.text
  const found =
    expectation.hidden === true && typeof value === 'string' ? 'another form' : describeFound(value)
  return {
    code: expectation.code ?? 'SLU1001',
    message: `expected ${expectation.phrase}${where}, found ${found}`,
    hint: expectation.hint?.(value),
  }
}

function inWords(last: string | number | undefined, where: string): string {
  return typeof last === 'string' ? ` for ${JSON.stringify(last)} in ${where}` : ` in ${where}`
}

function valueAt(container: object, last: string | number | undefined): unknown {
  return last === undefined ? container : (container as Readonly<Record<string | number, unknown>>)[last]
}

function markOf({ problem, container, last }: Placed, places: Places): Position {
  if (problem.kind === 'unknown') return places.key(container, problem.keys[0] ?? '')
  if (last === undefined) return places.self(container)
  const marksKey = problem.kind === 'badKey' || (problem.kind === 'said' && problem.mark === 'key')
  return marksKey ? places.key(container, last) : places.value(container, last)
}
