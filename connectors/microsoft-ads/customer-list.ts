import { cleanWords } from '../../src/connector/answer-words.ts'
import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { idIn, objectIn, objectsIn } from '../../src/connector/shapes.ts'
import type { ObjectUse } from '../../src/connector/types.ts'
import { partialErrorsIn, saidBy } from './faults.ts'

export type CustomerList = Readonly<Record<string, unknown>>

/** All that the ad account may use. */
export async function customerLists(api: Api): Promise<readonly CustomerList[]> {
  const { json } = await api.send({
    method: 'POST',
    path: `${AUDIENCES}/QueryByIds`,
    json: { AudienceIds: null, Type: TYPE },
  })
  const { Audiences } = objectIn(json)
  if (Array.isArray(Audiences)) return objectsIn(Audiences)
  throw unclear('to give the customer lists of the account')
}

/** The id of the list that a use means: made where it is missing and may be made; undefined where it may not. */
export async function listOf(api: Api, { settings, looksOnly }: ObjectUse): Promise<string | undefined> {
  const wanted = String(settings.audience)
  const all = await customerLists(api)
  const byId = all.filter(({ Id }) => idIn(Id) === wanted)
  const [one, another] = byId.length > 0 ? byId : all.filter(({ Name }) => Name === wanted)
  if (another !== undefined)
    throw new DestinationError('stop', {
      message: `expected the audience "${wanted}" to be the name of one customer list, found several: give its id`,
    })
  if (one !== undefined) return idIn(one.Id)
  return looksOnly === true ? undefined : make(api, wanted)
}

const AUDIENCES = '/CampaignManagement/v13/Audiences'
const TYPE = 'CustomerList'

/** Members stay until they are taken out: what is there is what was sent. */
const NO_END = -1

async function make(api: Api, name: string): Promise<string> {
  // Customer lists belong to the manager account: no other scope is taken.
  const list = { Type: TYPE, Name: name, Scope: 'Customer', MembershipDuration: NO_END }
  const { json } = await api.send({ method: 'POST', path: AUDIENCES, json: { Audiences: [list] } })
  const { AudienceIds } = objectIn(json)
  const id = Array.isArray(AudienceIds) ? idIn(AudienceIds[0]) : undefined
  if (id !== undefined) return id
  const [refusal] = partialErrorsIn(json)
  if (refusal === undefined) throw unclear('to give the id of the customer list that it made')
  throw new DestinationError('stop', {
    message: `expected to make the customer list "${name}", found it refused: ${cleanWords(saidBy(refusal))}`,
  })
}

/** It may be made all the same, and then it is found. */
function unclear(what: string): DestinationError {
  return new DestinationError('retry', {
    message: `expected Microsoft Advertising ${what}, found an answer without it`,
    ambiguous: true,
  })
}
