import { SluiceError } from '../base/errors.ts'
import type { RunContext } from './run-context.ts'

/**
 * Identity and snapshots move forward only. Throws: SLU4101 when `as_of` is before the last published one, unless
 * the run allows the past.
 */
export async function refusePast(run: RunContext): Promise<void> {
  if (run.allowPast) return
  const last = await run.ledger.published.lastAsOf()
  if (last === undefined || run.asOf >= last) return
  throw new SluiceError('SLU4101', {
    message: `expected a time that is not before the last published build (${last}), found ${run.asOf}`,
    hint: 'entity ids and snapshots move forward only; --allow-past goes back all the same',
  })
}
