import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { startFake } from '../../connectors/slack/fake.ts'
import { connector } from '../../connectors/slack/index.ts'
import { systemClock } from '../../src/base/clock.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type { Batch, Change, Connection, ConnectorFake, Settings } from '../../src/connector/types.ts'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { batchOf } from '../support/batches.ts'
import { type Lab, labOn } from '../support/sync-lab.ts'

const CHANNEL = 'C0123456789'
const USUAL = '{sync}: {added} added, {changed} changed, {removed} removed'

async function fakeOf(context: TestContext): Promise<ConnectorFake> {
  const fake = await startFake()
  context.after(() => fake.close())
  return fake
}

function open(
  context: TestContext,
  fake: ConnectorFake,
  use: Settings = {},
  settings: Settings = {},
): Connection {
  const tools = createHttpTools({ clock: systemClock })
  context.after(() => tools.close())
  const sync = { channel: CHANNEL, text: USUAL, ...use }
  return connector.connect({ ...fake.settings, ...settings }, tools, { object: 'messages', settings: sync })
}

const CHANGES: readonly Change[] = [
  { op: 'add', key: { email: 'canary-1@example.com' }, fields: { city: 'Canary Wharf' } },
  { op: 'add', key: { email: 'canary-2@example.com' }, fields: { city: null } },
  { op: 'change', key: { email: 'canary-3@example.com' }, fields: { city: 'Canary Islands' } },
  { op: 'remove', key: { email: 'canary-4@example.com' }, fields: {} },
]

const batch = (changes = CHANGES): Batch => batchOf('messages', changes)
const textsOf = (fake: ConnectorFake) => fake.held('', 'messages').map(({ fields }) => fields.text)

async function errorOf(work: Promise<unknown>): Promise<DestinationError> {
  const error = await work.catch((thrown: unknown) => thrown)
  assert.ok(error instanceof DestinationError, String(error))
  return error
}

test('a batch is one message that counts, and a receipt for each row', async (context) => {
  const fake = await fakeOf(context)
  const receipts = await open(context, fake).write(batch())
  assert.deepEqual(
    receipts,
    [1, 2, 3, 4].map(() => ({ status: 'applied' })),
  )
  assert.deepEqual(textsOf(fake), ['conformance: 2 added, 1 changed, 1 removed'])
})

test('the text is the one of the sync, and a brace that nothing is filled in for stops before the first message', async (context) => {
  const fake = await fakeOf(context)
  await open(context, fake, { text: ':tada: {added} more, {removed} fewer; {added}!' }).write(batch())
  assert.deepEqual(textsOf(fake), [':tada: 2 more, 1 fewer; 2!'])
  for (const wrong of ['{email} came', '{} came', '{Added} came']) {
    const error = await errorOf(open(context, fake, { text: wrong }).account())
    assert.equal(error.action, 'stop')
    assert.match(error.message, /expected \{sync\}, \{added\}.* in the setting text, found \{\w*\}/)
  }
})

test('the account is the workspace with the channel, and without a sync the workspace', async (context) => {
  const fake = await fakeOf(context)
  assert.equal(await open(context, fake).account(), `workspace T0FAKE, channel ${CHANNEL}`)
  const tools = createHttpTools({ clock: systemClock })
  context.after(() => tools.close())
  assert.equal(await connector.connect(fake.settings, tools).account(), 'workspace T0FAKE')
})

test('a refusal that comes as 200 is one, with its code and the setting that is to be mended', async (context) => {
  const fake = await fakeOf(context)
  const refusals = [
    [{ channel: 'C0NOWHERE' }, /channel_not_found; correct the setting channel of the sync/],
    [{ channel: 'C0ARCHIVED' }, /is_archived; the channel of the sync is archived/],
    [{ text: ' ' }, /no_text; the setting text/],
    [{ text: 'x'.repeat(40_001) }, /msg_too_long; shorten the setting text/],
  ] as const
  for (const [use, expected] of refusals) {
    const error = await errorOf(open(context, fake, use).write(batch()))
    assert.equal(error.action, 'stop')
    assert.match(error.message, expected)
  }
  const wrong = await errorOf(open(context, fake, {}, { token: 'xoxb-wrong' }).write(batch()))
  assert.equal(wrong.action, 'refresh')
  assert.match(wrong.message, /invalid_auth; correct the setting token; check token/)
  assert.deepEqual(textsOf(fake), [])
})

