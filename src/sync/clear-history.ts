import { SluiceError } from '../base/errors.ts'
import { instantOf } from '../base/instant.ts'
import type { RunContext } from '../build/run-context.ts'
import { windowBounds } from '../compile/time/window.ts'
import type { OldHistory } from '../ledger/ledger.ts'

/** So many times a thousand runs are forgotten by one run; what is left is for the next. */
const ROUNDS = 5

/**
 * Forgets runs, and receipts of syncs that are gone, beyond the project's `history`. `syncs`: all that the project's text
 * names. Another run that is at it does the work. Throws what the warehouse throws.
 */
export async function clearHistory(run: RunContext, syncs: Iterable<string>): Promise<void> {
  const { ledger, clock, graph } = run
  const { history, timezone } = graph.project
  const before = windowBounds(history, instantOf(clock.nowMs()), timezone).from
  const remembered = { before, syncs: [...syncs] }
  let old = await ledger.history.old(remembered)
  if (isNothing(old)) return
  const lease = await ledger.acquire('history', run.runId, 0).catch(noneWhenBusy)
  if (lease === undefined) return
  try {
    for (let round = 1; round <= ROUNDS && !isNothing(old); round += 1) {
      await ledger.history.forget(lease, old, remembered)
      old = await ledger.history.old(remembered)
    }
  } finally {
    await lease.release()
  }
}

function isNothing({ runs, receiptsOf, marksOf }: OldHistory): boolean {
  return runs.length + receiptsOf.length + marksOf.length === 0
}

function noneWhenBusy(error: unknown): undefined {
  if (error instanceof SluiceError && error.kind === 'busy') return undefined
  throw error
}
