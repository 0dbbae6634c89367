import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { defaultsOf } from '../../src/connector/defaults.ts'
import type { FakeServer } from '../../src/connector/fake-server.ts'
import { createHttpTools, type SentRequest } from '../../src/connector/http-client.ts'
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
import { batchOf, changesFor } from '../support/batches.ts'
import { addOf, asHeld } from './people.ts'
import type { Subject } from './subjects.ts'

/** A subject, connected to its fake. */
export interface Rig extends Subject {
  readonly fake: ConnectorFake
  /** As a project names it. */
  readonly objectName: string
  readonly connection: Connection
  /** Another one to the same fake, as another process opens it. */
  reconnect(): Promise<Connection>
  readonly sent: readonly SentRequest[]
  /** Adds of different rows that the object takes: the first has the index `from`. */
  changes(count: number, from?: number): readonly Change[]
  batch(changes: readonly Change[]): Batch
  /** In batches of as many as the object takes at once. */
  write(changes: readonly Change[]): Promise<readonly Receipt[]>
  held(): readonly HeldRow[]
  /** What it should hold of these rows. */
  asHeld(rows: readonly Change[]): readonly HeldRow[]
  /** What the connection said of entries that the destination counts as invalid. */
  readonly invalid: readonly number[]
}

export async function rigOf(context: TestContext, subject: Subject, settings: Settings = {}): Promise<Rig> {
  const fake = await fakeOf(context, subject)
  const sent: SentRequest[] = []
  const invalid: number[] = []
  const object = objectNameOf(subject, fake)
  const reconnect = () => connect(context, subject, { fake, settings, sent, invalid })
  const connection = await reconnect()
  const batch = (changes: readonly Change[]): Batch => ({
    ...batchOf(object, changes),
    mode: subject.definition.modes[0] ?? 'upsert',
    ...(subject.isBulk ? { isBulk: true } : {}),
  })
  return {
    ...subject,
    ...{ fake, objectName: object, connection, reconnect, sent, invalid, batch },
    changes: (count, from = 0) => sampleChanges(subject, fake, count, from),
    write: async (changes) => {
      const receipts: Receipt[] = []
      for (const some of inBatches(changes, subject.caps.maxItems))
        receipts.push(...(await take(connection, batch(some), subject)))
      return receipts
    },
    held: () => fake.held('conformance', object),
    asHeld: (rows) => asHeld(subject, rows),
  }
}

const started = new WeakMap<TestContext, ConnectorFake[]>()

/** A new one, closed after the test. */
export async function fakeOf(context: TestContext, { entry }: Subject): Promise<ConnectorFake> {
  const fake = await (await entry.loadFake())()
  context.after(() => fake.close())
  started.set(context, [...fakesOf(context), fake])
  return fake
}

/** Those that were started for this test. */
export function fakesOf(context: TestContext): readonly ConnectorFake[] {
  return started.get(context) ?? []
}

/** As a project names it. */
export function objectNameOf({ object, name }: Subject, fake: ConnectorFake): string {
  if (object !== '*') return object
  return fake.objectNames?.[0] ?? assert.fail(`expected the fake of ${name} to say what * may be`)
}

export function sampleChanges(
  { object, definition, name }: Subject,
  fake: ConnectorFake,
  count: number,
  from: number,
): readonly Change[] {
  if (fake.sample === undefined) return changesFor({ object, definition }, from + count).slice(from)
  const named = objectNameOf({ object, name } as Subject, fake)
  return Array.from({ length: count }, (_, index) => {
    const sample = fake.sample?.(named, from + index)
    assert.ok(sample !== undefined)
    return addOf(sample)
  })
}

