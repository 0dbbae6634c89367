import type { Receipt } from './types.ts'

/**
 * The receipt of a row that an answer does not tell of, or of which it says what nobody understands. It may have been
 * applied: when it is given up for lost, the snapshot must not say that the destination still holds what it held.
 */
export function unanswered(error: string): Receipt {
  return { status: 'retry', error, ambiguous: true }
}
