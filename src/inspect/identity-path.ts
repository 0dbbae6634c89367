/** One record of an entity, or a group of equal event rows, with the identifiers that link it. */
export interface LinkedRecord {
  readonly source: string
  /** As people may see it. */
  readonly recordId: string
  /** How many rows it stands for. */
  readonly rows: number
  readonly isFirst: boolean
  readonly isSecond: boolean
  readonly identifiers: readonly LinkingIdentifier[]
}

export interface LinkingIdentifier {
  readonly type: string
  /** Equal for equal values. */
  readonly hash: string
  /** As people may see it. */
  readonly shown: string
  /** Of two records that a rule of candidates joined, `type` being the rule; undefined: an identifier. */
  readonly score?: number
}

/** A record, and the identifier that it shares with the record before it; the first has none. */
export interface PathStep {
  readonly record: LinkedRecord
  readonly by: LinkingIdentifier | undefined
}

/**
 * The shortest way of shared identifiers from a first record to a second one; of several equally short ones the one
 * that comes first in the order given. Undefined: there is none.
 */
export function shortestPath(records: readonly LinkedRecord[]): readonly PathStep[] | undefined {
  const holders = holdersOf(records)
  const before = new Map<LinkedRecord, Link>()
  const seen = new Set(records.filter((record) => record.isFirst))
  // A set is walked in the order in which it grows: breadth first.
  for (const record of seen) {
    if (record.isSecond) return stepsTo(record, before)
    for (const by of record.identifiers)
      for (const next of take(holders, by)) {
        if (!seen.has(next)) before.set(next, { record, by })
        seen.add(next)
      }
  }
  return undefined
}

interface Link {
  readonly record: LinkedRecord
  readonly by: LinkingIdentifier
}

/** All that hold a value, once: a second look at it finds nobody new. */
function take(holders: Map<string, LinkedRecord[]>, by: LinkingIdentifier): readonly LinkedRecord[] {
  const held = holders.get(keyOf(by)) ?? []
  holders.delete(keyOf(by))
  return held
}

function stepsTo(end: LinkedRecord, before: ReadonlyMap<LinkedRecord, Link>): readonly PathStep[] {
  const steps: PathStep[] = []
  for (let at: LinkedRecord | undefined = end; at !== undefined; ) {
    const link = before.get(at)
    steps.push({ record: at, by: link?.by })
    at = link?.record
  }
  return steps.reverse()
}

function holdersOf(records: readonly LinkedRecord[]): Map<string, LinkedRecord[]> {
  const holders = new Map<string, LinkedRecord[]>()
  for (const record of records)
    for (const identifier of record.identifiers) {
      const key = keyOf(identifier)
      const held = holders.get(key)
      if (held === undefined) holders.set(key, [record])
      else held.push(record)
    }
  return holders
}

function keyOf({ type, hash }: LinkingIdentifier): string {
  return `${type} ${hash}`
}
