import type { Position } from '../base/position.ts'
import type { ObjectDefinition } from '../connector/types.ts'
import type { Project, Sync } from '../spec/project.ts'
import type { Scope } from './scope.ts'

/**
 * Syncs by the object that they write together, of objects that hold the rows of all of them (design section 2,
 * "Families"). A sync of an object whose requests carry the sync's name is in none.
 */
export function familiesOf({ project, manifests }: Scope): ReadonlyMap<string, readonly Sync[]> {
  const together = [...project.syncs.values()].filter(
    (sync) => objectOf(project, manifests, sync)?.carriesSyncName === false,
  )
  return Map.groupBy(together, familyKey)
}

/** `destination.object`. */
export function familyKey({ to }: Sync): string {
  return `${to.destination.value}.${to.object.value}`
}

/** What a sync writes; undefined when it, its destination or connector is not there. */
export function objectOf(
  { destinations }: Project,
  manifests: Scope['manifests'],
  { to }: Sync,
): ObjectDefinition | undefined {
  const connector = destinations.get(to.destination.value)?.connector.value
  const objects = manifests.get(connector ?? '')?.objects
  return objects !== undefined && Object.hasOwn(objects, to.object.value)
    ? objects[to.object.value]
    : undefined
}

/** Two syncs that map one field undo each other's values, run by run. */
export function warnOfSharedFields(scope: Scope): void {
  for (const [object, family] of familiesOf(scope)) {
    const first = new Map<string, { readonly sync: Sync; readonly at: Position }>()
    for (const sync of family)
      for (const { field, at } of sync.map) {
        const other = first.get(field)
        if (other === undefined) first.set(field, { sync, at })
        else
          scope.report.warn({
            code: 'SLU2101',
            message: `"${sync.name}" and "${other.sync.name}" both map the field "${field}" of ${object}; each sets its own value for a row that both have`,
            at,
            hint: `the other one is at ${other.at.file}:${other.at.line}:${other.at.column}; map it in one of them`,
          })
      }
  }
}
