import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { CONNECTORS } from '../../connectors/index.ts'
import { systemClock } from '../../src/base/clock.ts'
import { registerSecret } from '../../src/base/redact.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import type { FakeServer, Fault } from '../../src/connector/fake-server.ts'
import { createHttpTools, type SentRequest } from '../../src/connector/http-client.ts'
import type {
  Batch,
  Change,
  Connection,
  ConnectorEntry,
  ConnectorFake,
  HeldRow,
  JobAnswer,
  Manifest,
  Receipt,
  Settings,
} from '../../src/connector/types.ts'
import { JOBS_ENTRY } from '../support/async-destination.ts'
import { batchOf, changesFor, type Sample } from '../support/batches.ts'

/** A connector, connected to its fake. */
interface Rig extends Sample {
  readonly manifest: Manifest
  readonly fake: ConnectorFake
  readonly connection: Connection
  readonly sent: readonly SentRequest[]
  write(changes: readonly Change[]): Promise<readonly Receipt[]>
  held(): readonly HeldRow[]
}

interface Case extends Sample {
  readonly entry: ConnectorEntry
}

/** And one that stands for those that take batches as jobs. */
const REGISTERED: ReadonlyMap<string, ConnectorEntry> = new Map([...CONNECTORS, ['jobs', JOBS_ENTRY]])

const CASES: readonly Case[] = [...REGISTERED.values()].flatMap((entry) =>
  Object.entries(entry.manifest.objects).map(([object, definition]) => ({ entry, object, definition })),
)

/** Fakes answer at once; a test must not wait for the engine's default. */
const IMPATIENT_SECONDS = 1

async function rig(
  context: TestContext,
  { entry, object, definition }: Case,
  settings: Settings = {},
): Promise<Rig> {
  const fake = await (await entry.loadFake())()
  const sent: SentRequest[] = []
  const tools = createHttpTools({ clock: systemClock, onRequest: (request) => sent.push(request) })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  const connector = await entry.load()
  const connection = connector.connect({ ...fake.settings, ...settings }, tools)
  return {
    manifest: entry.manifest,
    object,
    definition,
    fake,
    connection,
    sent,
    write: (changes) => {
      const batch = batchOf(object, changes)
      return definition.async === true ? writeAsJob(connection, batch) : connection.write(batch)
    },
    held: () => fake.held('conformance', object),
  }
}

function forEach(
  what: string,
  body: (context: TestContext, one: Case) => Promise<void>,
  only?: (one: Case) => boolean,
): void {
  for (const one of CASES)
    if (only?.(one) !== false)
      test(`${one.entry.manifest.name}.${one.object}: ${what}`, (context) => body(context, one))
}

const applied = (changes: readonly Change[]) => changes.map(() => ({ status: 'applied' }))

test('every connector is registered under its own name, with a fake, and its manifest is whole', async () => {
  for (const [name, { manifest, load, loadFake }] of REGISTERED) {
    assert.equal(manifest.name, name)
    assert.equal((await load()).manifest, manifest)
    assert.equal(typeof (await loadFake()), 'function')
    assert.ok(Object.keys(manifest.objects).length > 0)
    for (const [setting, definition] of Object.entries(manifest.settings)) {
      assert.match(setting, /^[a-z][a-z0-9_]*$/)
      assert.match(definition.description, /^[A-Z].*\.$/, `${name}.${setting}`)
      assert.ok(definition.required !== true || definition.default === undefined)
    }
    for (const [object, definition] of Object.entries(manifest.objects)) {
      assert.match(object, /^[a-z][a-z0-9_]*$/)
      const { itemsSetting, maxBytes, maxItems } = definition.batch
      assert.ok(maxItems >= 1 && maxBytes >= 1000)
      if (itemsSetting !== undefined) assert.equal(manifest.settings[itemsSetting]?.maximum, maxItems)
      assert.equal(definition.modes.includes('mirror'), definition.remove === 'delete')
      for (const key of Object.keys(definition.keyNormalizers)) assert.ok(definition.keys?.includes(key))
    }
  }
})

