import { SluiceError } from '../base/errors.ts'
import { nearestHint } from '../base/nearest.ts'
import type { DestinationField } from '../connector/types.ts'
import type { BoundSync } from '../graph/graph.ts'
import type { PlanCounts } from '../ledger/ledger.ts'
import type { SyncRun } from './sync-run.ts'

/**
 * Of a plan that sends fields: a mapped one that the destination says it does not have, or does not let be written.
 * Undefined where all are well, nothing is sent, or the API does not tell. Asks the destination. Throws SLU5105
 * (unavailable) when it cannot say.
 */
export async function wrongField(
  { bound, destination, lease }: SyncRun,
  counts: Pick<PlanCounts, 'add' | 'change'>,
): Promise<SluiceError | undefined> {
  if (counts.add + counts.change === 0 || bound.sync.map.length === 0) return undefined
  // Planning may have taken most of it, and no request starts that could outlive it.
  if (lease.validForMs() < 2 * destination.timeoutMs()) await lease.fenced(async () => {})
  const fields = await destination.fields()
  return fields && fieldsError(bound, fields)
}

/** The first mistake of the map, by what the destination says that it has. */
export function fieldsError(
  { sync }: BoundSync,
  fields: readonly DestinationField[],
): SluiceError | undefined {
  const known = new Map(fields.map((field) => [field.name, field.writable]))
  const object = `${sync.to.destination.value}.${sync.to.object.value}`
  const wrong = sync.map.filter(({ field }) => known.get(field) !== true)
  const [first] = wrong
  if (first === undefined) return undefined
  const isThere = known.has(first.field)
  const names = wrong.filter(({ field }) => known.has(field) === isThere).map(({ field }) => `"${field}"`)
  const writable = fields.flatMap(({ name, writable: may }) => (may ? [name] : []))
  return new SluiceError('SLU5112', {
    message: isThere
      ? `expected fields of ${object} that can be written, found ${names.join(', ')}, which the destination sets by itself`
      : `expected fields that ${object} has, found ${names.join(', ')}`,
    at: first.at,
    hint: isThere
      ? 'take it out of "map"; nothing was sent'
      : (nearestHint(first.field, writable) ??
        'make it at the destination, or take it out of "map"; nothing was sent'),
  })
}
