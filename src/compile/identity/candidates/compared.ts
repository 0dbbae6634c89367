import { SluiceError } from '../../../base/errors.ts'
import type { CandidateRule, Entity, Fact, IdentifierRule } from '../../../spec/project.ts'
import { type IdentityRecords, identityOf, type Slot, typeNumbers } from '../slots.ts'

/** A source whose records are compared, with the facts and identifiers that rules name as its slots. */
export interface ComparedSource {
  readonly records: IdentityRecords
  /** By fact or identifier type; an identifier may have several values. */
  readonly values: ReadonlyMap<string, readonly Slot[]>
}

export interface ComparedRule {
  readonly rule: CandidateRule
  /** From 1, as written; part of table names, and its place among those that link. */
  readonly number: number
}

export function comparedRules(entity: Entity): readonly ComparedRule[] {
  return identityOf(entity).candidates.map((rule, index) => ({ rule, number: index + 1 }))
}

/** The reason of blocks in `<entity>_refused`. */
export const MAX_BLOCK = 'max_block'

export function hasCandidates({ identity }: Entity): boolean {
  return identity !== undefined && identity.candidates.length > 0
}

/** Whether records that look alike become one: then identifiers that came are not all that can join entities. */
export function hasLinkingRules(entity: Entity): boolean {
  return identityOf(entity).candidates.some(({ link }) => link)
}

/** `all`: what each source carries for identity. Sources that no rule compares are left out, and those of events. */
export function comparedSources(entity: Entity, all: readonly IdentityRecords[]): readonly ComparedSource[] {
  const rules = identityOf(entity).candidates
  return all
    .filter(({ isEvent }) => !isEvent)
    .map((records) => comparedSource(entity, records))
    .filter((source) => rules.some((rule) => isCompared(source, rule)))
}

/** Whether the source carries all that the rule asks for. */
export function isCompared({ values }: ComparedSource, rule: CandidateRule): boolean {
  return namesIn(rule).every((name) => values.has(name))
}

function namesIn({ compare, blockBy }: CandidateRule): readonly string[] {
  return [compare.value, ...blockBy.map(({ of }) => of.value)]
}

function comparedSource(entity: Entity, records: IdentityRecords): ComparedSource {
  const identity = identityOf(entity)
  const wanted = new Set(identity.candidates.flatMap(namesIn))
  const facts = identity.from[records.number - 1]?.facts.filter(({ name }) => wanted.has(name.value)) ?? []
  const numbers = factNumbers(entity)
  const slots = [
    ...records.slots.filter(({ rule }) => wanted.has(rule.type)),
    ...facts.map((fact) => factSlot(fact, numbers)),
  ].map((slot, index) => ({ ...slot, number: index + 1 }))
  return { records: { ...records, slots }, values: Map.groupBy(slots, ({ rule }) => rule.type) }
}

/** Facts of all sources, numbered after the identifier types. */
function factNumbers(entity: Entity): ReadonlyMap<string, number> {
  const identity = identityOf(entity)
  const types = typeNumbers(identity).size
  const names = new Set(identity.from.flatMap(({ facts }) => facts.map(({ name }) => name.value)))
  return new Map([...names].map((name, index) => [name, types + index + 1]))
}

function factSlot({ name, value }: Fact, numbers: ReadonlyMap<string, number>): Omit<Slot, 'number'> {
  const type = numbers.get(name.value)
  if (type === undefined)
    throw new SluiceError('SLU9001', { message: `expected the fact "${name.value}" among all, found none` })
  return { rule: factRule(name.value), type, value }
}

/** Upper and lower case make nobody another person. */
function factRule(type: string): IdentifierRule {
  return {
    type,
    at: undefined,
    normalize: 'text',
    defaultCountry: undefined,
    ignore: [],
    ignorePatterns: [],
    maxRecords: 0,
    maxPerEntity: undefined,
    priority: undefined,
  }
}