forEach('an account is named, the same every time, and without a secret', async (context, one) => {
  const { connection, fake } = await rig(context, one)
  const account = await connection.account()
  assert.ok(account.length > 0)
  assert.equal(await connection.account(), account)
  for (const secret of secretsOf(one.entry.manifest, fake.settings)) assert.ok(!account.includes(secret))
})

forEach('adds, changes and removals end as the destination should be', async (context, one) => {
  const { write, held, definition } = await rig(context, one)
  const [first, second, third] = changesFor(one, 3) as [Change, Change, Change]
  assert.deepEqual(await write([first, second, third]), applied([first, second, third]))
  assert.deepEqual(held(), [first, second, third].map(rowOf))
  const changed: Change = { ...second, op: 'change', fields: changesFor(one, 9)[8]?.fields ?? {} }
  assert.deepEqual(await write([changed]), applied([changed]))
  assert.deepEqual(held(), [first, changed, third].map(rowOf))
  if (definition.remove !== 'delete') return
  const removal: Change = { op: 'remove', key: first.key, fields: {} }
  assert.deepEqual(await write([removal]), applied([removal]))
  assert.deepEqual(held(), [changed, third].map(rowOf))
})

forEach('values of any script, quotes, line ends and null arrive as they are', async (context, one) => {
  const { write, held } = await rig(context, one)
  const changes = changesFor(one, VALUES.length).map((change, index) =>
    withValue(change, VALUES[index] ?? null),
  )
  assert.deepEqual(await write(changes), applied(changes))
  assert.deepEqual(held().map(withoutEmpty), changes.map(rowOf).map(withoutEmpty))
})

forEach('a full batch is taken, with one receipt a change', async (context, one) => {
  const { write, held, definition } = await rig(context, one)
  const changes = changesFor(one, Math.min(definition.batch.maxItems, MANY))
  assert.deepEqual(await write(changes), applied(changes))
  assert.equal(held().length, changes.length)
})

forEach(
  'an empty batch is no request',
  async (context, one) => {
    const { write, sent } = await rig(context, one)
    assert.deepEqual(await write([]), [])
    assert.equal(sent.length, 0)
  },
  ({ definition }) => definition.async !== true,
)

forEach(
  'the same batch twice leaves the same state',
  async (context, one) => {
    const { write, held } = await rig(context, one)
    const changes = changesFor(one, 3)
    await write(changes)
    const state = held()
    assert.deepEqual(await write(changes), applied(changes))
    assert.deepEqual(held(), state)
  },
  ({ definition }) => definition.idempotent,
)

forEach(
  'the removal of what is not there is applied',
  async (context, one) => {
    const { write } = await rig(context, one)
    const removals = changesFor(one, 2).map(({ key }): Change => ({ op: 'remove', key, fields: {} }))
    assert.deepEqual(await write(removals), applied(removals))
  },
  ({ definition }) => definition.remove === 'delete',
)

/** A fault of the whole request, and what the engine must be told. */
const FAULTS: readonly (readonly [what: string, fault: Fault, expected: Partial<DestinationError>])[] = [
  ['429 without Retry-After', { kind: 'answer', status: 429 }, { action: 'retry', ambiguous: false }],
  [
    '429 with Retry-After',
    { kind: 'answer', status: 429, headers: { 'retry-after': '7' } },
    { action: 'retry', afterMs: 7000, ambiguous: false },
  ],
  ['500 before applying', { kind: 'answer', status: 500 }, { action: 'retry', ambiguous: true }],
  [
    '500 after applying',
    { kind: 'answer', status: 500, applied: true },
    { action: 'retry', ambiguous: true },
  ],
  [
    '503',
    { kind: 'answer', status: 503, headers: { 'retry-after': '2' } },
    { action: 'retry', afterMs: 2000 },
  ],
  ['a timeout', { kind: 'hang' }, { action: 'retry', ambiguous: true }],
  ['a timeout after applying', { kind: 'hang', applied: true }, { action: 'retry', ambiguous: true }],
  ['a reset', { kind: 'reset' }, { action: 'retry', ambiguous: true }],
  ['a reset after applying', { kind: 'reset', applied: true }, { action: 'retry', ambiguous: true }],
  ['an answer that is cut', { kind: 'cut' }, { action: 'retry', ambiguous: true }],
  ['an answer that drips', { kind: 'drip' }, { action: 'retry', ambiguous: true }],
  ['401', { kind: 'answer', status: 401 }, { action: 'refresh' }],
  ['403', { kind: 'answer', status: 403 }, { action: 'stop' }],
  ['404', { kind: 'answer', status: 404 }, { action: 'stop' }],
  ['410', { kind: 'answer', status: 410 }, { action: 'stop' }],
  ['a redirect to another host', redirect('https://elsewhere.example/'), { action: 'stop' }],
  ['a redirect to a metadata service', redirect('http://169.254.169.254/latest'), { action: 'stop' }],
]

