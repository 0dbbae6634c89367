import { SluiceError } from '../../base/errors.ts'
import type { Graph } from '../../graph/graph.ts'
import type { Entity, IdentifierRule, IdentifierValue, Identity, Source } from '../../spec/project.ts'

/** A source of an identity with the identifiers that its rows carry. */
export interface IdentityRecords {
  readonly source: Source
  /** From 1, in project order; part of table names. */
  readonly number: number
  /** Rows with the same identifiers count as one record. */
  readonly isEvent: boolean
  /** By type, then as written: the order of columns and of node keys. */
  readonly slots: readonly Slot[]
}

/** One value of one row. */
export interface Slot {
  /** From 1. */
  readonly number: number
  readonly rule: IdentifierRule
  /** Of the identifier type within its entity, from 1. */
  readonly type: number
  readonly value: Exclude<IdentifierValue, { readonly kind: 'any' }>
}

/** What each source of an entity's identity carries. */
export function identityRecords(graph: Graph, entity: Entity): readonly IdentityRecords[] {
  const identity = identityOf(entity)
  return identity.from.map(({ source: { value: name }, ids }, index) => {
    const source = graph.project.sources.get(name)
    if (source === undefined)
      throw new SluiceError('SLU9001', { message: `expected the source "${name}" in the graph, found none` })
    const pending = ids.flatMap(({ type, value }) =>
      flat(value).map((one) => ({ type: type.value, value: one })),
    )
    return {
      source,
      number: index + 1,
      isEvent: source.occurredAt !== undefined,
      slots: slotsOf(identity, pending),
    }
  })
}

/** Throws: SLU9001 for an entity that needs no stitching. */
export function identityOf(entity: Entity): Identity {
  if (entity.identity !== undefined) return entity.identity
  throw new SluiceError('SLU9001', {
    message: `expected the identity of entity "${entity.name}", found that it has none`,
  })
}

/** Numbers of identifier types, from 1. They live within one run. */
export function typeNumbers(identity: Identity): ReadonlyMap<string, number> {
  return new Map([...identity.identifiers.keys()].map((type, index) => [type, index + 1]))
}

/** Whether some values of this type are known to identify nobody. */
export function hasIgnored(rule: IdentifierRule): boolean {
  return rule.ignore.length > 0 || rule.ignorePatterns.length > 0
}

interface Pending {
  readonly type: string
  readonly value: Slot['value']
}

function slotsOf(identity: Identity, pending: readonly Pending[]): readonly Slot[] {
  const numbers = typeNumbers(identity)
  const ordered = pending
    .map((one, index) => ({ ...one, index }))
    .sort((a, b) => (a.type < b.type ? -1 : a.type > b.type ? 1 : a.index - b.index))
  return ordered.map(({ type, value }, index) => {
    const rule = identity.identifiers.get(type)
    const number = numbers.get(type)
    if (rule === undefined || number === undefined)
      throw new SluiceError('SLU9001', {
        message: `expected a rule for the identifier "${type}", found none`,
      })
    return { number: index + 1, rule, type: number, value }
  })
}

function flat(value: IdentifierValue): readonly Slot['value'][] {
  return value.kind === 'any' ? value.values.flatMap(flat) : [value]
}
