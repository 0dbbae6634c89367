import { answerWords } from '../../src/connector/answer-words.ts'
import type { Api } from '../../src/connector/api.ts'
import { allOf, byKind, type Row, type RowReceipts } from '../../src/connector/rows.ts'
import { unixSecondsOf } from '../../src/connector/times.ts'
import type { Batch, Change, JsonValue, Receipt } from '../../src/connector/types.ts'
import { type Item, sendItems } from './batch.ts'
import { ulidOf } from './ulid.ts'

export function writeEvents(api: Api, batch: Batch): Promise<readonly Receipt[]> {
  const from = { batch, words: answerWords(batch) }
  return byKind(batch, {
    removed: async (rows) => allOf(rows, { status: 'rejected', error: 'Customer.io takes no event back' }),
    written: async (rows) => {
      const problems: RowReceipts = new Map(rows.flatMap(problemOf))
      const good = rows.filter((row) => !problems.has(row))
      return new Map([...problems, ...(await sendItems(api, good, ({ change }) => eventOf(change), from))])
    },
  })
}

/** Fields that say whose event it is, and what the API calls them; the first that has a value is taken. */
const PERSON: Readonly<Record<string, string>> = {
  person_id: 'id',
  cio_id: 'cio_id',
  email: 'email',
  phone: 'phone',
}

/** Of the event itself; every other field is one of its attributes. */
const OWN: ReadonlySet<string> = new Set([...Object.keys(PERSON), 'name', 'timestamp'])

/** What the API would say of the whole request, or not notice. */
function problemOf(row: Row): readonly [Row, Receipt][] {
  const { fields } = row.change
  const error = Object.keys(PERSON).every((name) => isEmpty(fields[name]))
    ? `expected one of ${Object.keys(PERSON).join(', ')}, found none`
    : !isEmpty(fields.timestamp) && unixSecondsOf(fields.timestamp) === undefined
      ? 'expected "timestamp" to be a time in ISO 8601 or whole seconds since 1970, found something else'
      : undefined
  return error === undefined ? [] : [[row, { status: 'rejected', error }]]
}

/** The key goes along as an attribute too, to be found there. */
function eventOf({ key, fields }: Change): Item {
  const { name = null } = fields
  const timestamp = unixSecondsOf(fields.timestamp)
  const person = Object.keys(PERSON).find((one) => !isEmpty(fields[one])) ?? ''
  return {
    type: 'person',
    action: 'event',
    identifiers: { [PERSON[person] ?? '']: String(fields[person]) },
    id: ulidOf(String(key.event_id), String(name), (timestamp ?? 0) * 1000),
    name,
    ...(timestamp === undefined ? {} : { timestamp }),
    attributes: {
      ...Object.fromEntries(Object.entries(fields).filter(([field]) => !OWN.has(field))),
      ...key,
    },
  }
}

function isEmpty(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === ''
}
