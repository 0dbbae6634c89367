import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors.ts'

/**
 * Whether a transaction failed only because another session wrote the same row at that moment, so that the whole of it
 * may be tried again.
 */
export function isWriteConflict(error: unknown): boolean {
  return error instanceof SluiceError && error.code === 'SLU3010'
}

/** Whether a constraint refused a row: a primary key of ours that another session was first with. */
export function isRefusedRow(error: unknown): boolean {
  return error instanceof SluiceError && error.code === 'SLU3009'
}

interface Tries {
  readonly clock: Clock
  /** How often it is tried at most. */
  readonly tries: number
  /** Doubled from try to try. */
  readonly firstPauseMs: number
  /** False: what failed was more than this one statement. */
  mayTryAgain?(): boolean
}

/** Runs a statement by itself; where it met another's writes it did nothing, and is tried again after those. */
export async function afterConflicts<T>(
  run: () => Promise<T>,
  { clock, tries, firstPauseMs, mayTryAgain = () => true }: Tries,
): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await run()
    } catch (error) {
      if (!isWriteConflict(error) || tried === tries || !mayTryAgain()) throw error
      await clock.sleep(firstPauseMs * 2 ** (tried - 1))
    }
  }
}
