import type { RunContext } from '../../build/run-context.ts'
import { rulesetsOf } from '../../compile/diff/raw-identifiers.ts'
import type { BoundSync } from '../../graph/graph.ts'
import type { PlanCounts, SnapshotInfo } from '../../ledger/ledger.ts'

/** Rules that give other hashes than those that were sent: all members go out once more, and the old hashes are taken out. */
export function tellOfRulesets(
  { progress }: RunContext,
  bound: BoundSync,
  snapshot: SnapshotInfo | undefined,
): void {
  const before = new Map((snapshot?.rulesets ?? []).map((name) => name.split('@') as [string, string]))
  const changed = (rulesetsOf(bound) ?? []).flatMap((name) => {
    const [rule = '', version = ''] = name.split('@')
    const former = before.get(rule)
    return former === undefined || former === version ? [] : [`${rule}@${former} -> ${name}`]
  })
  if (changed.length === 0 || (snapshot?.rows ?? 0) === 0) return
  progress.warn(
    `sync ${bound.sync.name}: the rules by which identifiers are hashed changed (${changed.join(', ')}), so every member is sent again and what they gave before is taken out`,
  )
}

/** That an audience is too small to be used, and who stays because it would refuse to become smaller. */
export function tellOfFewest(
  { progress }: RunContext,
  { sync, object, manifest }: BoundSync,
  counts: PlanCounts,
  kept: number,
): void {
  const fewest = object.audience?.fewest ?? 0
  const members = counts.unchanged + counts.add + counts.change
  if (kept > 0)
    progress.warn(
      `sync ${sync.name}: ${kept} who left the model ${kept === 1 ? 'stays' : 'stay'} in the audience (below_fewest), because ${manifest.title} refuses to let it become smaller than ${fewest}`,
    )
  if (members > 0 && members < fewest)
    progress.warn(
      `sync ${sync.name}: ${members} ${members === 1 ? 'member is' : 'members are'} fewer than the ${fewest} people whom ${manifest.title} needs to find before it uses an audience`,
    )
}
