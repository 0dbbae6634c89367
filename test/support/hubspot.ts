import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { startFake } from '../../connectors/hubspot/fake.ts'
import { connector } from '../../connectors/hubspot/index.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import type { FakeServer } from '../../src/connector/fake-server.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type {
  Change,
  Connection,
  HeldRow,
  ObjectMode,
  ObjectUse,
  Receipt,
  Settings,
} from '../../src/connector/types.ts'
import { batchOf } from './batches.ts'

export interface Portal {
  readonly fake: Awaited<ReturnType<typeof startFake>>
  readonly server: FakeServer
  /** To one object, with the settings of a sync. */
  connect(object: string, settings?: Settings, use?: Partial<ObjectUse>): PortalObject
}

interface PortalObject {
  readonly connection: Connection
  write(changes: readonly Change[], mode?: ObjectMode): Promise<readonly Receipt[]>
  held(): readonly HeldRow[]
}

export async function portal(
  context: TestContext,
  { isInstalled = false, clock = systemClock }: { isInstalled?: boolean; clock?: Clock } = {},
): Promise<Portal> {
  const fake = await startFake()
  const tools = createHttpTools({ clock })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  return {
    fake,
    server: fake.server ?? assert.fail(),
    connect(object, settings = {}, use = {}) {
      const all = isInstalled ? fake.installedSettings : fake.settings
      const connection = connector.connect(all, tools, { object, settings, ...use })
      return {
        connection,
        write: (changes, mode = 'upsert') => connection.write({ ...batchOf(object, changes), mode }),
        held: () => fake.held('', object),
      }
    },
  }
}

export function add(key: Change['key'], fields: Change['fields'] = {}): Change {
  return { op: 'add', key, fields }
}

export function remove(key: Change['key']): Change {
  return { op: 'remove', key, fields: {} }
}

export const answer = (status: number, body: object, headers: Readonly<Record<string, string>> = {}) =>
  ({ kind: 'answer', status, body: JSON.stringify(body), headers }) as const

export const statuses = (receipts: readonly Receipt[]) => receipts.map(({ status }) => status)

/** What it throws, for a request that must not be taken. */
export async function errorOf(work: Promise<unknown>): Promise<DestinationError> {
  const outcome = await work.catch((error: unknown) => error)
  assert.ok(outcome instanceof DestinationError, String(outcome))
  return outcome
}

/** The last part of the paths that were asked, such as `upsert`. */
export function asked({ requests }: FakeServer): readonly string[] {
  return requests.map(({ path }) => path.slice(path.lastIndexOf('/') + 1))
}
