import type { Position } from '../base/position.ts'
import type { Sync } from '../spec/project.ts'
import { canonical } from './canonical.ts'
import { objectOf } from './objects.ts'
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

/** Of the object and the settings of the sync: another list, say, holds other rows. */
export function familyKey(sync: Sync): string {
  return canonical([nameOf(sync), sync.settings])
}

/** `destination.object`. */
function nameOf({ to }: Sync): string {
  return `${to.destination.value}.${to.object.value}`
}

/** Two syncs that map one field undo each other's values, run by run. */
export function warnOfSharedFields(scope: Scope): void {
  for (const family of familiesOf(scope).values()) {
    const first = new Map<string, { readonly sync: Sync; readonly at: Position }>()
    for (const sync of family)
      for (const { field, at } of sync.map) {
        const other = first.get(field)
        if (other === undefined) first.set(field, { sync, at })
        else
          scope.report.warn({
            code: 'SLU2101',
            message: `"${sync.name}" and "${other.sync.name}" both map the field "${field}" of ${nameOf(sync)}; each sets its own value for a row that both have`,
            at,
            hint: `the other one is at ${other.at.file}:${other.at.line}:${other.at.column}; map it in one of them`,
          })
      }
  }
}
