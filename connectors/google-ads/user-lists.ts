import type { Api, ApiAnswer } from '../../src/connector/api.ts'
import { idIn, objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type { Connection, ObjectUse, Settings } from '../../src/connector/types.ts'
import type { Accounts } from './accounts.ts'
import { reasonsIn, stop } from './api.ts'
import { type ListKind, listKindOf } from './list-kinds.ts'

type UserList = Readonly<Record<string, unknown>>

/**
 * The id of the list that a sync means, made when there is none of its name. Undefined where it would be made and nothing
 * may be made now. Throws `stop` for a list that cannot be filled.
 */
export async function userListOf(
  api: Api,
  accounts: Accounts,
  { settings, looksOnly }: ObjectUse,
): Promise<string | undefined> {
  const kind = listKindOf(settings)
  const meant = String(settings.audience)
  const isId = /^\d+$/.test(meant)
  const found = isId ? await listById(api, accounts, meant) : await listByName(api, accounts, meant)
  if (found !== undefined) return checkedId(found, kind, settings)
  if (isId)
    throw stop(`expected a list with the id ${meant}, found none: write its name, or the id in its address`)
  if (looksOnly === true) return undefined
  return checkedId(await make(api, accounts, meant, kind, settings), kind, settings)
}

type AudienceStatus = Awaited<ReturnType<NonNullable<Connection['audienceStatus']>>>

/** Sizes are estimates for each network; the largest says best how many people Google knows. */
export async function statusOfList(api: Api, accounts: Accounts, id: string): Promise<AudienceStatus> {
  const list = await listById(api, accounts, id)
  if (list === undefined) throw stop(`expected a list with the id ${id}, found none`)
  const sizes = Object.values(objectIn(list.sizeInfo)).map(Number).filter(Number.isFinite)
  const percentage = Number(objectIn(objectIn(list.ingestedUserListInfo).contactIdInfo).matchRatePercentage)
  const state = textIn(list.membershipStatus)
  return {
    ...(sizes.length === 0 ? {} : { size: Math.max(...sizes) }),
    // An answer leaves out a rate of 0, which is one that is not known yet.
    ...(percentage > 0 ? { matchRate: percentage / 100 } : {}),
    ...(state === undefined ? {} : { state }),
  }
}

async function listById(api: Api, accounts: Accounts, id: string): Promise<UserList | undefined> {
  const path = `${accounts.path}/userLists/${id}`
  const { status, json } = await api.send({
    method: 'GET',
    path,
    headers: accounts.headers,
    answers: NOT_THERE,
  })
  return NOT_THERE.includes(status) ? undefined : objectIn(json)
}

/** An id that is none is 400. */
const NOT_THERE = [400, 404]

/** Names are unique in an account. The filter is Google's; a list counts only when its name is this one. */
async function listByName(api: Api, accounts: Accounts, name: string): Promise<UserList | undefined> {
  const filter = `display_name = "${name.replaceAll(/["\\]/g, '\\$&')}"`
  let pageToken: string | undefined
  do {
    const { json } = await api.send({
      method: 'GET',
      path: `${accounts.path}/userLists`,
      headers: accounts.headers,
      query: { filter, pageSize: PAGE, pageToken },
    })
    const page = objectIn(json)
    const found = objectsIn(page.userLists).find(({ displayName }) => displayName === name)
    if (found !== undefined) return found
    const next = textIn(page.nextPageToken)
    // A page that names itself as the next one would never end.
    pageToken = next === pageToken || next === '' ? undefined : next
  } while (pageToken !== undefined)
  return undefined
}

/** As large as Google gives them. */
const PAGE = 1000

/** It is refused when another run made it in between. */
async function make(
  api: Api,
  accounts: Accounts,
  name: string,
  kind: ListKind,
  settings: Settings,
): Promise<UserList> {
  const answer = await api.send({
    method: 'POST',
    path: `${accounts.path}/userLists`,
    headers: accounts.headers,
    json: {
      displayName: name,
      membershipDuration: `${Number(settings.membership_days) * SECONDS_A_DAY}s`,
      ingestedUserListInfo: { uploadKeyTypes: [kind.uploadKeyType], ...infoOf(kind, settings) },
    },
    answers: REFUSED,
  })
  if (!REFUSED.includes(answer.status)) return objectIn(answer.json)
  const other = await listByName(api, accounts, name)
  if (other !== undefined) return other
  throw refusedToMake(answer)
}

const REFUSED = [400, 409]

const SECONDS_A_DAY = 24 * 60 * 60

function infoOf(kind: ListKind, settings: Settings): object {
  if (kind.name !== 'mobile_id') return {}
  const { mobile_platform: platform, mobile_app_id: appId } = settings
  const keySpace = String(platform ?? '').toUpperCase()
  if ((keySpace !== 'IOS' && keySpace !== 'ANDROID') || appId === undefined)
    throw stop(
      'expected mobile_platform (ios or android) and mobile_app_id for a list of mobile_id that is to be made, found not both',
    )
  return { mobileIdInfo: { keySpace, appId: String(appId) } }
}

function refusedToMake({ json }: ApiAnswer) {
  const [reason = 'no reason given'] = reasonsIn(json)
  return stop(`expected to make a list of this name, found it refused: ${reason}`)
}

function checkedId(list: UserList, kind: ListKind, settings: Settings): string {
  const id = idIn(list.id)
  if (id === undefined) throw stop('expected Google to name the list, found an answer without its id')
  const { uploadKeyTypes } = objectIn(list.ingestedUserListInfo)
  const types = Array.isArray(uploadKeyTypes) ? uploadKeyTypes.map(String) : []
  if (types.length > 0 && !types.includes(kind.uploadKeyType))
    throw stop(
      `expected a list of ${kind.name}, found that list ${id} is of ${types.join(', ').toLowerCase()}: set kind to that, or name another list`,
    )
  if (list.readOnly === true || list.accountAccessStatus === 'DISABLED')
    throw stop(`expected a list that may be filled, found that list ${id} is another account's`)
  if (list.membershipStatus === 'CLOSED')
    throw stop(`expected an open list, found that list ${id} is closed to new members: open it in Google Ads`)
  checkDuration(id, textIn(list.membershipDuration), Number(settings.membership_days))
  return id
}

/** Members who are forgotten before they are sent again would be missed. */
function checkDuration(id: string, duration: string | undefined, meantDays: number): void {
  const seconds = /^(\d+)(?:\.\d+)?s$/.exec(duration ?? '')?.[1]
  const days = seconds === undefined ? Number.POSITIVE_INFINITY : Math.floor(Number(seconds) / SECONDS_A_DAY)
  if (days > 0 && days < meantDays)
    throw stop(
      `expected list ${id} to keep members for membership_days (${meantDays}), found ${days}: set membership_days to ${days}, or change the list`,
    )
}
