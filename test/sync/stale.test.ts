import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONNECTORS } from '../../connectors/index.ts'
import { systemClock } from '../../src/base/clock.ts'
import type { ConnectorEntry } from '../../src/connector/types.ts'
import { openEngine } from '../support/engines.ts'
import { startReceiver } from '../support/receiver.ts'
import { labOn } from '../support/sync-lab.ts'

const LEASE_SECONDS = 60

/** The connector http, to which something happens whenever a batch was admitted and is not sent yet. */
function interrupted(happens: () => Promise<void>): ReadonlyMap<string, ConnectorEntry> {
  const http = CONNECTORS.get('http')
  assert.ok(http !== undefined)
  const load = async () => {
    const connector = await http.load()
    const connect: typeof connector.connect = (settings, tools, use) => {
      const connection = connector.connect(settings, tools, use)
      return {
        ...connection,
        async write(batch) {
          await happens()
          return connection.write(batch)
        },
      }
    }
    return { ...connector, connect }
  }
  return new Map([['http', { ...http, load }]])
}

for (const takenOver of [false, true])
  test(`a process that stood still between admitting a request and its bytes ${takenOver ? 'sends nothing when its lease was taken over' : 'sends it when it has proven its lease again'}`, async (context) => {
    const receiver = await startReceiver(context)
    const warehouse = await openEngine('postgres', context)
    let stoodMs = 0
    const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + stoodMs }
    const connectors = interrupted(async () => {
      if (stoodMs > 0) return
      stoodMs = LEASE_SECONDS * 1000
      assert.equal(receiver.requests.length, 0)
      if (takenOver)
        await second.execute({
          step: 'test',
          sql: "update sluice.leases set token = token + 1, run_id = 'rival'",
        })
    })
    const second = await warehouse.openSession()
    const lab = await labOn(
      warehouse,
      'postgres',
      `sources:
  - {name: people, query: "select 'p1' as id, 'A' as city", primary_key: id}
destinations:
  - {name: hook, connector: http, settings: {url: "${receiver.url}", allow_private_network: true, timeout_seconds: 1}}
syncs:
  - {name: out, source: people, to: hook.rows, match: {id: id}, map: {city: city}}
`,
      { connectors, leaseSeconds: LEASE_SECONDS },
    )
    const result = await lab.sync('out', { clock })
    assert.deepEqual(
      [result.status, result.error?.code, receiver.requests.length],
      takenOver ? ['failed', 'SLU5002', 0] : ['done', undefined, 1],
    )
  })
