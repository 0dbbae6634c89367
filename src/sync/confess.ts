import { instantOf } from '../base/instant.ts'
import { keyFieldsOf, type SyncRun } from './sync-run.ts'

/**
 * Writes down the rows of requests that were on their way when the lease was lost: the next plan sends what the model
 * says of them once more. A lease that is valid again was never another's. Never throws: why the run ended is what is
 * told.
 */
export async function confess({ run, bound, late, lease, destination }: SyncRun): Promise<void> {
  if (lease.validForMs() > 0) return
  const { clock, ledger, progress } = run
  // A note that is taken up before the request arrives helps nobody.
  if (late.inFlight !== undefined) {
    const ended = new AbortController()
    await Promise.race([late.inFlight, clock.sleep(destination.timeoutMs(), ended.signal)])
    ended.abort()
  }
  const rows = late.rows(keyFieldsOf(bound))
  if (rows.length === 0) return
  const { name } = bound.sync
  const noted = { sync: name, token: lease.token, at: instantOf(clock.nowMs()), rows }
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      return await ledger.syncs.noteLate(noted)
    } catch {
      await clock.sleep(FIRST_PAUSE_MS * 2 ** attempt)
    }
  }
  progress.warn(
    `sync ${name}: ${rows.length} rows may have been sent after another run took the lease, and the warehouse takes no note of it; send all of it once more: --full-resync`,
  )
}

/** Two minutes in all: who took the lease from us reached the warehouse, and one that restarts is back by then. */
const ATTEMPTS = 8
const FIRST_PAUSE_MS = 250
