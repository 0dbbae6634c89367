import type { Api } from '../../src/connector/api.ts'
import { APPLIED } from '../../src/connector/rows.ts'
import type { Change, Receipt } from '../../src/connector/types.ts'
import { codeOf } from './api.ts'
import { profilesBy } from './lookup.ts'
import { identifierOf } from './profile.ts'

/**
 * Asks for the deletion of each, by exactly one identifier. One that Klaviyo does not know is forgotten already. An
 * external id is no identifier there, so the profile's own id stands for it.
 */
export async function eraseProfiles(api: Api, keys: readonly Change['key'][]): Promise<readonly Receipt[]> {
  const wanted = keys.map((key) => ({ key }))
  const external = wanted.filter(({ key }) => identifierOf(key).name === 'external_id')
  const found = await profilesBy(api, external, [])
  const receipts: Receipt[] = []
  for (const one of wanted) {
    const { name, text } = identifierOf(one.key)
    const id = found.get(one)?.id
    if (name === 'external_id' && id === undefined) receipts.push(APPLIED)
    else
      receipts.push(
        await erase(api, id === undefined ? { attributes: { [name]: text } } : { id, attributes: {} }),
      )
  }
  return receipts
}

async function erase(api: Api, profile: object): Promise<Receipt> {
  const answer = await api.send({
    method: 'POST',
    path: '/api/data-privacy-deletion-jobs',
    json: {
      data: {
        type: 'data-privacy-deletion-job',
        attributes: { profile: { data: { type: 'profile', ...profile } } },
      },
    },
    answers: [400, 404, 409, 422],
  })
  if (answer.status < 300 || answer.status === 404) return APPLIED
  return { status: 'rejected', error: `Klaviyo: it refused to delete this profile (${codeOf(answer)})` }
}
