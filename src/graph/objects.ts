import type { Manifest, ObjectDefinition } from '../connector/types.ts'
import type { Project, Sync } from '../spec/project.ts'

/** The object that a project calls so; what a connector does not list is one of the user's own, where it takes such. */
export function objectNamed(manifest: Manifest, name: string): ObjectDefinition | undefined {
  return Object.hasOwn(manifest.objects, name) ? manifest.objects[name] : manifest.objects['*']
}

/** What a sync writes; undefined when it, its destination or connector is not there. */
export function objectOf(
  { destinations }: Project,
  manifests: ReadonlyMap<string, Manifest>,
  { to }: Sync,
): ObjectDefinition | undefined {
  const connector = destinations.get(to.destination.value)?.connector.value
  const manifest = manifests.get(connector ?? '')
  return manifest && objectNamed(manifest, to.object.value)
}
