import type { Api } from '../../src/connector/api.ts'
import { oneByOne } from '../../src/connector/one-by-one.ts'
import { APPLIED, inOrder, rowsOf } from '../../src/connector/rows.ts'
import { idIn, objectIn } from '../../src/connector/shapes.ts'
import type { Batch, Change, Receipt } from '../../src/connector/types.ts'
import { unanswered } from '../../src/connector/unanswered.ts'
import { idsOf } from './lookup.ts'
import { recordOf } from './records.ts'

/** There is no request that creates or updates many of them by their external ids. */
export async function writeOrganizations(api: Api, batch: Batch): Promise<readonly Receipt[]> {
  const rows = rowsOf(batch.changes())
  const removed = rows.filter(({ change }) => change.op === 'remove')
  const ids = await idsOf(api, 'organizations', removed, batch)
  const told = await oneByOne(rows, async (row) => {
    if (row.change.op !== 'remove') return write(api, row.change, batch)
    const id = ids.get(row)
    if (id !== undefined)
      await api.send({ method: 'DELETE', path: `/api/v2/organizations/${id}`, answers: [404], batch })
    return APPLIED
  })
  return inOrder(rows, told)
}

async function write(api: Api, change: Change, batch: Batch): Promise<Receipt> {
  const { json } = await api.send({
    method: 'POST',
    path: '/api/v2/organizations/create_or_update',
    json: { organization: recordOf('organizations', change) },
    batch,
  })
  return idIn(objectIn(objectIn(json).organization).id) === undefined
    ? unanswered('expected Zendesk to answer with the organization, found another answer')
    : APPLIED
}
