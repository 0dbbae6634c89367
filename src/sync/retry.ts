import { SluiceError } from '../base/errors.ts'
import { instantOf } from '../base/instant.ts'
import type { RunContext } from '../build/run-context.ts'
import type { RejectedRows } from '../ledger/ledger.ts'

/** Rejected rows of one sync that are to be tried again. */
export interface Retry {
  readonly sync: string
  readonly rows: number
  /** Of those, the ones that would have waited for a later run. */
  readonly later: number
}

/**
 * The rejected rows of these syncs that are meant; syncs without any are left out. Reads only. Throws SLU5120 when one
 * of `meant.keys` is the key of no such row.
 */
export async function findRetries(
  run: RunContext,
  syncs: readonly string[],
  meant: RejectedRows,
): Promise<readonly Retry[]> {
  const { receipts } = run.ledger
  const now = instantOf(run.clock.nowMs())
  const retries: Retry[] = []
  const unknown = new Set(meant.keys)
  for (const sync of syncs) {
    const counts = await receipts.count(sync, meant, now)
    if (counts.rows === 0) continue
    retries.push({ sync, ...counts })
    for (const key of await receipts.keysOf(sync, meant)) unknown.delete(key)
  }
  const [first] = unknown
  if (first !== undefined) throw await notRejected(run, meant, first, unknown.size)
  return retries
}

/** Names no key: it may be somebody's address. */
async function notRejected(
  run: RunContext,
  { keys, reason }: RejectedRows,
  first: string,
  count: number,
): Promise<SluiceError> {
  const which = keys.length === 1 ? 'one that is not' : `${count} of ${keys.length} that are not`
  const why = reason === undefined ? '' : ' for that reason'
  return new SluiceError('SLU5120', {
    message: `expected the keys of rows that were rejected${why} in the chosen syncs, found ${which}`,
    hint: `the ${keys.indexOf(first) + 1}. key ${await whatIsKnown(run, first)}`,
  })
}

async function whatIsKnown(run: RunContext, key: string): Promise<string> {
  const { receipts } = run.ledger
  const told = await receipts.ofKey(key)
  const elsewhere = told.filter(({ status }) => status === 'rejected')
  if (elsewhere.length > 0)
    return `was rejected by ${elsewhere.map(({ sync, reason }) => `${sync}: ${reason}`).join('; ')}`
  if (told.length > 0)
    return `was not rejected: ${told.map(({ sync, status, reason }) => `${status} by ${sync}, ${reason}`).join('; ')}`
  const written = key.trim().toLowerCase()
  if (written !== key && (await receipts.ofKey(written)).length > 0)
    return 'stands in the receipts in lower case and without blanks: write it so'
  return 'is in no receipt: write it as the column key of the table receipts has it, several fields joined by "|"'
}
