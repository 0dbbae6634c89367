import type { Api, ApiAnswer } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { oneByOne } from '../../src/connector/one-by-one.ts'
import { APPLIED, inOrder, type Row, rowsOf } from '../../src/connector/rows.ts'
import { idIn, objectIn } from '../../src/connector/shapes.ts'
import type { Batch, Change, Connection, Receipt } from '../../src/connector/types.ts'
import { jobText } from './jobs.ts'
import { idsOf } from './lookup.ts'
import { recordOf } from './records.ts'

/** Two jobs at the most: one that deletes and one that writes. Those to be deleted that are not there need none. */
export async function startUsers(
  api: Api,
  batch: Batch,
): Promise<Awaited<ReturnType<NonNullable<Connection['start']>>>> {
  const rows = rowsOf(batch.changes())
  const removed = rows.filter(({ change }) => change.op === 'remove')
  const written = rows.filter(({ change }) => change.op !== 'remove')
  const ids = await idsOf(api, 'users', removed, batch)
  const job = {
    users: removed.map((row) => ids.get(row) ?? ''),
    removing: ids.size === 0 ? undefined : await startRemoval(api, [...ids.values()], batch),
    writing: written.length === 0 ? undefined : await startWriting(api, written, batch),
  }
  if (job.removing === undefined && job.writing === undefined) return { receipts: rows.map(() => APPLIED) }
  return { jobId: jobText(job) }
}

async function startRemoval(api: Api, ids: readonly string[], batch: Batch): Promise<string> {
  const path = '/api/v2/users/destroy_many'
  return jobIn(await api.send({ method: 'DELETE', path, query: { ids: ids.join(',') }, batch }))
}

async function startWriting(api: Api, rows: readonly Row[], batch: Batch): Promise<string> {
  const answer = await api.send({
    method: 'POST',
    path: '/api/v2/users/create_or_update_many',
    json: { users: rows.map(({ change }) => ({ ...recordOf('users', change), ...UNASKED })) },
    answers: [403],
    batch,
  })
  if (answer.status === 403)
    throw new DestinationError('stop', {
      message:
        'Zendesk answered with 403: expected an admin, and imports of users in bulk to be enabled: they are off until the owner of the account asks Zendesk Customer Support to enable "bulk user imports"',
      status: 403,
    })
  return jobIn(answer)
}

/** Else Zendesk writes to each new user that they should verify their address. */
const UNASKED = { skip_verify_email: true }

function jobIn({ json }: ApiAnswer): string {
  const id = idIn(objectIn(objectIn(json).job_status).id)
  if (id !== undefined) return id
  throw new DestinationError('retry', {
    message: 'expected Zendesk to name the job, found an answer without its id',
    ambiguous: true,
  })
}

/** Deleted first, since only deleted users can be deleted for good. */
export async function eraseUsers(api: Api, keys: readonly Change['key'][]): Promise<readonly Receipt[]> {
  const rows = rowsOf(keys.map((key) => ({ op: 'remove', key, fields: {} })))
  const ids = await idsOf(api, 'users', rows)
  const told = await oneByOne(rows, async (row) => {
    const id = ids.get(row)
    if (id === undefined) return NOBODY
    const answers = [404]
    await api.send({ method: 'DELETE', path: `/api/v2/users/${id}`, answers })
    await api.send({ method: 'DELETE', path: `/api/v2/deleted_users/${id}`, answers })
    return APPLIED
  })
  return inOrder(rows, told)
}

/** Its lists of deleted users say nothing of their external ids, so none of them can be found. */
const NOBODY: Receipt = {
  status: 'rejected',
  error:
    'expected a user of Zendesk, found none; one that was deleted before is deleted for good there, among the deleted users',
}
