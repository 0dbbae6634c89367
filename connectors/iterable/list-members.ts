import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { APPLIED, byKind, type Row, type RowReceipts } from '../../src/connector/rows.ts'
import type { Batch, Receipt } from '../../src/connector/types.ts'
import { bulkReceipts } from './failures.ts'
import { identityOf, madeWhenMissing } from './identity.ts'
import { MOST_BYTES } from './manifest.ts'

export async function writeMembers(
  api: Api,
  batch: Batch,
  list: () => Promise<string | undefined>,
): Promise<readonly Receipt[]> {
  if (batch.count === 0) return []
  const id = await list()
  if (id === undefined)
    throw new DestinationError('stop', { message: 'expected the setting "list" of the sync, found none' })
  const send = (path: string, subscribers: readonly object[]) =>
    api.send({ method: 'POST', path, json: { listId: Number(id), subscribers }, batch, maxBytes: MOST_BYTES })
  return byKind(batch, {
    removed: async (rows) => {
      const { json } = await send(
        '/api/lists/unsubscribe',
        rows.map(({ change }) => identityOf(change.key)),
      )
      return withoutMissing(json, rows)
    },
    written: async (rows) => {
      const people = rows.map(({ change }) => madeWhenMissing(identityOf(change.key)))
      const { json } = await send('/api/lists/subscribe', people)
      return bulkReceipts(json, rows)
    },
  })
}

/** Who is no user, or was forgotten, is on no list. */
function withoutMissing(json: unknown, rows: readonly Row[]): RowReceipts {
  return bulkReceipts(json, rows, (kind, usual) =>
    kind === 'notFound' || kind === 'forgotten' ? APPLIED : usual,
  )
}
