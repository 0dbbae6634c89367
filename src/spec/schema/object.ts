import * as z from 'zod'
import type { Problem } from '../problem.ts'
import { rawIssue } from './choice.ts'

interface KeyGroup {
  readonly keys: readonly string[]
  /** What one of them is, for groups too long to be read out. */
  readonly what?: string
  /** What to do with more than one. */
  readonly hint?: string
}

/** How the keys of a mapping bear on each other. */
export interface KeyRules {
  /** Exactly one of each group. */
  readonly one?: readonly KeyGroup[]
  /** At most one of each group. */
  readonly atMostOne?: readonly KeyGroup[]
  /** A key that makes sense only beside (one of) others. */
  readonly needs?: Readonly<Record<string, readonly string[]>>
  /** A key beside which others make no sense. */
  readonly excludes?: Readonly<Record<string, readonly string[]>>
  /** Rules that fit none of the above. */
  readonly also?: (value: Readonly<Record<string, unknown>>, report: (problem: Problem) => void) => void
}

/** A mapping without other keys. Its rules are judged also when single values are wrong: all errors at once. */
export function object<Shape extends z.core.$ZodLooseShape>(shape: Shape, rules: KeyRules = {}) {
  const plain = z.strictObject(shape)
  if (Object.keys(rules).length === 0) return plain
  return plain.meta(schemaOf(rules)).superRefine(
    (value: unknown, context) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return
      const found = value as Readonly<Record<string, unknown>>
      judge(found, rules, (problem) => {
        context.issues.push(rawIssue(problem, value))
      })
    },
    { when: () => true },
  )
}

type Value = Readonly<Record<string, unknown>>
type Report = (problem: Problem) => void

function judge(value: Value, rules: KeyRules, report: Report): void {
  for (const group of rules.one ?? []) {
    const { keys, what } = group
    if (presentOf(keys, value).length === 0) report({ kind: 'missing', keys, anyTypo: true, what })
    tooMany(group, value, report)
  }
  for (const group of rules.atMostOne ?? []) tooMany(group, value, report)
  for (const [key, others] of Object.entries(rules.needs ?? {}))
    if (Object.hasOwn(value, key) && presentOf(others, value).length === 0)
      report({ kind: 'missing', keys: others, anyTypo: false, beside: key })
  for (const [key, others] of Object.entries(rules.excludes ?? {}))
    if (Object.hasOwn(value, key)) noneOf(others, key, value, report)
  rules.also?.(value, report)
}

function presentOf(keys: readonly string[], value: Value): readonly string[] {
  return keys.filter((key) => Object.hasOwn(value, key))
}

function noneOf(others: readonly string[], key: string, value: Value, report: Report): void {
  const code = 'SLU1007'
  for (const other of presentOf(others, value)) {
    const expected = `no "${other}" beside "${key}"`
    report({ kind: 'said', code, expected, found: 'both', mark: 'key', path: [other] })
  }
}

function tooMany({ keys, what, hint }: KeyGroup, value: Value, report: Report): void {
  const present = presentOf(keys, value)
  const second = present[1]
  if (second === undefined) return
  const expected = what === undefined ? `only one of ${list(keys)}` : `one ${what}`
  const found = list(present, ' and ')
  report({ kind: 'said', code: 'SLU1007', expected, found, hint, mark: 'key', path: [second] })
}

function list(keys: readonly string[], between = ', '): string {
  return keys.map((key) => `"${key}"`).join(between)
}

/** The same rules for editors, as far as JSON Schema can say them shortly. */
function schemaOf(rules: KeyRules): Record<string, unknown> {
  const groups = (rules.one ?? []).map((group) => ({ oneOf: group.keys.map((key) => ({ required: [key] })) }))
  if (groups.length === 0) return {}
  return groups.length === 1 ? { ...groups[0] } : { allOf: groups }
}
