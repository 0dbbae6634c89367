import { answerWords } from '../../src/connector/answer-words.ts'
import type { Api } from '../../src/connector/api.ts'
import { allOf, byKind } from '../../src/connector/rows.ts'
import { objectIn } from '../../src/connector/shapes.ts'
import type { Batch, Change, JsonValue, Receipt } from '../../src/connector/types.ts'
import { trackReceipts } from './answers.ts'
import { MOST_BYTES } from './manifest.ts'

export function writeEvents(api: Api, batch: Batch): Promise<readonly Receipt[]> {
  return byKind(batch, {
    removed: async (rows) => allOf(rows, { status: 'rejected', error: 'Braze takes no event back' }),
    written: async (rows) => {
      const answer = await api.send({
        method: 'POST',
        path: '/users/track',
        json: { events: rows.map(({ change }) => eventOf(change)) },
        batch,
        maxBytes: MOST_BYTES,
      })
      return trackReceipts(answer, 'events', rows, answerWords(batch))
    },
  })
}

/** Of the event itself; every other field is one of its properties. */
const OWN: ReadonlySet<string> = new Set([
  'name',
  'time',
  'external_id',
  'braze_id',
  'email',
  'phone',
  'user_alias',
  'app_id',
  '_update_existing_only',
])

/** The key goes along as a property, so that events which came twice can be told there. */
function eventOf({
  key,
  fields: { properties = null, ...fields },
}: Change): Readonly<Record<string, JsonValue>> {
  const all = Object.entries(fields)
  return {
    ...Object.fromEntries(all.filter(([name, value]) => OWN.has(name) && value !== null)),
    properties: {
      ...(objectIn(properties) as Readonly<Record<string, JsonValue>>),
      ...Object.fromEntries(all.filter(([name]) => !OWN.has(name))),
      ...key,
    },
  }
}
