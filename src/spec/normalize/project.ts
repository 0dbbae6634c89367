import { windowOf } from '../forms/window.ts'
import type { Project, Segment, Window } from '../project.ts'
import type { RawProject, RawSegment } from '../schema/project.ts'
import type { Places } from '../yaml/places.ts'
import { definitionOf, envTextAt, located, locatedAt } from './common.ts'
import { conditionOf } from './condition.ts'
import { entityOf } from './entity.ts'
import { destinationOf, profileTargetOf, targetOf } from './settings.ts'
import { sourceOf } from './source.ts'
import { syncOf } from './sync.ts'
import { traitOf } from './trait.ts'

/** All files' checked roots as one project. */
export function unite(
  directory: string,
  roots: readonly RawProject[],
  texts: ReadonlyMap<string, string>,
  places: Places,
): Project {
  const settings: RawProject = roots.find((root) => root.version !== undefined) ?? {}
  return {
    version: 1,
    name: settings.name ?? '',
    directory,
    defaultTarget: located(settings, 'default_target', places),
    timezone: settings.timezone ?? 'UTC',
    history: historyOf(settings, places),
    dbtProject:
      settings.dbt_project === undefined
        ? undefined
        : envTextAt(settings.dbt_project, settings, 'dbt_project', places),
    ...targetsOf(settings, places),
    sources: byName(
      roots.flatMap((root) => root.sources ?? []),
      (raw) => sourceOf(raw, places),
    ),
    entities: byName(
      roots.flatMap((root) => root.entities ?? []),
      (raw) => entityOf(raw, places),
    ),
    traits: roots.flatMap((root) => root.traits ?? []).map((raw) => traitOf(raw, places)),
    segments: byName(
      roots.flatMap((root) => root.segments ?? []),
      (raw) => segmentOf(raw, places),
    ),
    destinations: byName(
      roots.flatMap((root) => root.destinations ?? []),
      (raw) => destinationOf(raw, places),
    ),
    syncs: byName(
      roots.flatMap((root) => root.syncs ?? []),
      (raw) => syncOf(raw, places),
    ),
    texts,
  }
}

/** A season: long enough to ask what happened before the last quarter's figures. */
const USUAL_HISTORY = '90 days'

function historyOf(settings: RawProject, places: Places): Window {
  const at =
    settings.history === undefined
      ? { file: 'sluice.yml', line: 1, column: 1 }
      : places.value(settings, 'history')
  return windowOf(settings.history ?? USUAL_HISTORY, at)
}

function byName<Raw, T extends { readonly name: string }>(
  list: readonly Raw[],
  normalize: (raw: Raw) => T,
): ReadonlyMap<string, T> {
  return new Map(list.map((raw) => normalize(raw)).map((one) => [one.name, one]))
}

function targetsOf(
  { targets = {} }: RawProject,
  places: Places,
): Pick<Project, 'targets' | 'profileTargets'> {
  const all = Object.entries(targets)
  return {
    targets: new Map(
      all.flatMap(([name, raw]) => ('type' in raw ? [[name, targetOf(name, targets, raw, places)]] : [])),
    ),
    profileTargets: new Map(
      all.flatMap(([name, raw]) =>
        'type' in raw ? [] : [[name, profileTargetOf(name, targets, raw, places)]],
      ),
    ),
  }
}

function segmentOf(raw: RawSegment, places: Places): Segment {
  return {
    ...definitionOf(raw, places),
    entity: locatedAt(raw.entity, raw, 'entity', places),
    where: conditionOf(raw.where, places),
  }
}
