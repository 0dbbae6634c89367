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
