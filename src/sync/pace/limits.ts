import type { RequestLimits } from '../../connector/types.ts'
import type { BoundSync } from '../../graph/graph.ts'
import type { PacedAccount } from './account-paces.ts'
import type { PaceLimits } from './pace-control.ts'

/**
 * Whose pace a sync keeps: of one account, whatever its destinations are called; of one object of it, where that has a
 * quota to itself.
 */
export function accountOf({ manifest, destination, object, sync }: BoundSync, account: string): PacedAccount {
  const quota = object.limits === undefined ? undefined : sync.to.object.value
  // What its rows belong to comes after the account itself.
  const [whole = account] = account.split(', ')
  return { connector: manifest.name, account: whole, destination: destination.name, quota }
}

/** The lower of what the connector documents and what the project says; `inFlight` where neither does. */
export function paceLimits({ manifest, destination, object }: BoundSync, inFlight: number): PaceLimits {
  const all = [object.limits ?? manifest.limits, destination.limits].flatMap((one) =>
    one === undefined ? [] : [one],
  )
  return {
    inFlight: lowest(all, 'inFlight') ?? inFlight,
    requestsPerSecond: lowest(all, 'requestsPerSecond'),
  }
}

function lowest(all: readonly RequestLimits[], name: keyof RequestLimits): number | undefined {
  const values = all.flatMap(({ [name]: value }) => (value === undefined ? [] : [value]))
  return values.length === 0 ? undefined : Math.min(...values)
}
