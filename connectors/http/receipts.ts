import { answerWords } from '../../src/connector/answer-words.ts'
import type { Batch, Receipt } from '../../src/connector/types.ts'

/**
 * One receipt a change. Any answer without `results` took all of them. With `results`, each stands at its change's
 * index; a change that has none, or one that says nothing we know, was perhaps applied, so it is sent again.
 */
export function receiptsOf(text: string, batch: Batch): readonly Receipt[] {
  const results = resultsOf(text)
  if (results === undefined) return new Array<Receipt>(batch.count).fill(APPLIED)
  // More than was sent says that the answer is about something else: none of it can be trusted.
  if (!Array.isArray(results)) return all(batch, 'expected results to be a list, found something else')
  if (results.length > batch.count)
    return all(batch, `expected results for ${batch.count} changes, found ${results.length}`)
  const words = answerWords(batch)
  return Array.from({ length: batch.count }, (_, index) => receiptOf(results[index], () => words, index))
}

type Words = ReturnType<typeof answerWords>

const APPLIED: Receipt = { status: 'applied' }

/** Undefined when there are none: an answer that is no JSON, or no object, or has no such key. */
function resultsOf(text: string): unknown {
  const answer = parsed(text)
  if (typeof answer !== 'object' || answer === null || !('results' in answer)) return undefined
  return answer.results
}

function parsed(text: string): unknown {
  // An empty answer, or an "ok", is what most receivers say.
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function receiptOf(result: unknown, words: () => Words, index: number): Receipt {
  if (result === undefined) return retry('expected a result for every change, found none for this one')
  if (typeof result !== 'object' || result === null || !('status' in result))
    return retry('expected a result with a status, found one without')
  const error = 'error' in result ? result.error : undefined
  if (result.status === 'applied') return APPLIED
  if (result.status === 'rejected')
    return { status: 'rejected', error: words()(index, error) ?? 'rejected, no reason given' }
  if (result.status === 'retry') return retry(words()(index, error) ?? 'to be sent again, no reason given')
  return retry('expected the status applied, rejected or retry, found another')
}

function all(batch: Batch, error: string): readonly Receipt[] {
  return Array.from({ length: batch.count }, () => retry(error))
}

function retry(error: string): Receipt {
  return { status: 'retry', error }
}
