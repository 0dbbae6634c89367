import { answerWords } from '../../src/connector/answer-words.ts'
import type { Batch, Receipt } from '../../src/connector/types.ts'
import { unanswered } from '../../src/connector/unanswered.ts'

/**
 * One receipt a change. Any answer without `results` took all of them. With `results`, each stands at its change's
 * index; a change that has none, or one that says nothing we know, was perhaps applied, so it is sent again.
 */
export function receiptsOf(text: string, batch: Batch): readonly Receipt[] {
  const results = resultsOf(text)
  if (results === undefined) return new Array<Receipt>(batch.count).fill(APPLIED)
  // More than was sent says that the answer is about something else: none of it can be trusted.
  const wrong = wrongIn(results, batch.count)
  if (wrong !== undefined) return new Array<Receipt>(batch.count).fill(unanswered(wrong))
  const words = answerWords(batch)
  const list = results as readonly unknown[]
  return Array.from({ length: batch.count }, (_, index) => receiptOf(list[index], () => words, index))
}

type Words = ReturnType<typeof answerWords>

const APPLIED: Receipt = { status: 'applied' }

/** Stands for the results of an answer that may have had some. */
const BROKEN = Symbol('broken')

/** Undefined when there are none: an answer that is no object, or has no such key. */
function resultsOf(text: string): unknown {
  const answer = parsed(text)
  if (answer === BROKEN) return BROKEN
  if (typeof answer !== 'object' || answer === null || !('results' in answer)) return undefined
  return answer.results
}

function parsed(text: string): unknown {
  // An empty answer, or an "ok", is what most receivers say.
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return BROKEN
  }
}

function wrongIn(results: unknown, count: number): string | undefined {
  if (results === BROKEN) return 'expected an answer in JSON, found one that begins as JSON and is none'
  if (!Array.isArray(results)) return 'expected results to be a list, found something else'
  return results.length > count ? `expected results for ${count} changes, found ${results.length}` : undefined
}

function receiptOf(result: unknown, words: () => Words, index: number): Receipt {
  if (result === undefined) return unanswered('expected a result for every change, found none for this one')
  if (typeof result !== 'object' || result === null || !('status' in result))
    return unanswered('expected a result with a status, found one without')
  const error = 'error' in result ? result.error : undefined
  if (result.status === 'applied') return APPLIED
  if (result.status === 'rejected')
    return { status: 'rejected', error: words()(index, error) ?? 'rejected, no reason given' }
  if (result.status === 'retry')
    return { status: 'retry', error: words()(index, error) ?? 'to be sent again, no reason given' }
  return unanswered('expected the status applied, rejected or retry, found another')
}
