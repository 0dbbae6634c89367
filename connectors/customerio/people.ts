import { answerWords } from '../../src/connector/answer-words.ts'
import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { byKind, inOrder, rowsOf } from '../../src/connector/rows.ts'
import type { Batch, Change, Receipt } from '../../src/connector/types.ts'
import { type Item, sendItems } from './batch.ts'

export function writePeople(api: Api, batch: Batch): Promise<readonly Receipt[]> {
  const from = { batch, words: answerWords(batch) }
  return byKind(batch, {
    removed: (rows) => sendItems(api, rows, ({ change }) => operation('delete', change.key), from),
    written: (rows) => sendItems(api, rows, ({ change }) => identify(change, batch.mode === 'update'), from),
  })
}

export async function erasePeople(api: Api, keys: readonly Change['key'][]): Promise<readonly Receipt[]> {
  const rows = rowsOf(keys.map((key) => ({ op: 'remove', key, fields: {} })))
  return inOrder(
    rows,
    await sendItems(api, rows, ({ change }) => operation('suppress', change.key), undefined),
  )
}

/** Null takes an attribute away. */
function identify({ key, fields }: Change, isUpdateOnly: boolean): Item {
  const attributes = isUpdateOnly ? { ...fields, _update: true } : fields
  return { ...operation('identify', key), attributes }
}

function operation(action: 'identify' | 'delete' | 'suppress', key: Change['key']): Item {
  const [[name, value] = ['', null], ...more] = Object.entries(key)
  if (more.length > 0)
    throw new DestinationError('stop', {
      message: `expected match with one of id, email, phone, cio_id, found ${Object.keys(key).join(', ')}`,
    })
  return { type: 'person', action, identifiers: { [name]: String(value) } }
}
