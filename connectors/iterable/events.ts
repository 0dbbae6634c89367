import type { Api } from '../../src/connector/api.ts'
import { allOf, byKind, type Row, type RowReceipts } from '../../src/connector/rows.ts'
import { unixSecondsOf } from '../../src/connector/times.ts'
import type { Batch, Change, JsonValue, Receipt } from '../../src/connector/types.ts'
import { bulkReceipts, refuseDropped } from './failures.ts'
import { MOST_BYTES } from './manifest.ts'

export function writeEvents(api: Api, batch: Batch): Promise<readonly Receipt[]> {
  return byKind(batch, {
    removed: async (rows) => allOf(rows, { status: 'rejected', error: 'Iterable takes no event back' }),
    written: async (rows) => {
      const problems: RowReceipts = new Map(rows.flatMap(problemOf))
      const good = rows.filter((row) => !problems.has(row))
      return new Map([...problems, ...(good.length > 0 ? await track(api, good, batch) : [])])
    },
  })
}

/** Of the event itself; every other field is one of its data fields. */
const OWN: ReadonlySet<string> = new Set([
  'eventName',
  'createdAt',
  'email',
  'userId',
  'campaignId',
  'templateId',
])

/** Of an id, in bytes. */
const LONGEST_ID = 512

async function track(api: Api, rows: readonly Row[], batch: Batch): Promise<RowReceipts> {
  const events = rows.map(({ change }) => eventOf(change))
  const request = { method: 'POST', path: '/api/events/trackBulk', json: { events } } as const
  const { json } = await api.send({ ...request, batch, maxBytes: MOST_BYTES })
  refuseDropped(json, rows)
  return bulkReceipts(json, rows)
}

/** What Iterable would say of the whole request. */
function problemOf(row: Row): readonly [Row, Receipt][] {
  const { key, fields } = row.change
  const problems: readonly (readonly [is: boolean, error: string])[] = [
    [isEmpty(fields.email) && isEmpty(fields.userId), 'expected email or userId, found neither'],
    [isEmpty(fields.eventName), 'expected "eventName", found none'],
    [
      Buffer.byteLength(String(key.id)) > LONGEST_ID,
      `expected an id of at most ${LONGEST_ID} bytes, found a longer one`,
    ],
    [
      !isEmpty(fields.createdAt) && unixSecondsOf(fields.createdAt) === undefined,
      'expected "createdAt" to be a time in ISO 8601 or whole seconds since 1970, found something else',
    ],
  ]
  const [, error] = problems.find(([is]) => is) ?? []
  return error === undefined ? [] : [[row, { status: 'rejected', error }]]
}

/** An event may have one of the two ids only. */
function eventOf({ key, fields }: Change): Readonly<Record<string, JsonValue>> {
  const { eventName, createdAt, email, userId, campaignId, templateId } = fields
  const own = {
    ...(isEmpty(email) ? { userId: String(userId) } : { email: String(email) }),
    eventName: String(eventName),
    createdAt: unixSecondsOf(createdAt),
    campaignId,
    templateId,
  }
  return {
    id: String(key.id),
    ...Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined && value !== null)),
    dataFields: Object.fromEntries(Object.entries(fields).filter(([name]) => !OWN.has(name))),
  }
}

function isEmpty(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === ''
}
