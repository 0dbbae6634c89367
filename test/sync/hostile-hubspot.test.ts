import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { startFake } from '../../connectors/hubspot/fake.ts'
import { exitCodeOf } from '../../src/cli/exit-codes.ts'
import type { Fault } from '../../src/connector/fake-server.ts'
import type { SyncResult } from '../../src/sync/results.ts'
import { openEngine } from '../support/engines.ts'
import { FAST, type Lab, labOn } from '../support/sync-lab.ts'

const CANARY = 'canary'
const NAMES = ['ada', 'grace', 'linus'].map((name) => `${name}-${CANARY}@x.example`)
const TRIES = { ...FAST, retry: { ...FAST.retry, maxAttempts: 2 } }

interface Portal {
  readonly lab: Lab
  /** What the next requests meet: the question for the account, the one for properties, then the batches. */
  script(...faults: readonly Fault[]): void
  city(city: string): Promise<void>
  sync(): Promise<SyncResult>
  /** The cities of all contacts there. */
  cities(): readonly unknown[]
}

async function portal(context: TestContext): Promise<Portal> {
  const fake = await startFake()
  context.after(() => fake.close())
  const { access_token: token, base_url: url } = fake.settings
  const lab = await labOn(
    await openEngine('duckdb', context),
    'duckdb',
    `sources:
  - {name: rows, table: people, primary_key: id}
destinations:
  - {name: crm, connector: hubspot, settings: {access_token: "${token}", base_url: "${url}", allow_private_network: true, timeout_seconds: 1}}
syncs:
  - {name: out, source: rows, to: crm.contacts, match: {email: id}, map: {city: city}, guard: {max_rejected: 100%}}
`,
  )
  await lab.sql(
    'create table people (id varchar, city varchar)',
    `insert into people values ${NAMES.map((name) => `('${name}', 'A')`).join(', ')}`,
  )
  const one: Portal = {
    lab,
    script: (...faults) => fake.server?.script(...faults),
    city: (city) => lab.sql(`update people set city = '${city}'`),
    sync: () => lab.sync('out', { delivery: TRIES }),
    cities: () => fake.held('out', 'contacts').map(({ fields }) => fields.city),
  }
  assert.equal((await one.sync()).status, 'done')
  return one
}

const NONE: Fault = { kind: 'none' }

/** It does its work, and answers this. */
function answer(body: unknown, status = 200): Fault {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { kind: 'answer', applied: true, status, body: text }
}

const result = (trace: unknown) => ({ id: '1', objectWriteTraceId: trace, properties: { email: CANARY } })

/** What is answered to three contacts; all, or those that it tells nothing of, were perhaps written. */
const NONSENSE: Readonly<Record<string, readonly [body: unknown, unknown: number]>> = {
  nothing: ['', 3],
  'no JSON': [`ok ${CANARY}`, 3],
  'JSON that is cut off': ['{"status":"COMPLETE","results":[{"id":"1"', 3],
  'JSON of another shape': [{ [CANARY]: [1, 2, 3] }, 3],
  'results that are no list': [{ results: { length: 3 } }, 3],
  'results that are no contacts': [{ results: [1, null, CANARY] }, 3],
  fewer: [{ results: [result('0')] }, 2],
  more: [{ results: ['0', '1', '2', '3'].map(result) }, 0],
  'the same one three times': [{ results: ['1', '1', '1'].map(result) }, 2],
  'an index beyond the end, and one below zero': [{ results: ['0', '3', '-1'].map(result) }, 2],
  'contacts that were never sent': [
    { results: [1, 2, 3].map((n) => ({ id: `${n}`, properties: { email: `${n}@other.example` } })) },
    3,
  ],
  'errors about nobody': [{ results: [], errors: [{ category: 'VALIDATION_ERROR', message: CANARY }] }, 3],
  'an error that may have come after the work': [
    {
      results: [result('0'), result('1')],
      errors: [
        { category: 'INTERNAL_ERROR', message: `broke at ${CANARY}`, context: { objectWriteTraceId: ['2'] } },
      ],
    },
    1,
  ],
}