for (const [what, fault, expected] of FAULTS)
  forEach(
    `${what} is told as ${expected.action}, and the same batch then arrives once`,
    async (context, one) => {
      const { write, held, fake, definition } = await rig(context, one, {
        timeout_seconds: IMPATIENT_SECONDS,
      })
      const changes = changesFor(one, 3)
      serverOf(fake).script(fault)
      const error = await errorOf(write(changes))
      assert.deepEqual({ ...error, ...expected }, { ...error })
      assert.deepEqual(await write(changes), applied(changes))
      if (definition.idempotent) assert.deepEqual(held(), changes.map(rowOf))
    },
    isHttp,
  )

forEach(
  '422 splits a batch, and is told for the row that is alone',
  async (context, one) => {
    const { write, fake } = await rig(context, one)
    for (const count of [3, 1]) {
      serverOf(fake).script({ kind: 'answer', status: 422, body: '{"message":"no"}' })
      assert.equal((await errorOf(write(changesFor(one, count)))).action, 'split')
    }
  },
  isHttp,
)

forEach(
  'an answer that makes no sense never gives another number of receipts than changes, and says of none that it was not applied',
  async (context, one) => {
    const { write, fake } = await rig(context, one)
    for (const body of NONSENSE) {
      serverOf(fake).script({ kind: 'answer', status: 200, body })
      const outcome = await write(changesFor(one, 3)).catch((error) => error)
      if (outcome instanceof DestinationError) continue
      assert.equal(outcome.length, 3, body.slice(0, 50))
      for (const receipt of outcome)
        assert.ok(
          receipt.status === 'applied' || (receipt.status === 'retry' && receipt.ambiguous === true),
          body,
        )
    }
  },
  isHttp,
)

forEach(
  'no error names a secret, a key or a value of a row, though the destination quotes them all',
  async (context, one) => {
    const { write, fake, manifest } = await rig(context, one)
    const changes = changesFor(one, 2)
    const secrets = secretsOf(manifest, fake.settings)
    for (const secret of secrets) registerSecret(secret)
    for (const status of [200, 207, 400, 401, 403, 422, 429, 500]) {
      const quoted = JSON.stringify([secrets, changes])
      const body = JSON.stringify({ message: quoted, results: [{ status: 'rejected', error: quoted }] })
      serverOf(fake).script({ kind: 'answer', status, body, headers: { 'x-quoted': secrets.join(' ') } })
      const outcome = await write(changes).catch((error) => error)
      const said = outcome instanceof Error ? [outcome.message, outcome.stack, { ...outcome }] : outcome
      const text = JSON.stringify(said)
      for (const hidden of [...secrets, ...valuesOf(changes)])
        assert.ok(!text.includes(hidden), `${status}: ${text}`)
    }
  },
  isHttp,
)

forEach(
  'a destination that is not there is told as retry, and nothing was sent',
  async (context, one) => {
    const { write, fake } = await rig(context, one)
    await fake.close()
    const error = await errorOf(write(changesFor(one, 1)))
    assert.deepEqual([error.action, error.ambiguous], ['retry', false])
  },
  isHttp,
)

