import { answerWords } from '../../src/connector/answer-words.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { APPLIED } from '../../src/connector/rows.ts'
import { objectIn, textIn } from '../../src/connector/shapes.ts'
import type { Batch, Receipt } from '../../src/connector/types.ts'
import { unanswered } from '../../src/connector/unanswered.ts'

/** Of the lines. A program of another one is refused before it gets a row. */
const PROTOCOL = 1

export const DESCRIBE = JSON.stringify({ type: 'describe', protocol: PROTOCOL })

/** The changes stay the text that the warehouse built. */
export function writeLine(batch: Batch): readonly string[] {
  const { sync, runId, object, mode, idempotencyKey, changesParts, changesJson } = batch
  const head = { type: 'write', sync, run_id: runId, object, mode, batch: batch.batch }
  const begin = JSON.stringify({ ...head, idempotency_key: idempotencyKey })
  return [`${begin.slice(0, -1)},"changes":`, ...(changesParts ?? [changesJson]), '}']
}

/** Whose destination it is. Throws a DestinationError `stop`. */
export function accountIn(line: string): string {
  const said = saidIn(line)
  if (said.type !== 'described')
    throw notUnderstood('stop', 'a line of JSON with the type described', said.type)
  if (said.protocol !== PROTOCOL)
    throw new DestinationError('stop', {
      message: `expected the command to speak protocol ${PROTOCOL}, found another`,
    })
  const account = textIn(said.account)?.trim() ?? ''
  if (account !== '') return account
  throw new DestinationError('stop', {
    message: 'expected the command to name its account, found a description without one',
  })
}

/** One receipt a change. Throws a DestinationError when the answer is about all of them, or is none. */
export function receiptsIn(line: string, batch: Batch): readonly Receipt[] {
  const said = saidIn(line)
  const words = answerWords(batch)
  if (said.type === 'failed') throw failure(said, words)
  if (said.type !== 'receipts')
    throw notUnderstood('retry', 'a line of JSON with the type receipts or failed', said.type)
  const receipts = Array.isArray(said.receipts) ? said.receipts : []
  if (receipts.length === batch.count)
    return receipts.map((receipt, index) => receiptOf(objectIn(receipt), words, index))
  throw new DestinationError('retry', {
    message: `expected ${batch.count} receipts of the command, found ${receipts.length}`,
    ambiguous: true,
  })
}

type Said = Readonly<Record<string, unknown>>
type Words = ReturnType<typeof answerWords>

/** What is no object in JSON says nothing. */
function saidIn(line: string): Said {
  try {
    return objectIn(JSON.parse(line))
  } catch {
    return {}
  }
}

/** `type` is quoted only when it is a word: a program may print rows. */
function notUnderstood(action: 'retry' | 'stop', expected: string, type: unknown): DestinationError {
  const found = typeof type === 'string' && /^[a-z_]{1,20}$/.test(type) ? `the type ${type}` : 'another line'
  return new DestinationError(action, {
    message: `expected ${expected} from the command, found ${found}: its standard output is for answers only`,
    ambiguous: action === 'retry',
  })
}

const ACTIONS: ReadonlySet<unknown> = new Set(['retry', 'split', 'refresh', 'stop'])

function failure({ action, error, after_ms: afterMs, ambiguous }: Said, words: Words): DestinationError {
  if (!ACTIONS.has(action))
    return new DestinationError('stop', {
      message: 'expected the command to fail with the action retry, split, refresh or stop, found another',
      ambiguous: true,
    })
  return new DestinationError(action as DestinationError['action'], {
    message: `the command failed: ${words(NO_ROW, error) ?? 'it says no more'}`,
    ambiguous: ambiguous === true,
    ...afterIn(afterMs),
  })
}

const NO_ROW = -1

function receiptOf({ status, error, after_ms: afterMs }: Said, words: Words, index: number): Receipt {
  const said = words(index, error)
  if (status === 'applied') return APPLIED
  if (status === 'rejected') return { status: 'rejected', error: said ?? 'rejected, no reason given' }
  if (status === 'retry')
    return { status: 'retry', error: said ?? 'to be sent again, no reason given', ...afterIn(afterMs) }
  return unanswered('expected the status applied, rejected or retry, found another')
}

function afterIn(ms: unknown): { readonly afterMs?: number } {
  return typeof ms === 'number' && Number.isFinite(ms) && ms >= 0 ? { afterMs: ms } : {}
}
