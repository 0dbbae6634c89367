import { SluiceError } from '../base/errors.ts'
import { isAudience } from '../compile/diff/identified.ts'
import type { AudienceFound } from './results.ts'
import type { SyncRun } from './sync-run.ts'

/** What the destination says of the audience now; undefined where it says nothing, which ends no sync. */
export async function audienceFound({
  run,
  bound,
  destination,
  account,
}: SyncRun): Promise<AudienceFound | undefined> {
  if (!isAudience(bound)) return undefined
  const { name } = bound.sync
  try {
    const status = await destination.audienceStatus()
    if (status === undefined) return undefined
    const snapshot = await run.ledger.syncs.snapshot(name)
    return { ...status, account, members: (snapshot?.rows ?? 0) - (snapshot?.gone ?? 0) }
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'SLU5105') throw error
    run.progress.warn(`sync ${name}: ${error.message}`)
    return undefined
  }
}
