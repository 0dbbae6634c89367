import type { Api, ApiAnswer } from '../../src/connector/api.ts'
import { APPLIED, type Row, type RowReceipts, rowAt, withItems } from '../../src/connector/rows.ts'
import { objectIn, objectsIn } from '../../src/connector/shapes.ts'
import type { Batch, JsonValue, Receipt } from '../../src/connector/types.ts'
import { MOST_BYTES, MOST_ITEM_BYTES } from './manifest.ts'

export type Item = Readonly<Record<string, JsonValue>>
type Words = (index: number, said: unknown) => string | undefined

/** Sends one operation a row. Without a batch, what Customer.io says of a row is not passed on. */
export async function sendItems(
  api: Api,
  rows: readonly Row[],
  itemOf: (row: Row) => Item,
  from: { readonly batch: Batch; readonly words: Words } | undefined,
): Promise<RowReceipts> {
  const { items, tooLong } = withItems(rows, itemOf, MOST_ITEM_BYTES)
  if (items.length === 0) return tooLong
  const answer = await api.send({
    method: 'POST',
    path: '/api/v2/batch',
    json: { batch: items.map(([, item]) => item) },
    maxBytes: MOST_BYTES,
    ...(from === undefined ? {} : { batch: from.batch }),
  })
  const sent = items.map(([row]) => row)
  return new Map([...tooLong, ...receiptsOf(answer, sent, from?.words ?? (() => undefined))])
}

/** The first error of a whole request. */
export function wordsOf(json: unknown): string | undefined {
  const { errors, meta } = objectIn(json)
  const [first] = objectsIn(errors)
  return first === undefined ? textOf(objectIn(meta).error) : reasonOf(first)
}

/** 200 says that all were taken, 207 which were not. An error that names no row leaves the fate of all others open. */
function receiptsOf({ status, json }: ApiAnswer, rows: readonly Row[], words: Words): RowReceipts {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return new Map()
  const { errors = status === 207 ? undefined : [] } = objectIn(json)
  const named = objectsIn(errors).flatMap((error): [Row, Receipt][] => {
    const row = rowAt(rows, error.batch_index)
    if (row === undefined) return []
    const said = words(row.index, reasonOf(error)) ?? 'no reason given'
    return [[row, { status: 'rejected', error: `Customer.io: ${said}` }]]
  })
  const isEveryOneNamed = Array.isArray(errors) && named.length === errors.length
  const others = isEveryOneNamed ? rows.map((row): [Row, Receipt] => [row, APPLIED]) : []
  return new Map([...others, ...named])
}

/** `invalid attributes.age: must be a number`. */
function reasonOf({ reason, field, message }: Readonly<Record<string, unknown>>): string {
  const kind = [reason, field].filter((word) => textOf(word) !== undefined).join(' ')
  return [kind, textOf(message) ?? ''].filter((part) => part !== '').join(': ')
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
