import { SluiceError } from '../base/errors.ts'
import type { BoundSync } from '../graph/graph.ts'

/** Throws SLU5109 for what this version cannot send: better not at all than not as it was meant. */
export function requireBuilt({ sync, object, destination }: BoundSync): void {
  if (object.takesPreviousKey !== true) return
  throw new SluiceError('SLU5109', {
    message: `expected a sync that this version can send, found "${sync.name}" with an object that is told former keys (${destination.name}.${sync.to.object.value})`,
    at: sync.at,
    hint: 'it is not built yet',
  })
}
