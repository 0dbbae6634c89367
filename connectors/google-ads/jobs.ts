import type { Api } from '../../src/connector/api.ts'
import type { Change, ConnectorTools, JobAnswer, JobBatch, Receipt } from '../../src/connector/types.ts'
import { type Fate, fateOf } from './requests.ts'

/** A request whose rows Google works through by itself. */
export interface Job {
  readonly step: 'remove' | 'ingest'
  readonly requestId: string
  /** When it was built: what was too old for it then is so when it is asked for. */
  readonly startedAtMs: number
  /** How often its rows have been sent, this time included. */
  readonly attempt: number
}

export type Ended = Extract<Fate, { readonly kind: 'ended' }>

/** What is stored of it: another process may ask. */
export function jobText({ step, requestId, startedAtMs, attempt }: Job): string {
  return `${step} ${requestId} ${startedAtMs} ${attempt}`
}

/** `receiptsOf` says what an ended job means for each row. */
export async function pollJob(
  api: Api,
  tools: ConnectorTools,
  text: string,
  batch: JobBatch,
  receiptsOf: (changes: readonly Change[], job: Job, fate: Ended) => readonly Receipt[],
): Promise<JobAnswer> {
  const job = jobOf(text)
  const fate = await fateOf(api, job.requestId)
  switch (fate.kind) {
    case 'running':
      return { status: 'running', afterMs: waitMs(tools.clock.nowMs() - job.startedAtMs) }
    case 'forgotten':
      return { status: 'forgotten' }
    case 'broken':
      return { status: 'failed', error: fate.error, retry: true }
    case 'ended':
      if (fate.broken > 0 && job.attempt < MOST_ATTEMPTS)
        return { status: 'failed', error: `Google could not process ${fate.broken} records`, retry: true }
      if (fate.failed > 0 && fate.refusedAll === undefined) tools.onInvalid?.(fate.failed)
      return { status: 'done', receipts: receiptsOf(await batch.changes(), job, fate) }
  }
}

/** One record that breaks each time must not keep ten thousand others from being taken as sent. */
const MOST_ATTEMPTS = 3

/** Of a row that was sent. */
export function receiptOf({ refusedAll }: Ended, applied: Receipt): Receipt {
  return refusedAll === undefined ? applied : { status: 'rejected', error: refusedAll }
}

function jobOf(text: string): Job {
  const [step, requestId = '', startedAtMs, attempt] = text.split(' ')
  return {
    step: step === 'remove' ? 'remove' : 'ingest',
    requestId,
    startedAtMs: Number(startedAtMs),
    attempt: Number(attempt),
  }
}

/** Google takes half an hour or more, and wants to be asked more and more seldom: after as long as it took so far. */
function waitMs(sinceStartMs: number): number {
  return Math.min(Math.max(sinceStartMs, 0), LONGEST_WAIT_MS)
}

const LONGEST_WAIT_MS = 10 * 60 * 1000
