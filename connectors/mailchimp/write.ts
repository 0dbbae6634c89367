import { answerWords } from '../../src/connector/answer-words.ts'
import type { Api, ApiAnswer } from '../../src/connector/api.ts'
import { oneByOne } from '../../src/connector/one-by-one.ts'
import { APPLIED, inOrder, type Row, rowsOf } from '../../src/connector/rows.ts'
import { objectIn, textIn } from '../../src/connector/shapes.ts'
import type { Batch, Receipt } from '../../src/connector/types.ts'
import { unanswered } from '../../src/connector/unanswered.ts'
import { wordsOf } from './api.ts'
import type { Audience } from './audience.ts'
import { bodyOf, memberPath, tagsOf } from './members.ts'

/**
 * One contact a request, since only there can a status be given to new ones alone (`status_if_new`): in the request for
 * 500 it would be everyone's, and subscribe again who had left.
 */
export async function writeMembers(api: Api, audience: Audience, batch: Batch): Promise<readonly Receipt[]> {
  const work: Work = { api, audience, batch, words: answerWords(batch) }
  const rows = rowsOf(batch.changes())
  const told = await oneByOne(rows, (row) =>
    row.change.op === 'remove' ? archive(row, work) : write(row, work),
  )
  return inOrder(rows, told)
}

interface Work {
  readonly api: Api
  readonly audience: Audience
  readonly batch: Batch
  readonly words: ReturnType<typeof answerWords>
}

async function write(row: Row, work: Work): Promise<Receipt> {
  const answer = await (work.batch.mode === 'update' ? update(row, work) : put(row, work))
  const receipt = answer.status === NOT_FOUND ? NOT_THERE : receiptOf(row, answer, work)
  return receipt.status === 'applied' ? tag(row, work) : receipt
}

/** About the one contact of a request. */
const REFUSED = 400
const NOT_FOUND = 404

/** What it says of a removal of one that is archived, or that it does not let go. */
const NOT_ALLOWED = 405

const NOT_THERE: Receipt = { status: 'rejected', error: 'expected a contact of the audience, found none' }

function update(row: Row, work: Work): Promise<ApiAnswer> {
  return send(row, work, {
    method: 'PATCH',
    json: bodyOf(row.change.fields),
    query: WITHOUT_REQUIRED,
    answers: [REFUSED, NOT_FOUND],
  })
}

/** A sync need not map what a form of the audience asks for. */
const WITHOUT_REQUIRED = { skip_merge_validation: true }

async function put(row: Row, work: Work): Promise<ApiAnswer> {
  const { statusIfNew, statusIfArchived } = work.audience
  const json = {
    email_address: String(row.change.key.email_address),
    status_if_new: statusIfNew,
    ...bodyOf(row.change.fields),
  }
  const request = { method: 'PUT', query: WITHOUT_REQUIRED, answers: [REFUSED] } as const
  const answer = await send(row, work, { ...request, json })
  // What was archived stays so until it is given a status.
  return statusIn(answer) === 'archived'
    ? send(row, work, { ...request, json: { ...json, status: statusIfArchived } })
    : answer
}

/** Tags that it has beside these may be somebody's own: none is taken away. */
async function tag(row: Row, work: Work): Promise<Receipt> {
  const tags = tagsOf(row.change.fields)
  if (tags.length === 0) return APPLIED
  const json = { tags: tags.map((name) => ({ name, status: 'active' })) }
  const answer = await send(row, work, { method: 'POST', under: '/tags', json, answers: [REFUSED] })
  return answer.status === REFUSED ? receiptOf(row, answer, work) : APPLIED
}

async function archive(row: Row, work: Work): Promise<Receipt> {
  const answer = await send(row, work, { method: 'DELETE', answers: [REFUSED, NOT_FOUND, NOT_ALLOWED] })
  if (answer.status !== REFUSED && answer.status !== NOT_ALLOWED) return APPLIED
  const now = await send(row, work, { method: 'GET', query: { fields: 'status' }, answers: [NOT_FOUND] })
  const isGone = now.status === NOT_FOUND || statusIn(now) === 'archived'
  return isGone ? APPLIED : receiptOf(row, answer, work)
}

async function send(
  { change }: Row,
  { api, audience, batch }: Work,
  {
    under = '',
    ...request
  }: Omit<Parameters<Api['send']>[0], 'path' | 'batch'> & { readonly under?: string },
): Promise<ApiAnswer> {
  const path = `${memberPath(audience.id, change.key.email_address)}${under}`
  return api.send({ ...request, path, batch })
}

function receiptOf({ index }: Row, { status, json }: ApiAnswer, { words }: Work): Receipt {
  if (status >= REFUSED) {
    const said = words(index, wordsOf(json))
    return { status: 'rejected', error: `Mailchimp: ${said ?? 'no reason given'}` }
  }
  return textIn(objectIn(json).id) === undefined
    ? unanswered('expected Mailchimp to answer with the contact, found another answer')
    : APPLIED
}

function statusIn({ json }: ApiAnswer): string | undefined {
  return textIn(objectIn(json).status)
}
