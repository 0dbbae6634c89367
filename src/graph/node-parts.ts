import type { Located } from '../base/position.ts'
import type { Condition, Entity, Project, Segment, Source, Sync, Trait } from '../spec/project.ts'
import { sourcesInQuery } from './check-sources.ts'
import { rowsOfTrait } from './check-traits.ts'
import { usesOf } from './condition-uses.ts'
import type { NodeKind } from './graph.ts'
import { typesSent } from './identity-types.ts'
import { rowNameOf } from './map-names.ts'
import { objectNamed } from './objects.ts'
import { referencesOf } from './references.ts'
import type { Scope } from './scope.ts'
import { modelOf } from './sync-model.ts'
import { textColumnsOf } from './text-columns.ts'

/** A node before its fingerprint. */
export interface NodeParts {
  readonly kind: NodeKind
  readonly name: string
  readonly tags: readonly string[]
  readonly needs: readonly string[]
  /** What its rows, or what is sent, depend on, beside what it needs. */
  readonly meaning: unknown
}

/** Every node of a project without mistakes, kind by kind, in the project's order. */
export function nodePartsOf(scope: Scope): readonly NodeParts[] {
  const { sources, entities, segments, syncs, traits } = scope.project
  const texts = textColumnsOf(scope.project)
  const byEntity = Map.groupBy(traits, (trait) => trait.entity.value)
  return [
    ...[...sources.values()].map((source) => sourceParts(source, texts.get(source.name))),
    ...[...entities.values()].flatMap((entity) => identityParts(entity)),
    ...[...entities.values()].map((entity) => entityParts(scope, entity, byEntity.get(entity.name) ?? [])),
    ...[...segments.values()].map((segment) => segmentParts(scope, segment)),
    ...[...syncs.values()].map((sync) => syncParts(scope, sync)),
  ]
}

function sourceParts(source: Source, texts: ReadonlySet<string> | undefined): NodeParts {
  const { name, tags, relation, primaryKey, updatedAt, occurredAt, types, detectRemovals } = source
  return {
    kind: 'source',
    name,
    tags,
    needs: sourcesInQuery(source).map((one) => `source:${one}`),
    meaning: {
      // Of a dbt model what it is made of counts, not under which of its names it is asked for.
      relation: relation.kind === 'dbt' ? { kind: 'dbt', table: relation.found?.table } : relation,
      ...{ primaryKey, updatedAt, occurredAt, types, detectRemovals },
      readAsText: relation.kind === 'file' ? [...(texts ?? [])].sort() : undefined,
    },
  }
}

function identityParts({ name, tags, identity }: Entity): readonly NodeParts[] {
  if (identity === undefined) return []
  const needs = identity.from.map((records) => `source:${records.source.value}`)
  const { candidates } = identity
  // What is not used must not make every identity look changed.
  const meaning = {
    ...identity,
    from: identity.from.map((one) => ({ ...one, facts: candidates.length === 0 ? undefined : one.facts })),
    candidates: candidates.length === 0 ? undefined : candidates,
  }
  return [{ kind: 'identity', name, tags, needs, meaning }]
}

function entityParts(scope: Scope, entity: Entity, traits: readonly Trait[]): NodeParts {
  const { name, tags, source, key, identity, profile } = entity
  const reads = new Reads(scope, entity)
  reads.add(identity === undefined ? `source:${source?.value}` : `identity:${name}`)
  for (const { from } of profile)
    for (const one of from) reads.rows({ value: one.source, at: one.at }, undefined)
  for (const trait of traits) reads.trait(trait)
  return {
    kind: 'entity',
    name,
    // A trait is a column of the entity's table, so its tags find that table.
    tags: [...new Set([...tags, ...traits.flatMap((trait) => trait.tags)])],
    needs: reads.needs,
    meaning: {
      ...{ source, key, ways: reads.ways, timezone: scope.project.timezone },
      profile: sortedByName(profile).map((field) => [field.name, field.from, field.pick]),
      traits: sortedByName(traits).map((trait) => [
        ...[trait.name, trait.operator, trait.within, trait.where, trait.defaultValue],
        trait.via,
      ]),
      segments: sortedByName(reads.segmentsInside()).map((segment) => [segment.name, segment.where]),
    },
  }
}

function segmentParts(scope: Scope, { name, tags, entity, where }: Segment): NodeParts {
  const reads = new Reads(scope, entityNamed(scope.project, entity.value))
  reads.add(`entity:${entity.value}`)
  reads.condition(where)
  for (const one of usesOf(where).segments) reads.add(`segment:${one.name}`)
  return {
    kind: 'segment',
    name,
    tags,
    needs: reads.needs,
    meaning: { entity, where, ways: reads.ways, timezone: scope.project.timezone },
  }
}

