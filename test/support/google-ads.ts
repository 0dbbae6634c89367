import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { TestContext } from 'node:test'
import { type GoogleAdsFake, startFake } from '../../connectors/google-ads/fake.ts'
import { connector } from '../../connectors/google-ads/index.ts'
import { GOOGLE_ADS_MANIFEST } from '../../connectors/google-ads/manifest.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { defaultsOf } from '../../src/connector/defaults.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type {
  Change,
  Connection,
  JobAnswer,
  ObjectUse,
  Receipt,
  Settings,
} from '../../src/connector/types.ts'
import { batchOf } from './batches.ts'

/** Connections to one fake of Google's. */
export interface GoogleAdsRig {
  readonly fake: GoogleAdsFake
  readonly object: 'audience' | 'events'
  readonly connection: Connection
  /** What was counted as invalid. */
  readonly invalid: readonly number[]
  connect(settings?: Settings, use?: Settings, more?: Partial<ObjectUse>): Connection
  /** Bodies of requests whose path ends so. */
  sent(path: string): readonly SentBody[]
}

/** Of the parts that tests look into. */
export interface SentBody {
  readonly audienceMembers?: readonly {
    readonly userData?: { readonly userIdentifiers: readonly object[] }
    readonly consent?: object
  }[]
  readonly events?: readonly object[]
  readonly consent?: object
}

export async function googleAdsRig(
  context: TestContext,
  object: 'audience' | 'events',
  { clock = systemClock }: { readonly clock?: Clock } = {},
): Promise<GoogleAdsRig> {
  const fake = await startFake()
  const tools = createHttpTools({ clock })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  const invalid: number[] = []
  const told = { ...tools, onInvalid: (entries: number) => void invalid.push(entries) }
  const definitions = GOOGLE_ADS_MANIFEST.objects[object]?.settings
  const connect = (settings: Settings = {}, use: Settings = {}, more: Partial<ObjectUse> = {}) =>
    connector.connect({ ...defaultsOf(GOOGLE_ADS_MANIFEST.settings), ...fake.settings, ...settings }, told, {
      object,
      settings: { ...defaultsOf(definitions), ...fake.useOf?.(object), ...use },
      ...more,
    })
  return {
    ...{ fake, object, invalid, connect, connection: connect() },
    sent: (path) =>
      (fake.server?.requests ?? [])
        .filter((request) => request.method === 'POST' && request.path.endsWith(path))
        .map(({ body }) => JSON.parse(body)),
  }
}

/** As the engine hashes it, of a value without anything to be normalised. */
export function hashed(kind: string, value: string): string {
  return `${kind}:${sha256(value)}`
}

export function sha256(value: string): string {
  return createHash('sha256').update(value).digest('hex')
}

export async function startJob(
  { object }: GoogleAdsRig,
  connection: Connection,
  changes: readonly Change[],
): Promise<string> {
  const started = await connection.start?.(batchOf(object, changes))
  assert.ok(started !== undefined && 'jobId' in started, 'it was answered at once')
  return started.jobId
}

export async function pollOnce(
  { object }: GoogleAdsRig,
  connection: Connection,
  jobId: string,
  changes: readonly Change[],
): Promise<JobAnswer> {
  const { changesJson: _, changes: read, ...known } = batchOf(object, changes)
  const answer = await connection.poll?.(jobId, { ...known, changes: async () => read() })
  return answer ?? assert.fail('the connection polls no jobs')
}

/** As the engine does it: jobs that are slow are asked for again, and rows to be sent again are sent again. */
export async function send(
  rig: GoogleAdsRig,
  changes: readonly Change[],
  connection = rig.connection,
): Promise<readonly Receipt[]> {
  const started = await connection.start?.(batchOf(rig.object, changes))
  assert.ok(started !== undefined)
  if ('receipts' in started) return started.receipts
  const answer = await pollOnce(rig, connection, started.jobId, changes)
  assert.ok(answer.status === 'done', JSON.stringify(answer))
  const again = changes.filter((_, index) => answer.receipts[index]?.status === 'retry')
  const later = again.length > 0 ? [...(await send(rig, again, connection))] : []
  return answer.receipts.map((receipt) => (receipt.status === 'retry' ? (later.shift() ?? receipt) : receipt))
}

export async function errorOf(work: Promise<unknown>): Promise<DestinationError> {
  const outcome = await work.catch((error: unknown) => error)
  assert.ok(outcome instanceof DestinationError, String(outcome))
  return outcome
}
