import type { Manifest } from '../connector/types.ts'
import type { Project } from './project.ts'
import type { NameKind } from './schema/common.ts'

/** The names that a project has of its own, by what refers to them. */
export type ProjectNames = Readonly<Partial<Record<NameKind, readonly string[]>>>

/** Each name once, in order of letters, so that the schema changes only when the names do. */
export function projectNames(project: Project, manifests: ReadonlyMap<string, Manifest>): ProjectNames {
  const entities = [...project.entities.values()]
  const objects = [...project.destinations.values()].flatMap(({ name, connector }) =>
    // Those of the user's own have names that nobody here knows.
    Object.keys(manifests.get(connector.value)?.objects ?? {})
      .filter((object) => object !== '*')
      .map((object) => `${name}.${object}`),
  )
  return {
    targets: sorted([...project.targets.keys(), ...project.profileTargets.keys()]),
    sources: sorted(project.sources.keys()),
    entities: sorted(project.entities.keys()),
    values: sorted([
      ...entities.flatMap((entity) => [`${entity.name}_id`, ...entity.profile.map((field) => field.name)]),
      ...project.traits.map((trait) => trait.name),
    ]),
    segments: sorted(project.segments.keys()),
    objects: sorted(objects),
  }
}

function sorted(names: Iterable<string>): readonly string[] {
  return [...new Set(names)].sort()
}
