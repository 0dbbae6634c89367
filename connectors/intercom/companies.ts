import { answerWords } from '../../src/connector/answer-words.ts'
import type { Api } from '../../src/connector/api.ts'
import { oneByOne } from '../../src/connector/one-by-one.ts'
import { APPLIED, inOrder, type Row, rowsOf } from '../../src/connector/rows.ts'
import { idIn, objectIn } from '../../src/connector/shapes.ts'
import type { Batch, Receipt } from '../../src/connector/types.ts'
import { unanswered } from '../../src/connector/unanswered.ts'
import { wordsOf } from './api.ts'
import { recordOf } from './records.ts'

/** One a request, which creates or updates by your own id. */
export async function writeCompanies(api: Api, batch: Batch): Promise<readonly Receipt[]> {
  const rows = rowsOf(batch.changes())
  const words = answerWords(batch)
  const told = await oneByOne(rows, (row) =>
    row.change.op === 'remove' ? remove(api, row, batch) : write(api, row, batch, words),
  )
  return inOrder(rows, told)
}

async function write(
  api: Api,
  { change, index }: Row,
  batch: Batch,
  words: ReturnType<typeof answerWords>,
): Promise<Receipt> {
  const { status, json } = await api.send({
    method: 'POST',
    path: '/companies',
    json: recordOf('companies', { ...change.fields, company_id: String(change.key.company_id) }),
    answers: [400],
    batch,
  })
  if (status === 400)
    return { status: 'rejected', error: `Intercom: ${words(index, wordsOf(json)) ?? 'no reason given'}` }
  return idIn(objectIn(json).id) === undefined
    ? unanswered('expected Intercom to answer with the company, found another answer')
    : APPLIED
}

/** It is deleted by Intercom's own id. */
async function remove(api: Api, { change }: Row, batch: Batch): Promise<Receipt> {
  const found = await api.send({
    method: 'GET',
    path: '/companies',
    query: { company_id: String(change.key.company_id) },
    answers: [404],
    batch,
  })
  const id = found.status === 404 ? undefined : idIn(objectIn(found.json).id)
  if (id !== undefined)
    await api.send({ method: 'DELETE', path: `/companies/${encodeURIComponent(id)}`, answers: [404], batch })
  if (found.status === 404 || id !== undefined) return APPLIED
  return unanswered('expected Intercom to answer with the company, found another answer')
}
