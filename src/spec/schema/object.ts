import * as z from 'zod'
import type { Problem } from '../problem.ts'
import { rawIssue } from './choice.ts'
import { expecting } from './common.ts'

/** How the keys of a mapping bear on each other. */
export interface KeyRules {
  /** Exactly one of each group. */
  readonly one?: readonly (readonly string[])[]
  /** At most one of each group. */
  readonly atMostOne?: readonly (readonly string[])[]
  /** A key that makes sense only beside (one of) others. */
  readonly needs?: Readonly<Record<string, readonly string[]>>
  /** A key beside which others make no sense. */
  readonly excludes?: Readonly<Record<string, readonly string[]>>
  /** Rules that fit none of the above. */
  readonly also?: (value: Readonly<Record<string, unknown>>, report: (problem: Problem) => void) => void
}

/** A mapping without other keys. Its rules are judged also when single values are wrong: all errors at once. */
export function object<Shape extends z.core.$ZodLooseShape>(shape: Shape, rules: KeyRules = {}) {
  const plain = z.strictObject(shape, expecting('mapping'))
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

function judge(
  value: Readonly<Record<string, unknown>>,
  rules: KeyRules,
  report: (problem: Problem) => void,
): void {
  for (const group of rules.one ?? []) {
    const present = group.filter((key) => Object.hasOwn(value, key))
    if (present.length === 0) report({ kind: 'missing', keys: group, anyTypo: true })
    else tooMany(group, present, report)
  }
  for (const group of rules.atMostOne ?? [])
    tooMany(
      group,
      group.filter((key) => Object.hasOwn(value, key)),
      report,
    )
  for (const [key, others] of Object.entries(rules.needs ?? {})) {
    if (!Object.hasOwn(value, key) || others.some((other) => Object.hasOwn(value, other))) continue
    report({ kind: 'missing', keys: others, anyTypo: false, beside: key })
  }
  for (const [key, others] of Object.entries(rules.excludes ?? {}))
    for (const other of others)
      if (Object.hasOwn(value, key) && Object.hasOwn(value, other)) {
        const expected = `no "${other}" beside "${key}"`
        report({ kind: 'said', code: 'SLU1007', expected, found: 'both', mark: 'key', path: [other] })
      }
  rules.also?.(value, report)
}

function tooMany(
  group: readonly string[],
  present: readonly string[],
  report: (problem: Problem) => void,
): void {
  const second = present[1]
  if (second === undefined) return
  const expected = `only one of ${list(group)}`
  report({
    kind: 'said',
    code: 'SLU1007',
    expected,
    found: list(present, ' and '),
    mark: 'key',
    path: [second],
  })
}

function list(keys: readonly string[], between = ', '): string {
  return keys.map((key) => `"${key}"`).join(between)
}

/** The same rules for editors, as far as JSON Schema can say them shortly. */
function schemaOf(rules: KeyRules): Record<string, unknown> {
  const groups = (rules.one ?? []).map((group) => ({ oneOf: group.map((key) => ({ required: [key] })) }))
  if (groups.length === 0) return {}
  return groups.length === 1 ? { ...groups[0] } : { allOf: groups }
}