forEach(
  'the private network is not reached unless the destination allows it',
  async (context, one) => {
    const { write, fake } = await rig(context, one, { allow_private_network: false })
    assert.equal((await errorOf(write(changesFor(one, 1)))).action, 'stop')
    assert.equal(serverOf(fake).requests.length, 0)
  },
  isHttp,
)

forEach(
  'a job that is slow is running until it is done, and then says the same each time it is asked',
  async (context, one) => {
    const { connection, fake, held } = await rig(context, one)
    const batch = batchOf(one.object, changesFor(one, 3))
    jobsOf(fake).script({ kind: 'slow', polls: 2 })
    const jobId = await start(connection, batch)
    for (const _ of [1, 2]) assert.equal((await poll(connection, jobId, batch)).status, 'running')
    const done = { status: 'done', receipts: applied(batch.changes()) }
    for (const _ of [1, 2]) assert.deepEqual(await poll(connection, jobId, batch), done)
    assert.deepEqual(held(), batch.changes().map(rowOf))
  },
  isAsync,
)

for (const retry of [true, false])
  forEach(
    `a job that failed is told so, ${retry ? 'to be started again, which starts another one' : 'to be halved'}`,
    async (context, one) => {
      const { connection, fake, held } = await rig(context, one)
      const batch = batchOf(one.object, changesFor(one, 3))
      jobsOf(fake).script({ kind: 'failed', retry, error: 'broke' })
      const first = await start(connection, batch)
      assert.deepEqual(await poll(connection, first, batch), { status: 'failed', error: 'broke', retry })
      assert.deepEqual(held(), [])
      const second = await start(connection, batch)
      assert.notEqual(second, first)
      assert.equal((await poll(connection, second, batch)).status, 'done')
      assert.deepEqual(held(), batch.changes().map(rowOf))
    },
    isAsync,
  )

forEach(
  'a job that took only some rows has a receipt for each, in the order of the batch',
  async (context, one) => {
    const { write, fake, held } = await rig(context, one)
    const changes = changesFor(one, 4)
    const rejected: Receipt = { status: 'rejected', error: 'no such city' }
    const again: Receipt = { status: 'retry', error: 'locked' }
    const rows = new Map<number, Receipt>([
      [1, rejected],
      [3, again],
    ])
    jobsOf(fake).script({ kind: 'partial', rows })
    const taken: Receipt = { status: 'applied' }
    assert.deepEqual(await write(changes), [taken, rejected, taken, again])
    assert.deepEqual(held(), changes.filter((_, place) => !rows.has(place)).map(rowOf))
  },
  isAsync,
)

forEach(
  'a job that nobody knows any more is told as forgotten, and an unknown one too',
  async (context, one) => {
    const { connection, fake } = await rig(context, one)
    const batch = batchOf(one.object, changesFor(one, 2))
    jobsOf(fake).script({ kind: 'forgotten' })
    assert.deepEqual(await poll(connection, await start(connection, batch), batch), { status: 'forgotten' })
    assert.deepEqual(await poll(connection, 'job-999', batch), { status: 'forgotten' })
  },
  isAsync,
)

forEach(
  'a job is answered for to another connection than the one that started it, and started twice it arrives once',
  async (context, one) => {
    const { connection, fake, held } = await rig(context, one)
    const batch = batchOf(one.object, changesFor(one, 3))
    await start(connection, batch)
    const tools = createHttpTools({ clock: systemClock })
    context.after(() => tools.close())
    const later = (await one.entry.load()).connect(fake.settings, tools)
    const jobId = await start(later, batch)
    assert.equal((await poll(later, jobId, batch)).status, 'done')
    assert.deepEqual(held(), batch.changes().map(rowOf))
  },
  isAsync,
)

