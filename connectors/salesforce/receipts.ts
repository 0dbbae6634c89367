import { APPLIED } from '../../src/connector/rows.ts'
import type { Receipt } from '../../src/connector/types.ts'
import { unanswered } from '../../src/connector/unanswered.ts'

export type Words = (index: number, said: unknown) => string | undefined

/** What Salesforce says of one record that it did not take; a record with an error was left as it was. */
export interface RecordError {
  readonly code: string
  /** With the code. */
  readonly said: string
}

export function receiptOf({ code, said }: RecordError, index: number, words: Words): Receipt {
  const error = `Salesforce: ${words(index, said) ?? 'no reason given'}`
  if (PASSING.has(code)) return { status: 'retry', error }
  return code === 'UNKNOWN_EXCEPTION' ? unanswered(error) : { status: 'rejected', error }
}

/** The same for a removal: what is in the recycle bin already is gone. */
export function removalReceiptOf(error: RecordError, index: number, words: Words): Receipt {
  return error.code === 'ENTITY_IS_DELETED' ? APPLIED : receiptOf(error, index, words)
}

/** They pass by themselves: another request holds the record or its parent, or the org is busy. */
const PASSING: ReadonlySet<string> = new Set([
  'UNABLE_TO_LOCK_ROW',
  'QUERY_TIMEOUT',
  'REQUEST_LIMIT_EXCEEDED',
  'REQUEST_RUNNING_TOO_LONG',
  'SERVER_UNAVAILABLE',
])
