import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import type { Row } from '../../src/connector/rows.ts'
import type { Batch } from '../../src/connector/types.ts'
import { codeOf } from './api.ts'
import { type FoundProfile, profilesBy } from './lookup.ts'
import { attributesOf, heldUnder, profileOf } from './profile.ts'

/** Why a profile was not cleared, by the place of its row. */
export type Refusals = ReadonlyMap<number, string>

/**
 * An import leaves attributes as they are that come as null, so those of the rows that Klaviyo holds a value for are
 * set to null one profile at a time. What it does not hold costs no more than the look-up.
 */
export async function clearAttributes(api: Api, rows: readonly Row[], batch: Batch): Promise<Refusals> {
  const wanted = rows.flatMap((row) => {
    const { cleared } = profileOf(row.change)
    return cleared.length === 0 ? [] : [{ row, key: row.change.key, cleared }]
  })
  const names = [...new Set(wanted.flatMap(({ cleared }) => cleared))]
  const found = await profilesBy(api, wanted, names, batch)
  const held = [...found].flatMap(([{ row, cleared }, profile]) => {
    const full = cleared.filter((name) => !isEmpty(heldUnder(name, profile.attributes)))
    return full.length === 0 ? [] : [{ row, profile, full }]
  })
  if (held.length > MOST_CLEARED && batch.count > 1) throw tooMany(held.length)
  const refusals = new Map<number, string>()
  for (const { row, profile, full } of held) {
    const refusal = await clear(api, profile, full, batch)
    if (refusal !== undefined) refusals.set(row.index, refusal)
  }
  return refusals
}

/** A batch must not take minutes: at 20 requests a second this is five seconds. */
const MOST_CLEARED = 100

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

/** Gives why it was refused. A profile that went away meanwhile has nothing to clear. */
async function clear(
  api: Api,
  { id }: FoundProfile,
  names: readonly string[],
  batch: Batch,
): Promise<string | undefined> {
  const answer = await api.send({
    method: 'PATCH',
    path: `/api/profiles/${encodeURIComponent(id)}`,
    json: { data: { type: 'profile', id, attributes: attributesOf(names.map((name) => [name, null])) } },
    answers: [400, 404, 409, 422],
    batch,
  })
  return answer.status === 404 || answer.status < 300 ? undefined : codeOf(answer)
}

function tooMany(found: number): DestinationError {
  return new DestinationError('split', {
    message: `expected at most ${MOST_CLEARED} profiles of which a batch clears fields, found ${found}`,
  })
}
