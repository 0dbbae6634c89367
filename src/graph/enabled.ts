import type { Definition, Project } from '../spec/project.ts'

export type Kind = 'source' | 'entity' | 'segment' | 'destination' | 'sync' | 'target'

/** What `enabled: false` took out, by kind and name; traits by `entity.name`. */
export type Disabled = Readonly<Record<Kind | 'trait', ReadonlySet<string>>>

/** The project as if what is disabled were not there, and what that is. */
export function withoutDisabled(project: Project): {
  readonly project: Project
  readonly disabled: Disabled
} {
  const disabled: Disabled = {
    source: disabledNames(project.sources),
    entity: disabledNames(project.entities),
    segment: disabledNames(project.segments),
    destination: disabledNames(project.destinations),
    sync: disabledNames(project.syncs),
    target: disabledNames(new Map<string, Definition>([...project.targets, ...project.profileTargets])),
    trait: new Set(
      project.traits.filter((one) => !one.enabled).map((one) => `${one.entity.value}.${one.name}`),
    ),
  }
  return {
    disabled,
    project: {
      ...project,
      targets: enabledOf(project.targets),
      profileTargets: enabledOf(project.profileTargets),
      sources: enabledOf(project.sources),
      entities: enabledOf(project.entities),
      traits: project.traits.filter((trait) => trait.enabled),
      segments: enabledOf(project.segments),
      destinations: enabledOf(project.destinations),
      syncs: enabledOf(project.syncs),
    },
  }
}

function enabledOf<T extends Definition>(definitions: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  return new Map([...definitions].filter(([, one]) => one.enabled))
}

function disabledNames(definitions: ReadonlyMap<string, Definition>): ReadonlySet<string> {
  return new Set([...definitions].filter(([, one]) => !one.enabled).map(([name]) => name))
}
