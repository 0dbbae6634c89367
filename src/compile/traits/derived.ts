import { SluiceError } from '../../base/errors.ts'
import { type Fragment, id, join, lit, sql } from '../../dialect/fragment.ts'
import type { Condition, Entity, Literal, Trait, TraitOperator } from '../../spec/project.ts'
import { combine } from '../conditions/combine.ts'
import { withSegmentsInside } from '../conditions/inline-segments.ts'
import { type LeafPlan, planLeaves, profileSql } from '../conditions/leaves.ts'
import type { Expressions } from '../conditions/statement.ts'
import type { CompileContext } from '../context.ts'
import { referencesIn } from '../references/expand-sql.ts'
import { literalType, traitsOf } from '../sources/column-type.ts'

/**
 * Adds the `case` and `sql` traits to the rows of `relation`, in as many layers as they need each other. Gives the
 * relation that has them all. The graph has refused traits that need each other.
 */
export function addDerivedTraits(
  context: CompileContext,
  entity: Entity,
  relation: Fragment,
  expressions: Expressions,
): Fragment {
  return layersOf(context, entity).reduce((below, layer) => {
    const plan = planLeaves(
      context,
      { entity, relation: below },
      layer.flatMap((one) => one.conditions),
      expressions,
    )
    const columns = layer.map(
      (one) => sql`${expressionOf(context, entity, one, plan)} as ${id(one.trait.name)}`,
    )
    const from = join([sql`from ${below} as p`, ...plan.joins], '\n')
    return expressions.add('traits', sql`select p.*,\n  ${join(columns, ',\n  ')}\n${from}`)
  }, relation)
}

export function isDerived(trait: Trait): boolean {
  return trait.operator.kind === 'case' || trait.operator.kind === 'sql'
}

interface Derived {
  readonly trait: Trait
  readonly operator: Extract<TraitOperator, { readonly kind: 'case' | 'sql' }>
  /** Of the branches of a `case`, in order, with segments written out. */
  readonly conditions: readonly Condition[]
}

/** Each trait stands after all that it needs. */
function layersOf(context: CompileContext, entity: Entity): readonly (readonly Derived[])[] {
  let waiting = traitsOf(context.graph, entity).flatMap((trait) => derivedOf(context, trait))
  const layers: Derived[][] = []
  while (waiting.length > 0) {
    const names = new Set(waiting.map((one) => one.trait.name))
    const ready = waiting.filter((one) => namesIn(context, one).every((name) => !names.has(name)))
    const [stuck] = waiting
    if (ready.length === 0 && stuck !== undefined)
      throw new SluiceError('SLU9001', {
        message: `expected the graph to refuse traits that need each other, found ${[...names].join(', ')}`,
        at: stuck.trait.at,
      })
    layers.push(ready)
    waiting = waiting.filter((one) => !ready.includes(one))
  }
  return layers
}

function derivedOf(context: CompileContext, trait: Trait): readonly Derived[] {
  const { operator } = trait
  if (operator.kind === 'sql') return [{ trait, operator, conditions: [] }]
  if (operator.kind !== 'case') return []
  const conditions = operator.branches.map((branch) => withSegmentsInside(context.graph, branch.when))
  return [{ trait, operator, conditions }]
}

function namesIn(context: CompileContext, derived: Derived): readonly string[] {
  if (derived.operator.kind === 'sql') return referencesIn(context, derived.operator.sql)
  return derived.conditions.flatMap((condition) => namesInCondition(context, condition))
}

function namesInCondition(context: CompileContext, condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap((one) => namesInCondition(context, one))
    case 'not':
      return namesInCondition(context, condition.of)
    case 'trait':
      return [condition.name]
    case 'rank':
      return [condition.by]
    case 'sql':
      return referencesIn(context, condition.sql)
    default:
      return []
  }
}

function expressionOf(context: CompileContext, entity: Entity, derived: Derived, plan: LeafPlan): Fragment {
  const { operator, trait, conditions } = derived
  if (operator.kind === 'case') return caseOf(trait, operator, conditions, plan)
  const expression = profileSql(context, entity, sql`p`, operator.sql)
  return trait.defaultValue === undefined
    ? expression
    : sql`coalesce(${expression}, ${lit(trait.defaultValue)})`
}

/** Values of several types are all texts, so that the column has one type. */
function caseOf(
  trait: Trait,
  operator: Extract<TraitOperator, { readonly kind: 'case' }>,
  conditions: readonly Condition[],
  plan: LeafPlan,
): Fragment {
  const otherwise = operator.otherwise ?? trait.defaultValue
  const values = [
    ...operator.branches.map((branch) => branch.then),
    ...(otherwise === undefined ? [] : [otherwise]),
  ]
  const types = new Set(values.map(literalType))
  const print = (value: Literal) => lit(types.size > 1 ? String(value) : value)
  const branches = conditions.flatMap((condition, index) => {
    const branch = operator.branches[index]
    return branch === undefined ? [] : [sql`when ${combine(condition, plan.leaf)} then ${print(branch.then)}`]
  })
  const last = otherwise === undefined ? [] : [sql`else ${print(otherwise)}`]
  const pieces = join([...branches, ...last], ' ')
  // Without a branch there is nothing to choose between.
  return branches.length === 0
    ? otherwise === undefined
      ? lit(null)
      : print(otherwise)
    : sql`case ${pieces} end`
}