test('what HubSpot says nothing of was perhaps written, whatever else it says', async (context) => {
  const { lab, script, city, sync, cities } = await portal(context)
  let moves = 0
  for (const [name, [body, unknown]] of Object.entries(NONSENSE))
    await context.test(name, async () => {
      moves += 1
      await city(`B${moves}`)
      // Asked again it says no more: of rows that are alone, of their own places.
      const again = unknown === 0 ? [] : [answer(unknown === 3 ? body : '')]
      script(NONE, NONE, answer(body), ...again)
      const { status, rejected, applied, error } = await sync()
      const expected = [unknown > 0 ? 'partial' : 'done', unknown, 3 - unknown, undefined]
      assert.deepEqual([status, rejected, applied, error], expected)
      const receipts = await lab.rows("select reason from sluice.receipts where status = 'rejected'")
      assert.equal(receipts.length, unknown)
      for (const { reason } of receipts)
        assert.match(String(reason), /^(?:expected an answer for every row, found none|HubSpot: \S)/)
      assert.ok(!JSON.stringify(receipts).includes(CANARY))
      const [dirty] = await lab.rows('select count(*) as n from sluice.snapshot_out where hash is null')
      assert.equal(Number(dirty?.n), unknown)
    })
  await city('A')
  assert.equal((await sync()).status, 'done')
  assert.deepEqual(cities(), ['A', 'A', 'A'])
  assert.equal((await sync()).unchanged, 3)
})

const redirect = (location: string): Fault => ({
  kind: 'answer',
  status: 302,
  headers: { location },
  body: CANARY,
})

const REFUSED = /expected an address that requests may go to, found/

/** What comes instead of the account, and what is said of it. */
const STRANGE_ACCOUNTS: Readonly<Record<string, readonly [readonly Fault[], RegExp]>> = {
  'a redirect to a metadata service': [[redirect('http://169.254.169.254/latest')], REFUSED],
  'a redirect to NAT64': [[redirect('https://[64:ff9b::a9fe:a9fe]/')], REFUSED],
  'a redirect to 6to4': [[redirect('https://[2002:a9fe:a9fe::]/')], REFUSED],
  'a redirect to this host by zero': [[redirect('http://0.0.0.0/')], REFUSED],
  'a redirect to plain http in public': [[redirect('http://8.8.8.8/')], /expected https to a public address/],
  'a redirect with a password': [[redirect('https://a:b@x.example/')], /without a user name or password/],
  'a redirect in a circle': [
    new Array<Fault>(6).fill(redirect('/account-info/v3/details')),
    /was redirected more than 5 times/,
  ],
  'an HTML page': [[{ kind: 'answer', status: 200, body: `<html>${CANARY}` }], /200 and an HTML page/],
  nothing: [[{ kind: 'answer', status: 200, body: '' }], /expected HubSpot to name its portal/],
  'an account that is none': [
    [{ kind: 'answer', status: 200, body: `{"portalId":{"${CANARY}":1}}` }],
    /expected HubSpot to name its portal/,
  ],
  'an answer without end': [[{ kind: 'endless' }], /more than the 10 MB/],
}

test('an account that cannot be told stops the sync before anything is sent', async (context) => {
  const { lab, script, city, sync, cities } = await portal(context)
  await city('B')
  for (const [name, [faults, says]] of Object.entries(STRANGE_ACCOUNTS))
    await context.test(name, async () => {
      script(...faults)
      const { status, error, sentRows } = await sync()
      assert.deepEqual([status, error?.code, sentRows], ['failed', 'SLU5105', 0])
      assert.equal(exitCodeOf(error), 6)
      assert.match(error?.message ?? '', says)
      assert.match(error?.hint ?? '', /nothing was sent/)
      assert.ok(!JSON.stringify([error?.message, lab.warnings]).includes(CANARY))
    })
  assert.equal((await sync()).status, 'done')
  assert.deepEqual(cities(), ['B', 'B', 'B'])
})
