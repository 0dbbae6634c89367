import { answerWords } from '../../src/connector/answer-words.ts'
import type { Api, ApiAnswer } from '../../src/connector/api.ts'
import { oneByOne } from '../../src/connector/one-by-one.ts'
import { APPLIED, inOrder, type Row, rowsOf } from '../../src/connector/rows.ts'
import { idIn, objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type { Batch, Change, Receipt } from '../../src/connector/types.ts'
import { unanswered } from '../../src/connector/unanswered.ts'
import { wordsOf } from './api.ts'
import { idOfExternal, idsOf, keyNameOf, keyTextOf } from './lookup.ts'
import { recordOf } from './records.ts'

/** There is no request for many contacts, and none that creates or updates: they are searched, then written one by one. */
export async function writeContacts(api: Api, batch: Batch): Promise<readonly Receipt[]> {
  const rows = rowsOf(batch.changes())
  const ids = await idsOf(api, rows, batch)
  const work: Work = { api, batch, words: answerWords(batch) }
  const told = await oneByOne(rows, (row) => {
    const [id, another] = ids.get(row) ?? []
    if (another !== undefined) return Promise.resolve(SEVERAL)
    return row.change.op === 'remove' ? archive(row, id, work) : write(row, id, work)
  })
  return inOrder(rows, told)
}

/** For good; a contact that is archived is not found any more. */
export async function eraseContacts(api: Api, keys: readonly Change['key'][]): Promise<readonly Receipt[]> {
  const rows = rowsOf(keys.map((key) => ({ op: 'remove', key, fields: {} })))
  const found = await idsOf(api, rows)
  const told = await oneByOne(rows, async (row): Promise<Receipt> => {
    const searched = found.get(row) ?? []
    const ids = searched.length > 0 ? searched : await exactly(api, row.change)
    for (const id of ids) await api.send({ method: 'DELETE', path: pathOf(id), answers: [404] })
    return ids.length === 0 ? NOBODY : APPLIED
  })
  return inOrder(rows, told)
}

interface Work {
  readonly api: Api
  readonly batch: Batch
  readonly words: ReturnType<typeof answerWords>
}

/** About the one contact of a request. */
const REFUSED = 400
const NOT_FOUND = 404
const CONFLICT = 409

const SEVERAL: Receipt = {
  status: 'rejected',
  error:
    'expected one user with this address, found several: merge them in Intercom, or match by external_id',
}

const NOBODY: Receipt = {
  status: 'rejected',
  error: 'expected a user of Intercom, found none; one that was archived before is deleted there',
}

const NOT_THERE: Receipt = { status: 'rejected', error: 'expected a user of Intercom, found none' }

async function write(row: Row, id: string | undefined, work: Work): Promise<Receipt> {
  if (id !== undefined) return update(row, id, work)
  const { api, batch } = work
  if (batch.mode === 'update') {
    const [exact] = await exactly(api, row.change, batch)
    return exact === undefined ? NOT_THERE : update(row, exact, work)
  }
  const answer = await api.send({
    method: 'POST',
    path: '/contacts',
    json: { role: 'user', ...recordOf('contacts', { ...row.change.fields, ...row.change.key }) },
    answers: [REFUSED, CONFLICT],
    batch,
  })
  return answer.status === CONFLICT ? adopt(row, answer, work) : receiptOf(row, answer, work)
}

async function update(row: Row, id: string, { api, batch, words }: Work): Promise<Receipt> {
  const json = recordOf('contacts', { ...row.change.fields, ...row.change.key })
  const answer = await api.send({
    method: 'PUT',
    path: pathOf(id),
    json,
    answers: [REFUSED, NOT_FOUND, CONFLICT],
    batch,
  })
  if (answer.status === NOT_FOUND)
    return { status: 'retry', error: 'Intercom no longer knows the user that it found a moment ago' }
  return receiptOf(row, answer, { api, batch, words })
}

/** It is there already: search did not know it yet, or it is archived. Somebody else's is left alone. */
async function adopt(row: Row, conflict: ApiAnswer, work: Work): Promise<Receipt> {
  const { api, batch } = work
  const said = objectsIn(objectIn(conflict.json).errors).map(({ message }) => textIn(message) ?? '')
  const id = said.flatMap((text) => ID_IN_CONFLICT.exec(text)?.[1] ?? [])[0]
  if (id === undefined) return receiptOf(row, conflict, work)
  const there = await api.send({ method: 'GET', path: pathOf(id), answers: [NOT_FOUND], batch })
  if (there.status !== NOT_FOUND && !isOf(row.change, objectIn(there.json)))
    return receiptOf(row, conflict, work)
  if (said.some((text) => /archived/i.test(text)))
    await api.send({ method: 'POST', path: `${pathOf(id)}/unarchive`, batch })
  return update(row, id, work)
}

/** "A contact matching those details already exists with id=..." */
const ID_IN_CONFLICT = /\bid=([\w-]+)/

/** It has the row's key; or its address, and no id of another one's. */
function isOf(change: Change, contact: Readonly<Record<string, unknown>>): boolean {
  const external = textIn(contact.external_id) ?? ''
  const email = (textIn(contact.email) ?? '').toLowerCase()
  if (keyNameOf(change) === 'email') return email === keyTextOf(change)
  const own = change.fields.email
  return (
    external === keyTextOf(change) ||
    (external === '' && typeof own === 'string' && email === own.toLowerCase())
  )
}

async function archive(row: Row, found: string | undefined, { api, batch }: Work): Promise<Receipt> {
  const id = found ?? (await exactly(api, row.change, batch))[0]
  if (id !== undefined)
    await api.send({ method: 'POST', path: `${pathOf(id)}/archive`, answers: [NOT_FOUND], batch })
  return APPLIED
}

async function exactly(api: Api, change: Change, batch?: Batch): Promise<readonly string[]> {
  if (keyNameOf(change) === 'email') return []
  return [await idOfExternal(api, keyTextOf(change), batch)].flatMap((id) => id ?? [])
}

function pathOf(id: string): string {
  return `/contacts/${encodeURIComponent(id)}`
}

function receiptOf({ index }: Row, { status, json }: ApiAnswer, { words }: Work): Receipt {
  if (status >= REFUSED)
    return { status: 'rejected', error: `Intercom: ${words(index, wordsOf(json)) ?? 'no reason given'}` }
  return idIn(objectIn(json).id) === undefined
    ? unanswered('expected Intercom to answer with the contact, found another answer')
    : APPLIED
}