async function connect(
  context: TestContext,
  subject: Subject,
  parts: {
    readonly fake: ConnectorFake
    readonly settings: Settings
    readonly sent: SentRequest[]
    readonly invalid: number[]
  },
): Promise<Connection> {
  const { fake, settings, sent, invalid } = parts
  const directory = mkdtempSync(join(tmpdir(), 'sluice-conformance-'))
  const tools = createHttpTools({
    ...{ clock: systemClock, directory },
    onRequest: (request) => sent.push(request),
  })
  context.after(async () => {
    await tools.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const { entry, definition } = subject
  const object = objectNameOf(subject, fake)
  const use = { object, settings: { ...defaultsOf(definition.settings), ...fake.useOf?.(object) } }
  const all = { ...defaultsOf(entry.manifest.settings), ...fake.settings, ...settings }
  const told = { ...tools, onInvalid: (entries: number) => void invalid.push(entries) }
  return (await entry.load()).connect(all, told, use)
}

function inBatches(changes: readonly Change[], size: number): readonly (readonly Change[])[] {
  const count = Math.max(Math.ceil(changes.length / size), 1)
  return Array.from({ length: count }, (_, at) => changes.slice(at * size, (at + 1) * size))
}

/** As the engine does it, with a destination that is in no hurry but never slow. */
async function take(connection: Connection, batch: Batch, subject: Subject): Promise<readonly Receipt[]> {
  if (!subject.asJobs) return connection.write(batch)
  if (batch.count === 0) return []
  assert.ok(connection.start !== undefined, 'the connection starts no jobs')
  const started = await connection.start(batch)
  if ('receipts' in started) return started.receipts
  const answer = await pollToTheEnd(connection, started.jobId, batch)
  assert.ok(answer.status === 'done', `${answer.status}: ${'error' in answer ? answer.error : ''}`)
  return withThoseOfAgain(connection, batch, subject, answer.receipts)
}

/** Some do the work of a row by two jobs: it is sent again for the second. */
async function withThoseOfAgain(
  connection: Connection,
  batch: Batch,
  subject: Subject,
  receipts: readonly Receipt[],
): Promise<readonly Receipt[]> {
  const { attempt = 1 } = batch
  const again = batch.changes().filter((_, at) => receipts[at]?.status === 'retry')
  if (again.length === 0) return receipts
  assert.ok(attempt < MOST_POLLS, `expected rows to be done after ${attempt} jobs`)
  const next = { ...batch, ...batchOf(batch.object, again), mode: batch.mode, attempt: attempt + 1 }
  const later = (await take(connection, next, subject)).values()
  return receipts.map((receipt) => (receipt.status === 'retry' ? (later.next().value ?? receipt) : receipt))
}

export async function start(connection: Connection, batch: Batch): Promise<string> {
  assert.ok(connection.start !== undefined, 'the connection starts no jobs')
  const started = await connection.start(batch)
  assert.ok('jobId' in started, 'it was answered at once')
  return started.jobId
}

export function poll(connection: Connection, jobId: string, batch: Batch): Promise<JobAnswer> {
  assert.ok(connection.poll !== undefined, 'the connection polls no jobs')
  const { changesJson: _, changes, ...known } = batch
  return connection.poll(jobId, { ...known, changes: async () => changes() })
}

/** Some APIs pass through states of their own. */
export async function pollToTheEnd(connection: Connection, jobId: string, batch: Batch): Promise<JobAnswer> {
  for (let polls = 0; polls < MOST_POLLS; polls += 1) {
    const answer = await poll(connection, jobId, batch)
    if (answer.status !== 'running') return answer
  }
  assert.fail(`expected the job to end within ${MOST_POLLS} questions, found it running`)
}

/** Those that are slow on purpose are so for two or three. */
const MOST_POLLS = 10

export function serverOf(fake: ConnectorFake): FakeServer {
  return fake.server ?? assert.fail('the fake has no server')
}

export function applied(changes: readonly Change[]): readonly Receipt[] {
  return changes.map(() => ({ status: 'applied' }))
}

/** Its first field for any text has this one, or none. */
export function withText({ definition }: Subject, row: Change, value: string | null): Change {
  const name = Object.keys(row.fields).find(
    (field) => typeof row.fields[field] === 'string' && definition.fields?.[field]?.required !== true,
  )
  assert.ok(name !== undefined, 'the sample has a field for any text')
  return { ...row, fields: { ...row.fields, [name]: value } }
}

/** Batches go out side by side, so rows arrive in any order. */
export function sorted(rows: readonly HeldRow[]): readonly HeldRow[] {
  const named = rows.map((row) => [JSON.stringify(Object.entries(row.key).sort()), row] as const)
  return named.sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row)
}
