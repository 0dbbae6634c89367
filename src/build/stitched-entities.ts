import type { PublishedNode } from '../ledger/ledger.ts'

const IDENTITY = 'identity:'

/** The entities that have a published identity, whose ids the next one keeps. */
export function stitchedEntities(published: ReadonlyMap<string, PublishedNode>): ReadonlySet<string> {
  const ids = [...published.keys()].filter((id) => id.startsWith(IDENTITY))
  return new Set(ids.map((id) => id.slice(IDENTITY.length)))
}
