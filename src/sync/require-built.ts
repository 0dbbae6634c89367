import { SluiceError } from '../base/errors.ts'
import type { BoundSync } from '../graph/graph.ts'

/** Throws SLU5109 for what this version cannot send: better not at all than not as it was meant. */
export function requireBuilt(bound: BoundSync): void {
  const { sync, object, destination } = bound
  const what =
    sync.identifiers.length > 0
      ? `the "identifiers" of an audience`
      : object.takesPreviousKey === true
        ? `an object that is told former keys (${destination.name}.${sync.to.object.value})`
        : undefined
  if (what === undefined) return
  throw new SluiceError('SLU5109', {
    message: `expected a sync that this version can send, found "${sync.name}" with ${what}`,
    at: sync.at,
    hint: 'it is not built yet',
  })
}
