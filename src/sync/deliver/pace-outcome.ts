import type { DestinationError } from '../../connector/errors.ts'
import type { Receipt } from '../../connector/types.ts'
import type { PaceOutcome } from '../pace/pace-control.ts'
import { areAllApplied } from './receipts.ts'

/** Statuses by which a destination says that it has too much to do; so does one that does not answer in time. */
const TOO_MUCH: ReadonlySet<number | undefined> = new Set([undefined, 408, 503, 504])

/** What the error of a whole request says about the pace: those about rows or settings say that it is there. */
export function outcomeOfError({ action, status, afterMs }: DestinationError): PaceOutcome {
  if (action !== 'retry') return { kind: 'answered' }
  if (status === 429) return { kind: 'refused', afterMs }
  return { kind: 'failed', afterMs, tooMuch: TOO_MUCH.has(status) }
}

/** A request of which no row was taken or rejected was only put off, whatever its status was. */
export function outcomeOfReceipts(receipts: readonly Receipt[]): PaceOutcome {
  if (areAllApplied(receipts)) return ANSWERED
  const retries = receipts.flatMap((one) => (one.status === 'retry' ? [one] : []))
  if (retries.length === 0) return ANSWERED
  const waits = retries.flatMap(({ afterMs }) => (afterMs === undefined ? [] : [afterMs]))
  const afterMs = waits.length === 0 ? undefined : Math.max(...waits)
  if (retries.length < receipts.length) return { kind: 'answered', afterMs }
  return { kind: 'failed', afterMs, tooMuch: true }
}

const ANSWERED: PaceOutcome = { kind: 'answered' }
