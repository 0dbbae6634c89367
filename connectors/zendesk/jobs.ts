import { answerWords } from '../../src/connector/answer-words.ts'
import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { APPLIED, inOrder, type Row, rowsOf } from '../../src/connector/rows.ts'
import { idIn, objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type { JobAnswer, JobBatch, Receipt } from '../../src/connector/types.ts'
import { unanswered } from '../../src/connector/unanswered.ts'

/** The jobs that one batch became. */
interface UserJobs {
  readonly removing: string | undefined
  readonly writing: string | undefined
  /** Zendesk's ids of those to be deleted, in the order of the batch; empty for one that is not there. */
  readonly users: readonly string[]
}

/** Kept until the jobs have come to their end. */
export function jobText({ removing = '', writing = '', users }: UserJobs): string {
  return JSON.stringify([removing, writing, ...users])
}

export async function pollUsers(api: Api, jobId: string, batch: JobBatch): Promise<JobAnswer> {
  const { removing, writing, users } = jobsOf(jobId)
  const states = []
  for (const id of [removing, writing]) states.push(id === undefined ? undefined : await stateOf(api, id))
  if (states.includes('forgotten')) return { status: 'forgotten' }
  if (states.includes('running')) return { status: 'running' }
  const [removal, written] = states.map((state) => (typeof state === 'string' ? undefined : state))
  const changes = await batch.changes()
  const words = answerWords({ ...batch, changesJson: '', changes: () => changes })
  const failed = [removal, written].find((state) => state?.status === 'failed')
  if (failed !== undefined) {
    const said = words(ANY_ROW, failed.message) ?? 'no reason given'
    return { status: 'failed', error: `Zendesk's job failed: ${said}`, retry: true }
  }
  const rows = rowsOf(changes)
  const told = [
    ...removals(
      rows.filter(({ change }) => change.op === 'remove'),
      users,
      removal,
    ),
    ...writes(
      rows.filter(({ change }) => change.op !== 'remove'),
      written,
    ),
  ].map(([row, result]) => [row, result === 'gone' ? APPLIED : receiptOf(row, result, words)] as const)
  return { status: 'done', receipts: inOrder(rows, told) }
}

const ANY_ROW = -1

type Json = Readonly<Record<string, unknown>>

/** One that was not kept by this connector is one that nobody knows. */
function jobsOf(text: string): UserJobs {
  try {
    const [removing, writing, ...users] = JSON.parse(text) as readonly string[]
    return { removing: removing || undefined, writing: writing || undefined, users }
  } catch {
    return { removing: text, writing: undefined, users: [] }
  }
}

async function stateOf(api: Api, id: string): Promise<Json | 'running' | 'forgotten'> {
  const path = `/api/v2/job_statuses/${encodeURIComponent(id)}`
  const { status, json } = await api.send({ method: 'GET', path, answers: [404] })
  if (status === 404) return 'forgotten'
  const job = objectIn(objectIn(json).job_status)
  if (job.status === 'queued' || job.status === 'working') return 'running'
  // A job that is killed at Zendesk's has done a part of its work, as one that failed.
  if (job.status === 'killed') return { ...job, status: 'failed' }
  if (job.status === 'failed' || job.status === 'completed') return job
  throw new DestinationError('retry', {
    message: 'expected Zendesk to say how the job is, found an answer without a status that is known',
  })
}

type Result = readonly [Row, Json | 'gone']

function removals(rows: readonly Row[], users: readonly string[], job: Json | undefined): readonly Result[] {
  const results = objectsIn(job?.results)
  return rows.flatMap((row, place): Result[] => {
    const id = users[place]
    if (id === undefined || id === '') return [[row, 'gone']]
    const own = results.find((result) => idIn(result.id) === id)
    if (own === undefined) return []
    return [[row, /NotFound/i.test(textIn(own.error) ?? '') ? 'gone' : own]]
  })
}

/** A result says its place; those that do not come in the order of the request, when there is one for each row. */
function writes(rows: readonly Row[], job: Json | undefined): readonly Result[] {
  const results = objectsIn(job?.results)
  const isWhole = results.length === rows.length
  return results.flatMap((result, place): Result[] => {
    const at = Number.isInteger(result.index) ? Number(result.index) : isWhole ? place : -1
    const row = rows[at]
    return row === undefined ? [] : [[row, result]]
  })
}

function receiptOf({ index }: Row, result: Json, words: ReturnType<typeof answerWords>): Receipt {
  const { error, details, success, status, id } = result
  if (textIn(error) !== undefined || success === false || status === 'Failed')
    return {
      status: 'rejected',
      error: `Zendesk: ${words(index, details) ?? words(index, error) ?? 'no reason given'}`,
    }
  if (idIn(id) === undefined && success !== true)
    return unanswered('expected Zendesk to say what became of the user, found another answer')
  return APPLIED
}
