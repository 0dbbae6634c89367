import { type Fragment, isNotTrue, join, lit, sql } from '../../dialect/fragment.ts'
import type { Condition } from '../../spec/project.ts'

type Combination = Extract<Condition, { readonly kind: 'all' | 'any' | 'not' }>
export type Leaf = Exclude<Condition, Combination>

/**
 * A condition tree as SQL: true exactly when it holds, else false or null. That is enough for two-valued logic: `and`
 * and `or` are true just when they would be with false in place of null, and `not` takes null as false.
 * May be put beside `and` as it is.
 */
export function combine(condition: Condition, leaf: (condition: Leaf) => Fragment): Fragment {
  switch (condition.kind) {
    case 'all':
      return joined(condition.of, ' and ', leaf) ?? lit(true)
    case 'any':
      return joined(condition.of, ' or ', leaf) ?? lit(false)
    case 'not':
      return isNotTrue(combine(condition.of, leaf))
    default:
      return leaf(condition)
  }
}

/** The same over several lines where it is the whole of a `where`. */
export function combineInLines(condition: Condition, leaf: (condition: Leaf) => Fragment): Fragment {
  if (condition.kind !== 'all' || condition.of.length === 0) return combine(condition, leaf)
  return join(
    condition.of.map((one) => operand(one, leaf)),
    '\n  and ',
  )
}

function joined(
  conditions: readonly Condition[],
  separator: ' and ' | ' or ',
  leaf: (condition: Leaf) => Fragment,
): Fragment | undefined {
  const [first] = conditions
  if (first === undefined) return undefined
  if (conditions.length === 1) return combine(first, leaf)
  const all = join(
    conditions.map((one) => operand(one, leaf)),
    separator,
  )
  return separator === ' or ' ? sql`(${all})` : all
}

/** A nested `all` gets parentheses for the reader; `any` has them already. */
function operand(condition: Condition, leaf: (condition: Leaf) => Fragment): Fragment {
  const one = combine(condition, leaf)
  return condition.kind === 'all' && condition.of.length > 1 ? sql`(${one})` : one
}