function syncParts(scope: Scope, sync: Sync): NodeParts {
  const { destinations } = scope.project
  const { name, tags, from, to, mode, match, map, identifiers, onRemove, nulls, within, resync } = sync
  const tolerance = sync.tolerance.map(({ field, most }) => [field.value, most] as const)
  const destination = destinations.get(to.destination.value)
  const manifest = scope.manifests.get(destination?.connector.value ?? '')
  const reads = readsOfSync(scope, sync)
  return {
    kind: 'sync',
    name,
    tags,
    needs: reads.needs,
    // Limits, schedules, the order and what it is sent for decide whether and when it is sent, not what.
    meaning: {
      ...{ from, to, mode, match, identifiers, onRemove, nulls, within, resync, ways: reads.ways },
      map: new Map(map.map(({ field, value }) => [field, value])),
      fields: sync.fields === 'all' ? undefined : sync.fields,
      tolerance: tolerance.length === 0 ? undefined : new Map(tolerance),
      ...{ consent: sync.consent, settings: sync.settings, timezone: scope.project.timezone },
      destination: [destination?.connector, destination?.settings, destination?.consent],
      object: { ...(manifest && objectNamed(manifest, to.object.value)), ...NOT_MEANT },
    },
  }
}

/** Words for people, and what decides only how fast and in what batches it is sent. */
const NOT_MEANT = {
  description: undefined,
  removal: undefined,
  erasure: undefined,
  limits: undefined,
} as const

function readsOfSync(scope: Scope, sync: Sync): Reads {
  const { segment, entity, source } = modelOf(scope.project, sync)
  const reads = new Reads(scope, entity)
  if (segment !== undefined) reads.add(`segment:${segment.name}`)
  if (entity !== undefined) reads.add(`entity:${entity.name}`)
  const consents = [sync.consent, scope.project.destinations.get(sync.to.destination.value)?.consent]
  for (const consent of consents)
    if (consent !== undefined) for (const { name } of usesOf(consent).segments) reads.add(`segment:${name}`)
  for (const one of identitiesSent(scope, sync)) reads.add(one)
  if (source === undefined) return reads
  reads.add(`source:${source.name}`)
  for (const name of namesOf(sync)) {
    const meant = rowNameOf(name)
    const reached = meant.kind === 'profile' ? scope.project.entities.get(meant.entity) : undefined
    if (reached === undefined) continue
    reads.add(`entity:${reached.name}`)
    reads.rows({ value: source.name, at: source.at }, undefined, reached)
  }
  return reads
}

/** Identities whose values it sends, with the records that carry them. */
function identitiesSent({ project }: Scope, sync: Sync): readonly string[] {
  const types = typesSent(project, modelOf(project, sync), sync.identifiers)
  return [...types.values()].flatMap(({ entity }) => [
    `identity:${entity.name}`,
    ...(entity.identity?.from ?? []).map((records) => `source:${records.source.value}`),
  ])
}

function namesOf({ match, map, identifiers, backfill }: Sync): readonly string[] {
  const mapped = [...match, ...map, ...identifiers].flatMap(({ value }) => {
    if (value.kind === 'name') return [value.name]
    return value.kind === 'sql' ? referencesOf(value.sql).map((reference) => reference.name) : []
  })
  return backfill === undefined ? mapped : [...mapped, backfill.orderBy.value]
}

/** Collects what a node reads: nodes, and the ways that rows take to its entity. */
class Reads {
  readonly #scope: Scope
  readonly #entity: Entity | undefined
  readonly #needs = new Set<string>()
  readonly #ways = new Map<string, unknown>()
  readonly #inside = new Map<string, Segment>()

  constructor(scope: Scope, entity: Entity | undefined) {
    this.#scope = scope
    this.#entity = entity
  }

  get needs(): readonly string[] {
    return [...this.#needs]
  }

  get ways(): ReadonlyMap<string, unknown> {
    return this.#ways
  }

  /** The segments whose conditions stand in `case` traits: a trait is built before any segment is. */
  segmentsInside(): readonly Segment[] {
    return [...this.#inside.values()]
  }

  add(id: string): void {
    this.#needs.add(id)
  }

  rows(
    source: Located<string>,
    via: readonly Located<string>[] | null | undefined,
    entity: Entity | undefined = this.#entity,
  ): void {
    if (entity === undefined) return
    const names = via?.map((one) => one.value)
    const found = this.#scope.ways.find(source.value, entity.name, names)
    if (found.kind !== 'one') return
    const { hops, end } = found.reach
    this.add(`source:${source.value}`)
    for (const hop of hops) this.add(`source:${hop.parent.name}`)
    this.add(end === 'identity' ? `identity:${entity.name}` : `source:${entity.source?.value}`)
    this.#ways.set(
      [entity.name, source.value, ...(names ?? [])].join(' '),
      hops.map((hop) => [hop.parent.name, hop.childColumns]),
    )
  }

  condition(condition: Condition): void {
    for (const { source, via } of usesOf(condition).rows) this.rows(source, via)
  }

  trait(trait: Trait): void {
    const used = rowsOfTrait(trait)
    if (used !== undefined) this.rows(used.source, used.via)
    if (trait.operator.kind !== 'case') return
    for (const { when } of trait.operator.branches) this.#conditionWithSegments(when)
  }

  #conditionWithSegments(start: Condition): void {
    const pending = [start]
    for (const condition of pending) {
      this.condition(condition)
      for (const { name } of usesOf(condition).segments) {
        const segment = this.#scope.project.segments.get(name)
        if (segment === undefined || this.#inside.has(name)) continue
        this.#inside.set(name, segment)
        pending.push(segment.where)
      }
    }
  }
}

function entityNamed({ entities }: Project, name: string): Entity | undefined {
  return entities.get(name)
}

function sortedByName<T extends { readonly name: string }>(list: readonly T[]): readonly T[] {
  return list.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}
