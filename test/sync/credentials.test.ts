import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { DestinationError } from '../../src/connector/errors.ts'
import type { Connector, ConnectorEntry, Manifest } from '../../src/connector/types.ts'
import { openEngine } from '../support/engines.ts'
import { FAST, openLab } from '../support/sync-lab.ts'

const PROJECT = `sources: [{name: people, table: people, primary_key: id}]
destinations: [{name: api, connector: tokens}]
syncs: [{name: out, source: people, to: api.people, match: {id: id}, map: {city: city}}]
`

const MANIFEST: Manifest = {
  name: 'tokens',
  title: 'An API whose tokens do not live long',
  verification: 'generic',
  settings: {},
  objects: {
    people: {
      description: 'People.',
      keys: undefined,
      keyNormalizers: {},
      modes: ['upsert'],
      idempotent: true,
      carriesSyncName: false,
      remove: 'none',
      batch: { maxItems: 5, maxBytes: 100_000 },
    },
  },
}

/** Each connection has a token of its own, which is good for so many writes. */
async function rig(context: TestContext, writesOf: (connection: number) => number) {
  const api = { connections: 0, writes: 0, refusals: 0, held: new Set<string>(), writesOf }
  const connector: Connector = {
    manifest: MANIFEST,
    connect() {
      api.connections += 1
      let left = api.writesOf(api.connections)
      return {
        account: async () => 'account 1',
        async write(batch) {
          left -= 1
          if (left < 0) {
            api.refusals += 1
            throw new DestinationError('refresh', { message: 'POST was answered with 401', status: 401 })
          }
          api.writes += 1
          for (const { key } of batch.changes()) api.held.add(String(key.id))
          return batch.changes().map(() => ({ status: 'applied' }) as const)
        },
      }
    },
  }
  const entry: ConnectorEntry = {
    manifest: MANIFEST,
    load: async () => connector,
    loadFake: () => Promise.reject(new Error('it is a fake itself')),
  }
  const connectors = new Map([['tokens', entry]])
  const lab = await openLab(context, 'duckdb', () => openEngine('duckdb', context), PROJECT, connectors)
  await lab.sql('create table people (id varchar(20), city varchar(20))')
  await lab.sql("insert into people select 'p' || i, 'A' from range(100) as r(i)")
  return { lab, api }
}

for (const window of [1, 4])
  test(`a run outlives any number of tokens, with ${window} in flight`, async (context) => {
    const { lab, api } = await rig(context, () => 3)
    const result = await lab.sync('out', { delivery: { ...FAST, window } })
    assert.deepEqual([result.status, result.error, result.applied], ['done', undefined, 100])
    assert.deepEqual([api.writes, api.held.size], [20, 100])
    assert.equal(api.connections, 7)
  })

test('tokens that let nobody in end the run at the second refusal, and the next run goes on there', async (context) => {
  const { lab, api } = await rig(context, (connection) => (connection <= 2 ? 3 : 0))
  const result = await lab.sync('out', { delivery: { ...FAST, window: 1 } })
  assert.deepEqual(
    [result.status, result.error?.code, result.error?.kind],
    ['failed', 'SLU5105', 'unavailable'],
  )
  assert.match(
    String(result.error?.hint),
    /^its credentials are not taken: renew them in its settings; nothing/,
  )
  assert.deepEqual([result.applied, result.rejected, result.pending], [30, 0, 70])
  // One for the token that ended, one for the next, which let nobody in, and no more.
  assert.deepEqual([api.connections, api.refusals], [3, 3])
  api.writesOf = () => 100
  const next = await lab.sync('out')
  assert.deepEqual([next.status, next.resumed, next.applied], ['done', true, 100])
  assert.deepEqual([api.writes, api.held.size], [20, 100])
})
