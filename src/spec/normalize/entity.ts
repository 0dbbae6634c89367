import type {
  BlockedRecord,
  BlockKey,
  CandidateRule,
  Entity,
  Fact,
  IdentifierRule,
  IdentifierValue,
  Identity,
  IdentitySource,
  ProfileField,
  Similarity,
} from '../project.ts'
import { DEFAULT_MAX_BLOCK, type RawBlockKey, type RawCandidates } from '../schema/candidates.ts'
import {
  DEFAULT_MAX_RECORDS,
  type RawEntity,
  type RawIdentifierValue,
  type RawRule,
} from '../schema/entity.ts'
import type { Places } from '../yaml/places.ts'
import { columnReferenceAt, definitionOf, located, locatedAt, locatedList, sqlTextAt } from './common.ts'

type RawIdentity = NonNullable<RawEntity['identity']>
type RawRecords = RawIdentity['from'][number]
type RawProfile = NonNullable<RawEntity['profile']>

export function entityOf(raw: RawEntity, places: Places): Entity {
  return {
    ...definitionOf(raw, places),
    identity: raw.identity === undefined ? undefined : identityOf(raw.identity, raw, places),
    source: located(raw, 'source', places),
    key: located(raw, 'key', places),
    profile: profileOf(raw.profile ?? {}, places),
  }
}

function identityOf(raw: RawIdentity, entity: RawEntity, places: Places): Identity {
  const from = raw.from.map((records) => recordsOf(records, places))
  return {
    at: places.key(entity, 'identity'),
    from,
    identifiers: rulesOf(raw.identifiers ?? {}, from, places),
    maxEntitySize: raw.max_entity_size,
    block: (raw.block ?? []).map((list) => blockedOf(list, places)),
    candidates: (raw.candidates ?? []).map((rule) => candidatesOf(rule, places)),
  }
}

function candidatesOf(raw: RawCandidates, places: Places): CandidateRule {
  return {
    name: locatedAt(raw.name, raw, 'name', places),
    compare: locatedAt(raw.compare, raw, 'compare', places),
    blockBy: raw.block_by.map((key, index) => blockKeyOf(key, raw.block_by, index, places)),
    similarity: similarityOf(raw.similarity, places),
    maxBlock: raw.max_block ?? DEFAULT_MAX_BLOCK,
    link: raw.link ?? false,
  }
}

function blockKeyOf(raw: RawBlockKey, container: object, index: number, places: Places): BlockKey {
  if (typeof raw === 'string') return { of: locatedAt(raw, container, index, places), prefix: undefined }
  return { of: locatedAt(raw.prefix, raw, 'prefix', places), prefix: raw.length }
}

/** The schema has seen to it that there is one of the two. */
function similarityOf(raw: RawCandidates['similarity'], places: Places): Similarity {
  const { jaro_winkler: share, edit_distance: edits } = raw
  return share === undefined
    ? { kind: 'edit_distance', threshold: edits ?? 0, at: places.key(raw, 'edit_distance') }
    : { kind: 'jaro_winkler', threshold: share, at: places.key(raw, 'jaro_winkler') }
}

function blockedOf(list: readonly string[], places: Places): readonly BlockedRecord[] {
  return list.map((text, index) => {
    const colon = text.indexOf(':')
    return { source: text.slice(0, colon), recordId: text.slice(colon + 1), at: places.value(list, index) }
  })
}

function recordsOf(raw: RawRecords, places: Places): IdentitySource {
  const ids = Object.entries(raw.ids).map(([type, value]) => ({
    type: { value: type, at: places.key(raw.ids, type) },
    value: identifierValueOf(value, raw.ids, type, places),
  }))
  return {
    source: locatedAt(raw.source, raw, 'source', places),
    ids,
    facts: factsOf(raw.facts ?? {}, places),
  }
}

function factsOf(raw: NonNullable<RawRecords['facts']>, places: Places): readonly Fact[] {
  return Object.entries(raw).flatMap(([name, one]) => {
    const value = identifierValueOf(one, raw, name, places)
    // Of one fact there is one value; the schema has no other.
    return value.kind === 'any' ? [] : [{ name: { value: name, at: places.key(raw, name) }, value }]
  })
}

function identifierValueOf(
  raw: RawIdentifierValue,
  container: object,
  key: string | number,
  places: Places,
): IdentifierValue {
  if (typeof raw === 'string') return { kind: 'column', column: locatedAt(raw, container, key, places) }
  if (isList(raw)) return { kind: 'composite', columns: locatedList(raw, places) }
  if ('sql' in raw) return { kind: 'sql', sql: sqlTextAt(raw.sql, raw, 'sql', places) }
  return { kind: 'any', values: raw.any.map((one, index) => identifierValueOf(one, raw.any, index, places)) }
}

function isList(raw: RawIdentifierValue): raw is readonly string[] {
  return Array.isArray(raw)
}

/** One rule for every type that some record carries, in the order in which they are met. */
function rulesOf(
  raw: Readonly<Record<string, RawRule>>,
  from: readonly IdentitySource[],
  places: Places,
): ReadonlyMap<string, IdentifierRule> {
  const types = new Set(from.flatMap((records) => records.ids.map((id) => id.type.value)))
  return new Map([...types].map((type) => [type, ruleOf(type, raw, places)]))
}

function ruleOf(type: string, rules: Readonly<Record<string, RawRule>>, places: Places): IdentifierRule {
  const raw = Object.hasOwn(rules, type) ? rules[type] : undefined
  return {
    type,
    at: raw === undefined ? undefined : places.key(rules, type),
    normalize: raw?.normalize ?? 'none',
    defaultCountry: raw === undefined ? undefined : located(raw, 'default_country', places),
    ignore: raw?.ignore ?? [],
    ignorePatterns: raw?.ignore_patterns ?? [],
    maxRecords: raw?.max_records ?? DEFAULT_MAX_RECORDS,
    maxPerEntity: raw?.max_per_entity,
    priority: raw?.priority,
  }
}

function profileOf(raw: RawProfile, places: Places): readonly ProfileField[] {
  return Object.entries(raw).map(([name, field]) => ({
    name,
    at: places.key(raw, name),
    from: field.from.map((text, index) => columnReferenceAt(text, field.from, index, places)),
    pick: field.pick ?? 'most_recent',
    purposes: field.purposes,
    pii: field.pii,
  }))
}
