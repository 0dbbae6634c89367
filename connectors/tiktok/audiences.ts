import { cleanWords } from '../../src/connector/answer-words.ts'
import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { idIn, objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import { dataOf } from './answers.ts'

export interface Audience {
  readonly id: string
  /** `calculate_type`, which holds for all of its files. */
  readonly type: string
}

/** What TikTok says of one now. */
export interface AudienceDetails {
  readonly isUsable: boolean
  /** People that it found, of a usable one. */
  readonly size: number | undefined
  /** Why it cannot be used for good; undefined: it can, or TikTok still works on it. */
  readonly problem: string | undefined
  readonly state: string | undefined
}

/** Takes hashes of several kinds, each in a file with a header. */
export const SEVERAL_KINDS = 'MULTIPLE_TYPES'

/**
 * The audience with this name or id; undefined: there is none of this name. Throws `stop` for one that no file can change.
 */
export async function findAudience(
  api: Api,
  advertiser: string,
  wanted: string,
): Promise<Audience | undefined> {
  if ([...wanted].length > LONGEST_NAME)
    throw stop(`the setting audience to be at most ${LONGEST_NAME} characters long, found a longer one`)
  const isId = ID.test(wanted)
  const all = await allAudiences(api, advertiser)
  const [one, another] = all.filter(({ audience_id: id, name }) =>
    isId ? idIn(id) === wanted : name === wanted,
  )
  if (another !== undefined)
    throw stop(`one audience named "${wanted}", found several: give the setting audience its id`)
  if (one === undefined && isId)
    throw stop(`an audience with the id ${wanted}, found none: correct the setting audience, or give a name`)
  return one === undefined ? undefined : usable(one, wanted)
}

/** Undefined: it is gone. */
export async function audienceDetails(
  api: Api,
  advertiser: string,
  id: string,
): Promise<AudienceDetails | undefined> {
  const { json } = await api.send({
    method: 'GET',
    path: '/open_api/v1.3/dmp/custom_audience/get/',
    query: { advertiser_id: advertiser, custom_audience_ids: JSON.stringify([id]) },
  })
  const [found] = objectsIn(dataOf(json).list)
  if (found === undefined) return undefined
  const details = objectIn(found.audience_details)
  const { is_valid: isValid, cover_num: size, error_msg: error, msg } = details
  const isUsable = isValid === true
  const problem = wordsIn(error)
  return {
    isUsable,
    // It is 0 while TikTok still counts.
    size: isUsable && typeof size === 'number' ? size : undefined,
    problem: isUsable ? undefined : problem,
    state: problem ?? wordsIn(msg) ?? (isUsable ? 'available' : 'unavailable'),
  }
}

type Listed = Readonly<Record<string, unknown>>

const LONGEST_NAME = 128

/** As long as TikTok's ids are: a shorter number may be a name. */
const ID = /^\d{15,}$/

/** An advertiser has 400 at most. */
const PAGE_SIZE = 100
const MOST_PAGES = 100

async function allAudiences(api: Api, advertiser: string): Promise<readonly Listed[]> {
  const found: Listed[] = []
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const { json } = await api.send({
      method: 'GET',
      path: '/open_api/v1.3/dmp/custom_audience/list/',
      query: { advertiser_id: advertiser, page, page_size: PAGE_SIZE },
    })
    const { list, page_info: info } = dataOf(json)
    if (!Array.isArray(list))
      throw new DestinationError('retry', {
        message: 'expected TikTok to list its audiences, found an answer without them',
        ambiguous: true,
      })
    found.push(...objectsIn(list))
    if (list.length === 0 || page >= Number(objectIn(info).total_page ?? 1)) break
  }
  return found
}

/** What TikTok calls those that come from files. */
const FROM_FILES = 'Customer File Audience'

function usable(found: Listed, wanted: string): Audience {
  const { audience_id: id, audience_type: kind, is_creator: isOurs, calculate_type: type } = found
  if (kind !== undefined && kind !== FROM_FILES)
    throw stop(
      `the audience "${wanted}" to come from a customer file, found one that TikTok fills by itself: give another name`,
    )
  if (isOurs === false)
    throw stop(
      `the audience "${wanted}" to be the advertiser's own, found one that is shared with it: give another name`,
    )
  return { id: idIn(id) ?? '', type: textIn(type) ?? SEVERAL_KINDS }
}

function wordsIn(value: unknown): string | undefined {
  const words = cleanWords(textIn(value) ?? '')
  return words === '' ? undefined : words
}

function stop(expected: string): DestinationError {
  return new DestinationError('stop', { message: `expected ${expected}` })
}
