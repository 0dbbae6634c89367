import { cleanWords } from '../../src/connector/answer-words.ts'
import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { idIn, objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type { Connection, ObjectUse } from '../../src/connector/types.ts'
import { ask } from './graph.ts'

type Found = Readonly<Record<string, unknown>>

/**
 * The id of the audience that a sync means, made where there is none; undefined where it would be made, and nothing may
 * be made now. Asked for once.
 */
export function audienceOf(
  graph: Api,
  account: string,
  use: ObjectUse,
): { id(): Promise<string | undefined> } {
  let found: Promise<string | undefined> | undefined
  return {
    id: () => {
      const asked = found ?? findOrMake(graph, account, use)
      // The next one asks again.
      asked.catch(() => {
        if (found === asked) found = undefined
      })
      found = asked
      return asked
    },
  }
}

export async function statusOf(
  graph: Api,
  id: string,
): Promise<Awaited<ReturnType<NonNullable<Connection['audienceStatus']>>>> {
  const fields = 'approximate_count_lower_bound,operation_status,delivery_status'
  const { json } = await ask(graph, { method: 'GET', path: `/${id}`, query: { fields } })
  const { approximate_count_lower_bound: size, operation_status, delivery_status } = objectIn(json)
  const state = [saidOf('operation', operation_status), saidOf('delivery', delivery_status)].filter(
    (said) => said !== undefined,
  )
  return {
    // Below 0 it is not known yet.
    ...(typeof size === 'number' && size >= 0 ? { size } : {}),
    ...(state.length === 0 ? {} : { state: state.join('; ') }),
  }
}

/** `operation 200: Normal` */
function saidOf(what: string, status: unknown): string | undefined {
  const { code, description } = objectIn(status)
  if (code === undefined) return undefined
  const words = textIn(description)
  return words === undefined ? `${what} ${code}` : `${what} ${code}: ${cleanWords(words)}`
}

async function findOrMake(
  graph: Api,
  account: string,
  { settings, looksOnly }: ObjectUse,
): Promise<string | undefined> {
  const meant = String(settings.audience)
  const all = await audiencesOf(graph, account)
  const byId = all.filter(({ id }) => idIn(id) === meant)
  const [one, another] =
    byId.length > 0 ? byId : all.filter(({ name, subtype }) => name === meant && subtype === CUSTOM)
  if (another !== undefined) throw stop(`expected one audience named "${meant}", found several: give its id`)
  if (one !== undefined) return checkedId(one)
  return looksOnly === true ? undefined : make(graph, account, meant, settings.customer_file_source)
}

/** Made of a list of customers; those of other kinds Meta fills by itself. */
const CUSTOM = 'CUSTOM'

async function audiencesOf(graph: Api, account: string): Promise<readonly Found[]> {
  const all: Found[] = []
  const query = { fields: 'id,name,subtype,operation_status', limit: A_PAGE }
  for (let after: string | undefined, page = 0; page < MOST_PAGES; page += 1) {
    const request = {
      method: 'GET',
      path: `/${account}/customaudiences`,
      query: { ...query, after },
    } as const
    const { data, paging } = objectIn((await ask(graph, request)).json)
    if (!Array.isArray(data)) throw unclear('its audiences')
    all.push(...objectsIn(data))
    const { next, cursors } = objectIn(paging)
    after = textIn(objectIn(cursors).after)
    // What `next` holds is an address with the token in it.
    if (next === undefined || after === undefined) return all
  }
  throw stop(
    `expected at most ${MOST_PAGES * A_PAGE} audiences in ${account}, found more: give the id of one`,
  )
}

const A_PAGE = 100

/** An account has at most some 11,000 of all kinds; more pages are a circle. */
const MOST_PAGES = 200

function checkedId({ id, subtype, operation_status: status }: Found): string {
  const known = idIn(id)
  if (known === undefined) throw unclear('the id of an audience')
  if (subtype !== CUSTOM)
    throw stop(`expected audience ${known} to be made of a list of customers, found ${String(subtype)}`)
  const { code, description } = objectIn(status)
  if (code !== FLAGGED) return known
  const why = cleanWords(textIn(description) ?? 'it is flagged')
  throw stop(
    `expected audience ${known} to take people, found it blocked: ${why}; see to it in Audience Manager`,
  )
}

const FLAGGED = 471

async function make(graph: Api, account: string, name: string, source: unknown): Promise<string> {
  const json = { name, subtype: CUSTOM, customer_file_source: source }
  const answer = await ask(graph, { method: 'POST', path: `/${account}/customaudiences`, json })
  const id = idIn(objectIn(answer.json).id)
  if (id === undefined) throw unclear('the id of the audience that it made')
  return id
}

function stop(message: string): DestinationError {
  return new DestinationError('stop', { message })
}

function unclear(what: string): DestinationError {
  return new DestinationError('retry', {
    message: `expected Meta to give ${what}, found another answer`,
    ambiguous: true,
  })
}
