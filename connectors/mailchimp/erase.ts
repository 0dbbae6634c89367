import { cleanWords } from '../../src/connector/answer-words.ts'
import type { Api } from '../../src/connector/api.ts'
import { oneByOne } from '../../src/connector/one-by-one.ts'
import { APPLIED, inOrder, rowsOf } from '../../src/connector/rows.ts'
import type { Change, Receipt } from '../../src/connector/types.ts'
import { wordsOf } from './api.ts'
import type { Audience } from './audience.ts'
import { memberPath } from './members.ts'

/** For good: Mailchimp takes the address in no more. One that is not there has nothing to be forgotten. */
export async function eraseMembers(
  api: Api,
  { id }: Audience,
  keys: readonly Change['key'][],
): Promise<readonly Receipt[]> {
  const rows = rowsOf(keys.map((key) => ({ op: 'remove', key, fields: {} })))
  const told = await oneByOne(rows, async ({ change }) => {
    const path = `${memberPath(id, change.key.email_address)}/actions/delete-permanent`
    const { status, json } = await api.send({ method: 'POST', path, answers: [400, 404, 405] })
    if (status < 400 || status === 404) return APPLIED
    return { status: 'rejected', error: `Mailchimp: ${cleanWords(wordsOf(json) || 'no reason given')}` }
  })
  return inOrder(rows, told)
}
