import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { startFake } from '../../connectors/klaviyo/fake.ts'
import { connector } from '../../connectors/klaviyo/index.ts'
import { systemClock } from '../../src/base/clock.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import type { FakeServer } from '../../src/connector/fake-server.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type {
  Batch,
  Change,
  Connection,
  ConnectorFake,
  HeldRow,
  JobAnswer,
  Receipt,
  Settings,
} from '../../src/connector/types.ts'
import { batchOf } from './batches.ts'

export interface Account {
  readonly fake: ConnectorFake
  readonly server: FakeServer
  readonly connection: Connection
  open(settings: Settings): Connection
  write(changes: readonly Change[]): Promise<readonly Receipt[]>
  held(): readonly HeldRow[]
  /** `METHOD /path` of each request, without the query. */
  asked(): readonly string[]
  bodies(path: string): readonly string[]
}

export async function account(
  context: TestContext,
  object: string,
  use?: Settings,
  more: Settings = {},
): Promise<Account> {
  const fake = await startFake()
  const server = fake.server ?? assert.fail()
  const tools = createHttpTools({ clock: systemClock })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  const open = (settings: Settings) =>
    connector.connect(settings, tools, { object, settings: use ?? fake.useOf?.(object) ?? {} })
  const connection = open({ ...fake.settings, ...more })
  return {
    ...{ fake, server, connection, open },
    write: (changes) => written(connection, batchOf(object, changes)),
    held: () => fake.held('', object),
    asked: () => server.requests.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`),
    bodies: (path) =>
      server.requests.filter((request) => request.path.startsWith(path)).map(({ body }) => body),
  }
}

export async function written(connection: Connection, batch: Batch): Promise<readonly Receipt[]> {
  if (batch.object === 'events') return connection.write(batch)
  const started = await connection.start?.(batch)
  if (started === undefined || 'receipts' in started) return started?.receipts ?? []
  const answer = await polled(connection, started.jobId, batch)
  assert.ok(answer.status === 'done', answer.status)
  return answer.receipts
}

export async function polled(connection: Connection, jobId: string, batch: Batch): Promise<JobAnswer> {
  const answer = await connection.poll?.(jobId, { ...batch, changes: async () => batch.changes() })
  return answer ?? assert.fail()
}

export const IMPORT = 'POST /api/profile-bulk-import-jobs'
export const add = (email: string, fields: Change['fields'] = {}): Change => ({
  op: 'add',
  key: { email },
  fields,
})
export const change = (email: string, fields: Change['fields']): Change => ({
  op: 'change',
  key: { email },
  fields,
})
export const remove = (email: string): Change => ({ op: 'remove', key: { email }, fields: {} })
export const APPLIED: Receipt = { status: 'applied' }
export const statuses = (receipts: readonly Receipt[]) => receipts.map(({ status }) => status)
export const refusalOf = async (work: Promise<unknown> | undefined): Promise<DestinationError> => {
  const error = await work?.catch((thrown: unknown) => thrown)
  assert.ok(error instanceof DestinationError, String(error))
  return error
}
