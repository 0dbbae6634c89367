import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openerOf } from '../openers.ts'
import { countsOf } from '../scene/counts.ts'
import { recorded } from '../scene/recorder.ts'
import { playIdentity, playLimits, playProfiles } from './play-identity.ts'
import { playCommits } from './play-ledger.ts'

for (const { what, play } of [
  { what: 'identity', play: playIdentity },
  { what: 'limits', play: playLimits },
  { what: 'changed fields', play: playProfiles },
  { what: 'commits', play: playCommits },
])
  test(`${what}: every step looks at as many rows on PostgreSQL as on DuckDB`, async (context) => {
    const counts = []
    for (const engine of ['duckdb', 'postgres'] as const) {
      const { warehouse, statements } = recorded(await openerOf(engine)(context))
      await play(context, warehouse, () => {})
      counts.push(countsOf(statements))
    }
    const [duckdb = [], postgres] = counts
    assert.ok(duckdb.length > 100, `${duckdb.length} steps`)
    assert.deepEqual(postgres, duckdb)
  })
