import { objectIn, textIn } from '../../src/connector/shapes.ts'
import { broken, type SalesforceApi } from './api.ts'
import type { SentJob } from './ticket.ts'

/** A job as Salesforce sees it now. */
export interface JobInfo extends SentJob {
  readonly state: string
  /** Records, those that failed included. */
  readonly processed: number
  readonly failed: number
  readonly errorMessage: string | undefined
}

export async function infoOf(api: SalesforceApi, job: SentJob): Promise<JobInfo | 'forgotten'> {
  const { status, json } = await api.send({ method: 'GET', path: `/jobs/ingest/${job.id}`, answers: [404] })
  if (status === 404) return 'forgotten'
  const { state, numberRecordsProcessed, numberRecordsFailed, errorMessage } = objectIn(json)
  if (typeof state !== 'string') throw broken('the state of the job')
  return {
    ...{ ...job, state, errorMessage: textIn(errorMessage) },
    processed: Number(numberRecordsProcessed ?? 0),
    failed: Number(numberRecordsFailed ?? 0),
  }
}

export function isRunning({ state }: JobInfo): boolean {
  return state === 'UploadComplete' || state === 'InProgress'
}

export function isAllApplied({ state, processed, failed, sent }: JobInfo): boolean {
  return state === 'JobComplete' && failed === 0 && processed === sent
}
