import { answerWords } from '../../src/connector/answer-words.ts'
import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import {
  APPLIED,
  allOf,
  byKind,
  inOrder,
  type Row,
  type RowReceipts,
  rowsOf,
} from '../../src/connector/rows.ts'
import { objectIn } from '../../src/connector/shapes.ts'
import type { Batch, Change, JsonValue, Receipt } from '../../src/connector/types.ts'
import { trackReceipts } from './answers.ts'
import { MOST_BYTES } from './manifest.ts'

export function writeUsers(api: Api, batch: Batch): Promise<readonly Receipt[]> {
  return byKind(batch, {
    removed: (rows) => deleteUsers(api, rows, batch),
    written: async (rows) => {
      const attributes = rows.map(({ change }) => attributesOf(change, batch.mode === 'update'))
      const answer = await api.send({
        method: 'POST',
        path: '/users/track',
        json: { attributes },
        batch,
        maxBytes: MOST_BYTES,
      })
      return trackReceipts(answer, 'attributes', rows, answerWords(batch))
    },
  })
}

export async function eraseUsers(api: Api, keys: readonly Change['key'][]): Promise<readonly Receipt[]> {
  const rows = rowsOf(keys.map((key) => ({ op: 'remove', key, fields: {} })))
  return inOrder(rows, await deleteUsers(api, rows))
}

/** Of one request, and of one kind of id each. */
const MOST_DELETED = 50

type Identifier = 'external_id' | 'braze_id' | 'email' | 'phone'

/** Which profile an address means is decided as `/users/track` does: one with an external_id first, then the latest. */
const PRIORITIZATION = ['identified', 'most_recently_updated']

const LIST_OF: Readonly<
  Record<Identifier, { readonly name: string; readonly item: (id: JsonValue) => JsonValue }>
> = {
  external_id: { name: 'external_ids', item: String },
  braze_id: { name: 'braze_ids', item: String },
  email: { name: 'email_addresses', item: (email) => ({ email, prioritization: PRIORITIZATION }) },
  phone: { name: 'phone_numbers', item: (phone) => ({ phone, prioritization: PRIORITIZATION }) },
}

function attributesOf({ key, fields }: Change, isUpdateOnly: boolean): Readonly<Record<string, JsonValue>> {
  const name = identifierOf(key)
  refuseOthers(name, fields)
  return { ...fields, [name]: String(key[name]), _update_existing_only: isUpdateOnly }
}

async function deleteUsers(api: Api, rows: readonly Row[], batch?: Batch): Promise<RowReceipts> {
  const told = new Map<Row, Receipt>()
  for (const [name, ofName] of Map.groupBy(rows, ({ change }) => identifierOf(change.key)))
    for (let start = 0; start < ofName.length; start += MOST_DELETED) {
      const some = ofName.slice(start, start + MOST_DELETED)
      for (const [row, receipt] of await deleteSome(api, name, some, batch)) told.set(row, receipt)
    }
  return told
}

/** Ids that no profile has are not told of: they are gone already. */
async function deleteSome(
  api: Api,
  name: Identifier,
  rows: readonly Row[],
  batch: Batch | undefined,
): Promise<RowReceipts> {
  const { name: list, item } = LIST_OF[name]
  const { json } = await api.send({
    method: 'POST',
    path: '/users/delete',
    json: { [list]: rows.map(({ change }) => item(change.key[name] ?? null)) },
    ...(batch === undefined ? {} : { batch }),
  })
  const { deleted, message } = objectIn(json)
  return typeof deleted === 'number' || message === 'queued' ? allOf(rows, APPLIED) : new Map()
}

function identifierOf(key: Change['key']): Identifier {
  const [name = '', ...more] = Object.keys(key)
  if (more.length === 0 && Object.hasOwn(LIST_OF, name)) return name as Identifier
  throw new DestinationError('stop', {
    message: `expected match with one of ${Object.keys(LIST_OF).join(', ')}, found ${[name, ...more].join(', ')}`,
  })
}

/** Braze would find the profile by such a field instead of by the key, and change another one. */
function refuseOthers(name: Identifier, fields: Change['fields']): void {
  const stronger = ['external_id', 'braze_id', 'user_alias', ...(name === 'phone' ? ['email'] : [])]
  const other = stronger.find((field) => field !== name && Object.hasOwn(fields, field))
  if (other === undefined) return
  throw new DestinationError('stop', {
    message: `expected no field "${other}" beside match by ${name}, because Braze would find users by it instead; match by ${other}, or take it out of map`,
  })
}
