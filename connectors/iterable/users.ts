import { answerWords } from '../../src/connector/answer-words.ts'
import type { Api, ApiRequest } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { oneByOne } from '../../src/connector/one-by-one.ts'
import { APPLIED, byKind, inOrder, type Row, type RowReceipts, rowsOf } from '../../src/connector/rows.ts'
import type { Batch, Change, Receipt } from '../../src/connector/types.ts'
import { unanswered } from '../../src/connector/unanswered.ts'
import { codeOf, wordsOf } from './answers.ts'
import { bulkReceipts, refuseDropped } from './failures.ts'
import { type Identity, identityOf, madeWhenMissing } from './identity.ts'
import { MOST_BYTES } from './manifest.ts'

export function writeUsers(api: Api, batch: Batch, mergesNested: boolean): Promise<readonly Receipt[]> {
  return byKind(batch, {
    removed: (rows) => deleteUsers(api, rows, batch),
    written: async (rows) => {
      const users = rows.map(({ change: { key, fields } }) => ({
        ...madeWhenMissing(identityOf(key)),
        dataFields: fields,
        ...(mergesNested ? { mergeNestedObjects: true } : {}),
      }))
      const request = { method: 'POST', path: '/api/users/bulkUpdate', json: { users } } as const
      const { json } = await api.send({ ...request, batch, maxBytes: MOST_BYTES })
      refuseDropped(json, rows)
      return bulkReceipts(json, rows)
    },
  })
}

export async function eraseUsers(api: Api, keys: readonly Change['key'][]): Promise<readonly Receipt[]> {
  const rows = rowsOf(keys.map((key) => ({ op: 'remove', key, fields: {} })))
  const told = await oneByOne(rows, async ({ change }) => {
    const request = { method: 'POST', path: '/api/users/forget', json: identityOf(change.key) } as const
    return receiptOf(await api.send({ ...request, answers: ANSWERED }), () => undefined)
  })
  return inOrder(rows, told)
}

/** There is no request for several. */
function deleteUsers(api: Api, rows: readonly Row[], batch: Batch): Promise<RowReceipts> {
  const words = answerWords(batch)
  return oneByOne(rows, async ({ change, index }) => {
    const request: ApiRequest = { method: 'DELETE', path: pathOf(identityOf(change.key)), answers: ANSWERED }
    return receiptOf(await api.send({ ...request, batch }), (said) => words(index, said))
  })
}

function pathOf(identity: Identity): string {
  return 'email' in identity
    ? `/api/users/${encodeURIComponent(identity.email)}`
    : `/api/users/byUserId/${encodeURIComponent(identity.userId)}`
}

/** Refusals of one user, which have their reasons in `code`. */
const ANSWERED = [400, 404, 409]

/** Of users who are not there: gone already. */
const GONE: ReadonlySet<string | undefined> = new Set([
  'UnknownEmailError',
  'UnknownUserIdError',
  'ForgottenUserError',
  'NotFound',
])

function receiptOf(
  { status, json }: { readonly status: number; readonly json: unknown },
  words: (said: string) => string | undefined,
): Receipt {
  const code = codeOf(json)
  if (code === 'Success' || GONE.has(code)) return APPLIED
  if (status < 300) return unanswered('Iterable did not say that it took the request for this user')
  // Without a code it is not Iterable that does not know it.
  if (status === 404)
    throw new DestinationError('stop', { message: 'the address of a user was answered with 404', status })
  return { status: 'rejected', error: `Iterable: ${words(wordsOf(json)) ?? 'no reason given'}` }
}
