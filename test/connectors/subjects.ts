import { CONNECTORS } from '../../connectors/index.ts'
import type { ConnectorEntry, ObjectDefinition } from '../../src/connector/types.ts'
import { JOBS_ENTRY } from '../support/async-destination.ts'
import { onRealPostgres } from '../support/real-postgres.ts'

/** What the suite is run over: one object of one connector, by one of the ways in which it takes batches. */
export interface Subject {
  /** `hubspot.contacts`, `salesforce.* in bulk`. */
  readonly name: string
  readonly entry: ConnectorEntry
  /** As the manifest names it: perhaps `*`. */
  readonly object: string
  readonly definition: ObjectDefinition
  /** Batches go out as jobs: `start` and `poll` instead of `write`. */
  readonly asJobs: boolean
  /** As those of plans with many rows. */
  readonly isBulk: boolean
  /** Of one batch in this way. */
  readonly caps: { readonly maxItems: number; readonly maxBytes: number }
}

/** Those of the project, and one that stands for all that take batches as jobs only. */
export const REGISTERED: ReadonlyMap<string, ConnectorEntry> = new Map(
  [...CONNECTORS.values(), JOBS_ENTRY].map((entry) => [
    entry.manifest.name,
    entry.manifest.name === 'postgres' ? onRealPostgres(entry) : entry,
  ]),
)

export const SUBJECTS: readonly Subject[] = [...REGISTERED.values()].flatMap((entry) =>
  Object.entries(entry.manifest.objects).flatMap(([object, definition]) =>
    subjectsOf(entry, object, definition),
  ),
)

function subjectsOf(entry: ConnectorEntry, object: string, definition: ObjectDefinition): readonly Subject[] {
  const name = `${entry.manifest.name}.${object}`
  const { async, batch, bulk } = definition
  const usual: Subject = {
    ...{ name, entry, object, definition, caps: batch },
    ...{ asJobs: async === true, isBulk: false },
  }
  if (bulk === undefined) return [usual]
  return [usual, { ...usual, name: `${name} in bulk`, asJobs: true, isBulk: true, caps: bulk }]
}

/** It is reached over HTTP, so the faults of HTTP can befall it. */
export function speaksHttp({ entry }: Subject): boolean {
  const { settings } = entry.manifest
  return settings.base_url !== undefined || settings.url !== undefined
}
