import type { RequestLimits } from '../../connector/types.ts'
import type { BoundSync } from '../../graph/graph.ts'
import type { PaceLimits } from './pace-control.ts'

/** Whose pace a sync keeps: of one account, whatever its destinations are called. */
export function accountOf({ manifest, destination }: BoundSync, account: string) {
  return { connector: manifest.name, account, destination: destination.name }
}

/** The lower of what the connector documents and what the project says; `inFlight` where neither does. */
export function paceLimits({ manifest, destination }: BoundSync, inFlight: number): PaceLimits {
  const all = [manifest.limits, destination.limits].flatMap((one) => (one === undefined ? [] : [one]))
  return {
    inFlight: lowest(all, 'inFlight') ?? inFlight,
    requestsPerSecond: lowest(all, 'requestsPerSecond'),
  }
}

function lowest(all: readonly RequestLimits[], name: keyof RequestLimits): number | undefined {
  const values = all.flatMap(({ [name]: value }) => (value === undefined ? [] : [value]))
  return values.length === 0 ? undefined : Math.min(...values)
}