forEach(
  'a question that is not answered is told as such, and says nothing of the job',
  async (context, one) => {
    const { connection, fake, held } = await rig(context, one, { timeout_seconds: IMPATIENT_SECONDS })
    const batch = batchOf(one.object, changesFor(one, 2))
    const jobId = await start(connection, batch)
    const faults: readonly Fault[] = [
      { kind: 'answer', status: 429, headers: { 'retry-after': '7' } },
      { kind: 'answer', status: 500 },
      { kind: 'hang' },
      { kind: 'reset' },
    ]
    for (const fault of faults) {
      serverOf(fake).script(fault)
      assert.equal((await errorOf(poll(connection, jobId, batch))).action, 'retry')
    }
    assert.equal((await poll(connection, jobId, batch)).status, 'done')
    assert.deepEqual(held(), batch.changes().map(rowOf))
  },
  isAsync,
)

const VALUES = [
  'Zoë Ὀδυσσεύς 李 مرحبا 👩‍👩‍👧',
  '"quoted" \\ \'single\' </script>',
  'two\nlines\r\n\t\u2028',
  ' spaced ',
  '',
  null,
]

/** Larger caps are the engine's to keep; here it only matters that many rows fit in one batch. */
const MANY = 2000

const NONSENSE = [
  '',
  'null',
  '[]',
  '3',
  '"ok"',
  '<html></html>',
  '{"results":null}',
  '{"results":{}}',
  '{"results":[null]}',
  '{"results":[1,2,3,4]}',
  `{"results":${'['.repeat(500)}${']'.repeat(500)}}`,
  '{"results":',
]

function isHttp({ entry }: Case): boolean {
  return entry.manifest.settings.allow_private_network !== undefined
}

function isAsync({ definition }: Case): boolean {
  return definition.async === true
}

function jobsOf(fake: ConnectorFake): NonNullable<ConnectorFake['jobs']> {
  return fake.jobs ?? assert.fail('the fake has no jobs')
}

async function start(connection: Connection, batch: Batch): Promise<string> {
  assert.ok(connection.start !== undefined, 'the connection starts no jobs')
  const started = await connection.start(batch)
  assert.ok('jobId' in started, 'it was answered at once')
  return started.jobId
}

function poll(connection: Connection, jobId: string, batch: Batch): Promise<JobAnswer> {
  assert.ok(connection.poll !== undefined, 'the connection polls no jobs')
  const { changesJson: _, changes, ...known } = batch
  return connection.poll(jobId, { ...known, changes: async () => changes() })
}

/** As the engine does it, with a destination that is in no hurry but never slow. */
async function writeAsJob(connection: Connection, batch: Batch): Promise<readonly Receipt[]> {
  const answer = await poll(connection, await start(connection, batch), batch)
  assert.ok(answer.status === 'done', answer.status)
  return answer.receipts
}

function serverOf(fake: ConnectorFake): FakeServer {
  return fake.server ?? assert.fail('the fake has no server')
}

async function errorOf(work: Promise<unknown>): Promise<DestinationError> {
  const outcome = await work.catch((error) => error)
  assert.ok(outcome instanceof DestinationError, String(outcome))
  return outcome
}

function redirect(location: string): Fault {
  return { kind: 'answer', status: 307, headers: { location } }
}

function rowOf({ key, fields }: Change): HeldRow {
  return { key, fields }
}

/** Many APIs know no difference between an empty text and none. */
function withoutEmpty({ key, fields }: HeldRow): HeldRow {
  const values = Object.entries(fields).map(([name, value]) => [name, value === '' ? null : value])
  return { key, fields: Object.fromEntries(values) }
}

/** The first field takes the value. */
function withValue(change: Change, value: string | null): Change {
  const name = Object.keys(change.fields)[0] ?? ''
  return { ...change, fields: { ...change.fields, [name]: value } }
}

function secretsOf(manifest: Manifest, settings: Settings): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    if (manifest.settings[name]?.secret !== true || value === undefined) return []
    return typeof value === 'object' ? Object.values(value) : [String(value)]
  })
}

function valuesOf(changes: readonly Change[]): readonly string[] {
  return changes.flatMap(({ key, fields }) =>
    [...Object.values(key), ...Object.values(fields)].filter((value) => typeof value === 'string'),
  )
}
