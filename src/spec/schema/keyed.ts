import * as z from 'zod'
import type { ExpectedKey } from '../expected.ts'
import type { Problem } from '../problem.ts'
import type { PickOption } from './choice.ts'

interface Keyed {
  /** The mapping whose kind is told by the key that it has. */
  readonly kinds: Readonly<Record<string, z.ZodType>>
  /** What is said of anything but a mapping. */
  readonly otherwise: ExpectedKey
  readonly twoKindsHint?: string
  /** Says better what is wrong with a mapping that has none of the kinds. */
  readonly explain?: (keys: readonly string[]) => Problem | undefined
}

/** Chooses by the one key that tells the kind of a mapping: `trait` in `{trait: spend, gte: 5}`. */
export function pickByKey(keyed: Keyed): PickOption {
  const names = Object.keys(keyed.kinds)
  const known: ReadonlySet<string> = new Set(Object.values(keyed.kinds).flatMap(keysOf))
  return (value, report) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      report({ kind: 'expected', key: keyed.otherwise })
      return undefined
    }
    const keys = Object.keys(value)
    const [first, second] = keys.filter((name) => Object.hasOwn(keyed.kinds, name))
    if (first === undefined) report(keyed.explain?.(keys) ?? noKind(keys, names, known))
    else if (second === undefined) return keyed.kinds[first]
    else report(twoKinds(first, second, keyed.twoKindsHint))
    return undefined
  }
}

/** All keys that a kind takes. */
function keysOf(kind: z.ZodType): readonly string[] {
  return kind instanceof z.ZodObject ? Object.keys(kind.shape) : []
}

function twoKinds(first: string, second: string, hint: string | undefined): Problem {
  const found = `"${first}" and "${second}"`
  return { kind: 'said', code: 'SLU1007', expected: 'one kind', found, hint, mark: 'key', path: [second] }
}

function noKind(keys: readonly string[], names: readonly string[], known: ReadonlySet<string>): Problem {
  const strange = keys.filter((key) => !known.has(key))
  if (strange.length === 0) return { kind: 'missing', keys: names, anyTypo: true }
  return { kind: 'unknown', keys: strange, known: names }
}
