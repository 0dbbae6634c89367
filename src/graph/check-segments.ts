import type { Trait } from '../spec/project.ts'
import { checkCondition } from './check-conditions.ts'
import type { RowChecks } from './check-rows.ts'
import { type SegmentUse, usesOf, type ValueUse } from './condition-uses.ts'
import { cyclesOf, type Edge, pathText } from './cycles.ts'
import { type Reference, referencesOf } from './references.ts'
import type { Scope } from './scope.ts'

export function checkSegments(scope: Scope, rows: RowChecks): void {
  for (const segment of scope.project.segments.values()) {
    const entity = scope.resolve('entity', segment.entity, scope.project.entities)
    if (entity !== undefined) checkCondition(scope, segment.where, entity, rows)
  }
}

/**
 * That no trait or segment needs itself. Both in one: a `case` trait may ask whether one is in a segment, whose
 * condition may ask for the trait.
 */
export function checkCycles(scope: Scope): void {
  const { traits, segments } = scope.project
  const byId = new Map<string, Trait>(traits.map((trait) => [traitId(trait.entity.value, trait.name), trait]))
  const edgesOf = (id: string): readonly Edge[] => {
    const trait = byId.get(id)
    return trait === undefined ? segmentEdges(scope, id) : traitEdges(scope, trait)
  }
  for (const { path, at } of cyclesOf([...byId.keys(), ...[...segments.keys()].map(segmentId)], edgesOf))
    scope.report.error('SLU2005', {
      message: `expected ${whatOf(path)} that do not need each other, found ${pathText(path.map(shown))}`,
      at,
      hint: 'one of them must do without the next',
    })
}

function traitEdges(scope: Scope, { entity, operator }: Trait): readonly Edge[] {
  if (operator.kind === 'sql')
    return referencesOf(operator.sql).map((reference) => referenceEdge(scope, entity.value, reference))
  if (operator.kind !== 'case') return []
  return operator.branches.flatMap((branch) => conditionEdges(scope, entity.value, branch.when))
}

function segmentEdges(scope: Scope, id: string): readonly Edge[] {
  const segment = id.startsWith(SEGMENT) ? scope.project.segments.get(id.slice(SEGMENT.length)) : undefined
  return segment === undefined ? [] : conditionEdges(scope, segment.entity.value, segment.where)
}

function conditionEdges(
  scope: Scope,
  entity: string,
  condition: Parameters<typeof usesOf>[0],
): readonly Edge[] {
  const { values, segments, sqls } = usesOf(condition)
  return [
    ...values.map((value) => valueEdge(scope, entity, value)),
    ...segments.map((segment) => segmentEdge(scope, segment)),
    ...sqls.flatMap(referencesOf).map((reference) => referenceEdge(scope, entity, reference)),
  ]
}

function valueEdge(scope: Scope, entity: string, { name, at, key }: ValueUse): Edge {
  return { to: traitId(entity, name), at: () => scope.places.inMapping(at, key) }
}

function segmentEdge(scope: Scope, { name, at }: SegmentUse): Edge {
  return { to: segmentId(name), at: () => scope.places.inMapping(at, 'segment') }
}

function referenceEdge(scope: Scope, entity: string, reference: Reference): Edge {
  return { to: traitId(entity, reference.name), at: () => scope.placeOf(reference) }
}

const SEGMENT = 'segment:'
const TRAIT = 'trait:'

function segmentId(name: string): string {
  return `${SEGMENT}${name}`
}

function traitId(entity: string, name: string): string {
  return `${TRAIT}${entity}.${name}`
}

function whatOf(path: readonly string[]): string {
  if (path.every((id) => id.startsWith(SEGMENT))) return 'segments'
  return path.every((id) => id.startsWith(TRAIT)) ? 'traits' : 'traits and segments'
}

/** `trait:customer.spend` -> `spend`. */
function shown(id: string): string {
  return id.slice(id.startsWith(SEGMENT) ? SEGMENT.length : id.indexOf('.') + 1)
}
