import { answerWords } from '../../src/connector/answer-words.ts'
import { APPLIED, allOf, inOrder, type Row, rowsOf } from '../../src/connector/rows.ts'
import type { Batch, JobAnswer, JobBatch, Receipt } from '../../src/connector/types.ts'
import type { SalesforceApi } from './api.ts'
import { infoOf, isAllApplied, isRunning, type JobInfo } from './job-info.ts'
import { namedRows } from './job-results.ts'
import type { Words } from './receipts.ts'
import { keyFieldOf, type Sobject } from './sobject.ts'
import { readTicket, type SentJob, type Ticket, TOLD } from './ticket.ts'

/** Asks once for all jobs of a batch. */
export async function pollJobs(
  api: SalesforceApi,
  sobject: Sobject,
  jobText: string,
  batch: JobBatch,
): Promise<JobAnswer> {
  const ticket = readTicket(jobText)
  if (ticket === undefined) return { status: 'forgotten' }
  const jobs: JobInfo[] = []
  for (const job of ticket.jobs) {
    const info = await infoOf(api, job)
    if (info === 'forgotten') return { status: 'forgotten' }
    if (isRunning(info)) return { status: 'running' }
    jobs.push(info)
  }
  if (jobs.every(isAllApplied)) return { status: 'done', receipts: allApplied(ticket, batch.count) }
  const changes = await batch.changes()
  return answerOf(api, sobject, { ticket, jobs }, { ...batch, changesJson: '', changes: () => changes })
}

function allApplied({ told }: Ticket, count: number): readonly Receipt[] {
  return Array.from({ length: count }, (_, index) => TOLD[told.get(index) ?? 'gone'])
}

async function answerOf(
  api: SalesforceApi,
  sobject: Sobject,
  { ticket, jobs }: { readonly ticket: Ticket; readonly jobs: readonly JobInfo[] },
  batch: Batch,
): Promise<JobAnswer> {
  const words = answerWords(batch)
  const useless = jobs.find(({ state, processed }) => state !== 'JobComplete' && processed === 0)
  if (useless !== undefined) return failureOf(useless, words)
  const rows = rowsOf(batch.changes())
  const place = { api, sobject, keyField: keyFieldOf(batch.changes()), batch }
  const told: (readonly [Row, Receipt])[] = [...toldRows(rows, ticket)]
  for (const job of jobs) {
    const own = rowsIn(job, rows, ticket)
    told.push(...(isAllApplied(job) ? allOf(own, APPLIED) : await namedRows(place, job, own, words)))
  }
  return { status: 'done', receipts: inOrder(rows, told) }
}

/** It broke, or somebody aborted it, before it took a record in. */
function failureOf({ state, errorMessage }: JobInfo, words: Words): JobAnswer {
  const said = words(NO_ROW, errorMessage) ?? 'no reason given'
  return {
    status: 'failed',
    error: `Salesforce ended the job as ${state}: ${said}`,
    retry: state !== 'Failed' || PASSING.test(errorMessage ?? ''),
  }
}

const NO_ROW = -1

/** What is wrong with the job is not in its file. */
const PASSING = /^\W*(?:InternalServerError|TooManyLockFailure|Timeout|ExceededQuota|ServerUnavailable)\b/i

function rowsIn({ operation }: SentJob, rows: readonly Row[], { told }: Ticket): readonly Row[] {
  const removes = operation === 'delete'
  return rows.filter(({ change, index }) => (change.op === 'remove') === removes && !told.has(index))
}

function toldRows(rows: readonly Row[], { told }: Ticket): readonly (readonly [Row, Receipt])[] {
  return rows.flatMap((row) => {
    const what = told.get(row.index)
    return what === undefined ? [] : [[row, TOLD[what]] as const]
  })
}