test('each code of Slack is told as what is to be done about it', async (context) => {
  const fake = await fakeOf(context)
  const connection = open(context, fake)
  for (const [body, action, ambiguous] of [
    [{ ok: false, error: 'ratelimited' }, 'retry', false],
    [{ ok: false, error: 'rate_limited' }, 'retry', false],
    [{ ok: false, error: 'token_expired' }, 'refresh', false],
    [{ ok: false, error: 'not_authed' }, 'refresh', false],
    [{ ok: false, error: 'token_revoked' }, 'stop', false],
    [{ ok: false, error: 'not_in_channel' }, 'stop', false],
    [{ ok: false, error: 'a_code_that_is_new' }, 'stop', false],
    [{ ok: false, error: 'fatal_error' }, 'retry', true],
    [{ ok: false }, 'retry', true],
    [{}, 'retry', true],
    [{ ok: 'true' }, 'retry', true],
  ] as const) {
    fake.server?.script({ kind: 'answer', status: 200, body: JSON.stringify(body) })
    const error = await errorOf(connection.write(batch()))
    assert.deepEqual([error.action, error.ambiguous], [action, ambiguous], JSON.stringify(body))
  }
})

test('no value of a row is in any request of a sync, from a table to the channel', async (context) => {
  const { fake, lab } = await shop(context)
  await lab.sql(
    `insert into people values ('canary-1@example.com', 'Canary Wharf'), ('canary-2@example.com', null)`,
  )
  assert.equal((await lab.sync('vips')).status, 'done')
  // Nothing changed: nothing is said.
  assert.equal((await lab.sync('vips')).status, 'done')
  await lab.sql(`update people set city = 'Canary Row' where city is null`)
  await lab.sql(`delete from people where email = 'canary-1@example.com'`)
  await lab.sql(`insert into people values ('canary-3@example.com', 'Canary Bay')`)
  const { status, applied } = await lab.sync('vips')
  assert.deepEqual([status, applied], ['done', 3])
  assert.deepEqual(textsOf(fake), [
    'vips: 2 added, 0 changed, 0 removed',
    // Removals go first, as batches of their own.
    'vips: 0 added, 0 changed, 1 removed',
    'vips: 1 added, 1 changed, 0 removed',
  ])
  for (const { path, body, headers } of fake.server?.requests ?? assert.fail())
    assert.doesNotMatch(`${path} ${body} ${JSON.stringify({ ...headers, authorization: '' })}`, /canary/i)
})

test('a token that stays refused ends the run, and the next run posts what this one had to say', async (context) => {
  const { fake, lab } = await shop(context)
  await lab.sql(`insert into people values ('canary-1@example.com', 'Canary Wharf')`)
  const refuse = { kind: 'answer', status: 200, body: '{"ok":false,"error":"invalid_auth"}' } as const
  fake.server?.script({ kind: 'none' }, refuse, refuse)
  assert.equal((await lab.sync('vips')).status, 'failed')
  assert.deepEqual(textsOf(fake), [])
  assert.equal((await lab.sync('vips')).status, 'done')
  assert.deepEqual(textsOf(fake), ['vips: 1 added, 0 changed, 0 removed'])
})

async function shop(context: TestContext): Promise<{ readonly fake: ConnectorFake; readonly lab: Lab }> {
  const fake = await fakeOf(context)
  const settings = new Map([['path', ':memory:']])
  const warehouse = await openWarehouse({ type: 'duckdb', directory: '.', settings, runId: 'slack' })
  context.after(() => warehouse.close())
  const destinations = JSON.stringify([{ name: 'chat', connector: 'slack', settings: fake.settings }])
  const lab = await labOn(
    warehouse,
    'duckdb',
    `sources: [{name: people, table: people, primary_key: email}]
destinations: ${destinations}
syncs:
  - name: vips
    source: people
    to: chat.messages
    mode: mirror
    match: {email: email}
    map: {city: city}
    settings: {channel: ${CHANNEL}}
    guard: {max_remove: 100%}
`,
  )
  await lab.sql('create table people (email varchar, city varchar)')
  return { fake, lab }
}
